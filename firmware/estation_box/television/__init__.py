"""The TV that happens to be there."""
