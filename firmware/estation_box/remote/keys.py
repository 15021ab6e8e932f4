"""The keys of a remote control, whichever way they come: HDMI-CEC, infrared, or the `estation` command."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Key(StrEnum):
    """One key, as people would name it."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    OK = "ok"
    BACK = "back"
    MENU = "menu"
    INFO = "info"
    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"
    NEXT = "next"
    REWIND = "rewind"
    LANGUAGE = "language"
    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"

    @property
    def digit(self) -> int | None:
        """Its number; None where it has none."""
        return int(self.value) if self.value.isdecimal() else None


CEC_KEYS: Final = {
    0x00: Key.OK, 0x01: Key.UP, 0x02: Key.DOWN, 0x03: Key.LEFT, 0x04: Key.RIGHT,
    0x09: Key.MENU, 0x0A: Key.MENU, 0x0B: Key.MENU, 0x0D: Key.BACK, 0x10: Key.MENU, 0x11: Key.MENU,
    0x2B: Key.OK, 0x33: Key.LANGUAGE, 0x35: Key.INFO,
    0x44: Key.PLAY, 0x45: Key.STOP, 0x46: Key.PAUSE, 0x48: Key.REWIND, 0x4B: Key.NEXT, 0x4C: Key.REWIND,
    0x51: Key.LANGUAGE, 0x53: Key.INFO, 0x60: Key.PLAY, 0x61: Key.PAUSE, 0x64: Key.STOP,
    **{0x20 + digit: Key(str(digit)) for digit in range(10)},
}  # fmt: skip
"""What «User Control Pressed» names (HDMI 1.4b, CEC table 27). Fast forward is none of ours: nothing is skimmed."""

EVDEV_KEYS: Final = {
    103: Key.UP, 108: Key.DOWN, 105: Key.LEFT, 106: Key.RIGHT, 28: Key.OK, 352: Key.OK, 353: Key.OK,
    1: Key.BACK, 158: Key.BACK, 174: Key.BACK, 139: Key.MENU, 141: Key.MENU, 102: Key.MENU, 358: Key.INFO,
    207: Key.PLAY, 164: Key.PLAY, 200: Key.PLAY, 119: Key.PAUSE, 201: Key.PAUSE, 128: Key.STOP, 166: Key.STOP,
    407: Key.NEXT, 163: Key.NEXT, 412: Key.REWIND, 165: Key.REWIND, 168: Key.REWIND,
    368: Key.LANGUAGE, 392: Key.LANGUAGE,
    11: Key.DIGIT_0, **{1 + digit: Key(str(digit)) for digit in range(1, 10)},
    **{512 + digit: Key(str(digit)) for digit in range(10)},
}  # fmt: skip
"""What the kernel calls the keys of an infrared remote (linux/input-event-codes.h)."""
