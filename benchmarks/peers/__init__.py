"""Engines side by side: a process for each, jobs and answers as JSON lines, tables of ratios."""
