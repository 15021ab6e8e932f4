"""Why the box came up: from what was found at boot to one word for the journal. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from estation_wire.records import BootCause

CARD_RESET: Final = 0x20  # WDIOF_CARDRESET of linux/watchdog.h: the last reset was the watchdog's
POWER_ON: Final = 0x1000  # HADPOR of the SoC's PM_RSTS: power came
WATCHDOG_BITS: Final = 0x70  # HADWRF, HADWRQ, HADWRH: the chip's watchdog, by which the kernel also reboots


class Facts(NamedTuple):
    """What was found. None: it could not be asked.

    ``boot``: this boot. ``ended``: the boot that core last left in order. ``wanted``: boot and unit of a reboot by
    `estation-safe` that was not yet written down.
    """

    boot: str
    ended: str = ""
    wanted: tuple[str, str] = ("", "")
    supervisor_cut: bool = False
    watchdog_status: int | None = None
    reset_register: int | None = None


class Cause(NamedTuple):
    """The word for the journal, and the unit or the part that it was about."""

    why: BootCause
    about: str = ""


def cause(facts: Facts) -> Cause:
    """The best that is known. What somebody wanted goes before the chip's word: a reboot sets its bits too."""
    if facts.supervisor_cut:
        return Cause("supervisor", "supervisor")
    boot, unit = facts.wanted
    if unit and boot != facts.boot:
        return Cause("fault", unit)
    if (facts.reset_register or 0) & POWER_ON:
        return Cause("power")
    by_watchdog = (facts.watchdog_status or 0) & CARD_RESET or (facts.reset_register or 0) & WATCHDOG_BITS
    if facts.ended and facts.ended != facts.boot:
        return Cause("command" if by_watchdog else "power", "left in order")
    if by_watchdog:
        return Cause("watchdog", "chip")
    known = facts.reset_register is not None or facts.watchdog_status is not None
    return Cause("power") if known else Cause("unknown")
