"""Which programmes we hold, and whether we may trust them."""
