"""What somebody must know before they look: found, told once, to the right people, until it is over or acknowledged."""
