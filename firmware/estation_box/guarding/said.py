"""What `estation-safe` says on the screen."""

from __future__ import annotations

from typing import Final

from estation_box.words import say

TITLE: Final = say("This box has a fault")
WORDS: Final = say(
    "{unit} failed again and again. The box tries again by itself: leave it on. Tomorrow as well? Scan the code and "
    "send its words to the office."
)
CODE: Final = say("Code {code}")
CONSOLE: Final = (
    "E-Station: {unit} failed again and again (code {code}). The box tries again by itself: leave the power on."
)


def code(unit: str, times: int) -> str:
    """A short name of the fault, for the telephone: which unit, and how often in this boot it came to this."""
    return f"{unit.removeprefix('estation-').removesuffix('.service').upper()}-{times}"


def report(unit: str, times: int, *, box: str, boot: str, minutes: int, firmware: str) -> str:
    """What the card's code says to a telephone that reads it; plain words, since no page may be reached from there.

    ``box``: the station, or the board's serial number of a box that has no name. No person's data.
    """
    return "\n".join(
        [f"科普e站 E-Station {code(unit, times)}", box[:64], f"{firmware} boot {boot[:8]}, up {minutes} min"]
    )
