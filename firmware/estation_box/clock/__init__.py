"""What time it is, and how far that can be believed."""
