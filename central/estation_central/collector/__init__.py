"""What boxes report: taken off the broker, stored exactly once, acknowledged."""
