"""A stick that gives a box its name, keys and place."""
