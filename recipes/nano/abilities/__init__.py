"""What nano learns, one file per ability; each makes examples that train and, from other parts of its world, test."""
