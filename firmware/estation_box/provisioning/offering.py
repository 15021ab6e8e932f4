"""What a stick offers a bare box: which of its profiles other boxes took, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from estation_box.library.interfaces import Stick, StickError
from estation_box.library.receipt import RECEIPT_LIMIT_BYTES, Receipt
from estation_box.provisioning.choosing import Candidate
from estation_box.provisioning.rules import zone_exists
from estation_wire import stick as layout
from estation_wire.decoding import decoder
from estation_wire.errors import WireError
from estation_wire.profile import PROFILE_LIMIT_BYTES, Profile, decode_envelope


def claims(stick: Stick, stations: Iterable[str]) -> dict[str, datetime]:
    """The stations that some box has taken from this stick already, by the receipts on it, and when.

    A newer profile for the same station is claimed only by a receipt of its own epoch, which `judge` cannot see:
    so the epoch of the profile is read from the envelope, unverified; it decides nothing but the choice.
    """
    claimed = {}
    for station in stations:
        try:
            raw = stick.read(f"{layout.returned(station)}/{layout.RECEIPT}", RECEIPT_LIMIT_BYTES)
            receipt = decoder(Receipt).decode(raw)
            offered = msgspec.json.decode(
                decode_envelope(stick.read(layout.profile(station), PROFILE_LIMIT_BYTES))[0], type=Profile
            ).epoch
        except (StickError, WireError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
            continue
        if receipt.epoch >= max(offered, 1):
            claimed[station] = receipt.at
    return claimed


def candidate(profile: Profile, taken: datetime | None) -> Candidate:
    """A profile as the screen offers it; ``taken``: when another box took it."""
    zone = ZoneInfo(profile.timezone if zone_exists(profile.timezone) else "UTC")  # nobody has judged this one
    done = f"{taken.astimezone(zone):%H:%M}" if taken is not None else ""
    return Candidate(station=profile.station, name=profile.name, done=done)
