"""How nano, a tiny checkpoint of the same architecture, is made: data, training, export. ``make nano`` runs all of it."""
