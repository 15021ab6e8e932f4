"""Simulators: years of halls in seconds, by the very rules that run in a box."""
