"""The centre's own health: copies that can be put back, and a look at everything it stands on."""
