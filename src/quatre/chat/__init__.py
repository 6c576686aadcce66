"""Messages ↔ tokens. Knows no engine."""
