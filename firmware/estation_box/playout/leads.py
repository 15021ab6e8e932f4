"""Which of a Raspberry Pi's leads the picture and the sound take, and what of that is not there. Pure.

The picture goes on whatever is missing: by the other lead, without sound, on HDMI instead of composite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from estation_box.settings import Lead

Outlet = Literal["hdmi", "jack"]
Lack = Literal["composite", "hdmi-sound", "jack-sound"]
"""What `box.toml` asks for and this machine does not have."""

CARDS: Final[dict[Outlet, tuple[str, ...]]] = {
    "hdmi": ("vc4hdmi", "vc4hdmi0", "vc4hdmi1"),  # of the kernel's vc4; a Pi 4 has two, the first is beside the power
    "jack": ("Headphones",),  # of its snd-bcm2835
}
"""ALSA's names of the two outlets' cards."""
COMPOSITE: Final = "Composite-1"  # the connector's name, to the kernel and to libmpv
ANY_DEVICE: Final = "auto"


class Sound(NamedTuple):
    """Where the sound goes: libmpv's name of the device, and what is lacking."""

    device: str
    lack: Lack | None = None


def sound(lead: Lead, cards: Sequence[str]) -> Sound:
    """The device among ALSA's ``cards``. What is not there makes way for the other outlet, then for ALSA's own choice.

    It is lacking only where `box.toml` names it: on another machine than a Pi nobody misses its outlets.
    """
    wanted: Outlet = lead.sound or ("jack" if lead.picture == "composite" else "hdmi")
    other: Outlet = "hdmi" if wanted == "jack" else "jack"
    asked = lead.sound is not None or lead.picture == "composite"
    lack: Lack = "jack-sound" if wanted == "jack" else "hdmi-sound"
    for outlet in (wanted, other):
        found = next((card for card in CARDS[outlet] if card in cards), None)
        if found is not None:
            return Sound(f"alsa/default:CARD={found}", lack if asked and outlet != wanted else None)
    return Sound(ANY_DEVICE, lack if asked else None)


def connector(lead: Lead, connectors: Sequence[str]) -> tuple[str, Lack | None]:
    """The kernel's connector to name to libmpv, empty for its own choice; ``connectors``: those that are lit."""
    if lead.picture != "composite":
        return "", None
    return (COMPOSITE, None) if COMPOSITE in connectors else ("", "composite")
