"""The supervisor on the carrier board: cuts and restores the box's power when nothing else helps. MicroPython, Pico."""
