"""Causes nobody has named yet, and known causes whose wording shifts: documents in, findings out."""
