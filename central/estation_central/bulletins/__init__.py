"""Bulletins that are written here, signed elsewhere, and carried to the boxes; and their recall."""
