"""Lines of the carrier board that gpiozero holds, by BCM number: made from hw/pins.toml by `make hw`; do not edit."""

from __future__ import annotations

from typing import Final

BUTTON: Final = 17  # pin 11 of the header: in
LIGHT: Final = 27  # pin 13 of the header: out
RELAY: Final = 22  # pin 15 of the header: out
MCU_RESET: Final = 24  # pin 18 of the header: out
