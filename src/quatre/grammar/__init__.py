"""The form of answers: JSON schemas, regular expressions, choices and grammars → masks over token ids (llguidance)."""
