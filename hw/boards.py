"""gpiozero's own tables of the boards: the second opinion on where a pin of the Pi is and what it can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gpiozero import pi_info  # type: ignore[import-untyped]  # gpiozero brings no types

from hw.pins import PiPin

REVISIONS: Final[Mapping[str, str]] = {  # one revision code of each model, as /proc/cpuinfo says it
    "3B": "a02082",
    "3B+": "a020d3",
    "4B": "b03111",
    "Zero2W": "902120",
    "5B": "c04170",
}
_RP1_UART0: Final = (14, 15)
"""gpiozero 2.0.1 names no UART at these pins of a Pi 5; RP1's datasheet does (function a4)."""


def headers() -> dict[str, dict[int, PiPin]]:
    """The 40-pin header of each model that the box runs on."""
    return {model: _header(model, code) for model, code in REVISIONS.items()}


def _header(model: str, code: str) -> dict[int, PiPin]:
    info = pi_info(code)
    if info.model != model:
        msg = f"gpiozero takes revision {code} for a {info.model}, not for a {model}"
        raise ValueError(msg)
    added = {f"GPIO{bcm}" for bcm in _RP1_UART0} if model == "5B" else set()
    return {
        number: PiPin(name=pin.name, uses=frozenset(pin.interfaces) | ({"uart"} if pin.name in added else set()))
        for number, pin in info.headers["J8"].pins.items()
    }
