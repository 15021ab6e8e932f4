"""What the broker is told: listeners, and who may touch which branch."""
