"""Stands for micropython-lib's `neopixel` where no checkout is given: what is used of it, over the port's bitstream."""

from machine import bitstream

WS2812_NS = (400, 850, 800, 450)  # its data sheet: a short and a long bit, light and dark


class NeoPixel:
    def __init__(self, pin, n):
        self.pin = pin
        self.pin.init(pin.OUT)
        self._colours = bytearray(3 * n)

    def __setitem__(self, place, colour):
        red, green, blue = colour
        self._colours[3 * place : 3 * place + 3] = bytes((green, red, blue))

    def write(self):
        bitstream(self.pin, 0, WS2812_NS, self._colours)
