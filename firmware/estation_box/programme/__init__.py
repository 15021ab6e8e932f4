"""What should be on the screen, when, and why."""
