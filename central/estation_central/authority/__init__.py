"""The private authority: who may speak for a station."""
