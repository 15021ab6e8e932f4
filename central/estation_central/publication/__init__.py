"""What the studio published, as far as the centre believes it: its documents, and who may speak to which place."""
