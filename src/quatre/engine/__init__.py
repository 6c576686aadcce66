"""Requests → tokens. One thread, one loop; knows token ids only, never text."""
