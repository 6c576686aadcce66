"""HTTP in, server-sent events out. Knows no model and no kernel."""
