"""How nano, the built-in checkpoint, is made: data, training, export. ``make nano`` runs all of it."""
