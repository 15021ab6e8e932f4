"""The carrier board: its one list of pins, and what is made from it and checked by it."""
