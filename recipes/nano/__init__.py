"""How nano, a tiny checkpoint, is made: data, training, export. ``make nano`` runs all of it."""
