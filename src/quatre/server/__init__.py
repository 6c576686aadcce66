"""HTTP in, server-sent events out. Knows no model and no kernel."""

from quatre.server import fastapi_lean  # noqa: F401
