"""What the doctor says of what he found. Pure: measured values in, words out."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

DISK_LOW: Final = 5 * 1024**3  # some months of records of a prefecture; a full disk stops the collector
DISK_OUT: Final = 512 * 1024**2
CERTIFICATE_SOON: Final = timedelta(days=60)
CLOCK_OFF: Final = timedelta(seconds=5)  # of the database's machine: records are dated by ours, tables by theirs
QUIET_AFTER: Final = timedelta(minutes=15)
COPY_OLD: Final = timedelta(days=2)


class Mark(StrEnum):
    """How a finding is meant."""

    FINE = "ok"
    LOOK = "look"
    FAULT = "FAULT"


class Said(Struct, frozen=True):
    """One line of the doctor."""

    mark: Mark
    what: str
    words: str


def disk(free: int) -> Said:
    """Bytes that are free where the state folder lies."""
    words = f"{free / 1024**3:.1f} GiB free"
    if free < DISK_OUT:
        return Said(Mark.FAULT, "disk", f"{words}: make room now, the collector is about to stop")
    return Said(Mark.LOOK if free < DISK_LOW else Mark.FINE, "disk", words)


def certificate(what: str, ends: datetime, now: datetime) -> Said:
    """When a certificate ends."""
    left = ends - now
    if left <= timedelta(0):
        return Said(Mark.FAULT, what, f"ended {ends:%Y-%m-%d}: boxes refuse it; run `estation-central init` again")
    words = f"{left.days} days left"
    if left < CERTIFICATE_SOON:
        return Said(Mark.LOOK, what, f"{words}: run `estation-central init` again, and let the broker read it")
    return Said(Mark.FINE, what, words)


def clock(theirs: datetime, ours: datetime) -> Said:
    """The database's hour beside ours."""
    off = abs(theirs - ours)
    words = f"{off.total_seconds():.1f} s from the database's"
    return Said(Mark.FINE if off < CLOCK_OFF else Mark.FAULT, "clock", words)


def synchronised(told: str) -> Said:
    """What systemd says of the machine's own clock: ``yes``, ``no``, or nothing where there is no systemd."""
    if told == "yes":
        return Said(Mark.FINE, "time", "kept by the network")
    words = "nobody keeps this machine's clock: install chrony or systemd-timesyncd"
    return Said(Mark.LOOK, "time", words if told == "no" else "not known: systemd does not answer here")


def heard(last: datetime | None, now: datetime) -> Said:
    """When any station was heard."""
    if last is None:
        return Said(Mark.LOOK, "stations", "none was ever heard")
    words = f"heard {int((now - last).total_seconds())} s ago"
    return Said(Mark.FINE if now - last < QUIET_AFTER else Mark.LOOK, "stations", words)


def tables(behind: int) -> Said:
    """How many migrations are not applied."""
    if behind:
        return Said(Mark.FAULT, "tables", f"{behind} changes behind the program: run `estation-central migrate`")
    return Said(Mark.FINE, "tables", "those of this program")


def copied(made: datetime | None, now: datetime) -> Said:
    """When the newest copy was made."""
    if made is None:
        return Said(Mark.LOOK, "copy", "there is none: run `estation-central backup` by a timer")
    words = f"the newest is {(now - made).days} days old"
    return Said(Mark.FINE if now - made < COPY_OLD else Mark.LOOK, "copy", words)
