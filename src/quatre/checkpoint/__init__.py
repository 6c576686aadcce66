"""Files → a loaded model. No pickle, no code from checkpoints, every length checked before use."""
