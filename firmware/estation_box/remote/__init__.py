"""The keys of a remote, whatever brings them, and the menu that they steer."""
