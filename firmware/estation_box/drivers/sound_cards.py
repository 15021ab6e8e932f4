"""What the kernel knows of this machine's sound: ALSA's cards, by their short names.

``/proc/asound/cards`` has two lines for each, such as::

     0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi
                          vc4-hdmi
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

CARDS: Final = Path("/proc/asound/cards")
MAX_BYTES: Final = 8192  # ALSA knows at most 32 cards
_CARD: Final = re.compile(r"^ *\d+ \[(\w+) *\]:", re.MULTILINE)


def sound_cards(path: Path = CARDS) -> tuple[str, ...]:
    """The cards' names in the kernel's order; none where there are none. Never raises."""
    try:
        with path.open("rb") as file:
            return tuple(_CARD.findall(file.read(MAX_BYTES).decode("ascii", "replace")))
    except OSError:
        return ()
