"""How numbers are stored. One file per kernel format, NumPy only."""
