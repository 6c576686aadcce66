"""How well a model answers: cases with known answers, asked over HTTP, at several reasoning efforts side by side."""
