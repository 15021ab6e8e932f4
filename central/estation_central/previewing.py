"""What a station will show in the coming fortnight, and why not: the box's own planner, asked at the centre.

It reads the documents that the studio publishes (or a stick holds) and a station's profile; no box is asked.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from estation_central.publication import coming
from estation_wire.decoding import decoder
from estation_wire.errors import WireError
from estation_wire.expansion import Expanded, closures
from estation_wire.hours import Hours
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Catalogue, Programme, decode_document
from estation_wire.planner import SENTENCES, Why, preview
from estation_wire.profile import PROFILE_LIMIT_BYTES, Profile, decode_envelope

MAX_DAYS: Final = 60
D = TypeVar("D", Programme, Catalogue)


class PreviewError(Exception):
    """Something that is needed cannot be read; the text says what to do."""


def run(options: argparse.Namespace) -> int:
    """``estation-central preview``: one line a session; 2 with a plain word where a document cannot be read."""
    begin = datetime.fromisoformat(options.begin).astimezone(UTC) if options.begin else datetime.now(UTC)
    try:
        profile = read_profile(options.profile)
        programme = _document(options.library, PROGRAMME_NAME, Programme)
        catalogue = _document(options.library, CATALOGUE_NAME, Catalogue)
    except PreviewError as error:
        sys.stderr.write(f"estation-central: {error}\n")
        return 2
    for line in lines(profile, programme, catalogue, begin, timedelta(days=min(options.days, MAX_DAYS))):
        sys.stdout.write(f"{line}\n")
    return 0


def planned(
    profile: Profile, programme: Programme, catalogue: Catalogue, begin: datetime, days: timedelta
) -> tuple[Hours, Expanded]:
    """The station's hours and its slots from ``begin`` on, exactly as its box works them out."""
    hours = Hours(profile.calendar, ZoneInfo(profile.timezone), closures(programme, profile.place))
    seconds = float(profile.minimum.seconds)
    slots = coming.expanded(
        programme, catalogue, profile.place, hours=hours, begin=begin, days=days, minimum_seconds=seconds
    )
    return hours, slots


def lines(profile: Profile, programme: Programme, catalogue: Catalogue, begin: datetime, days: timedelta) -> list[str]:
    """The preview for a terminal: when, how long, which rule, whether it is shown, and the reason."""
    hours, expanded = planned(profile, programme, catalogue, begin, days)
    told = []
    for slot, why, detail in preview(expanded.slots, hours, float(profile.minimum.seconds)):
        local = slot.start.astimezone(hours.zone)
        mark = "✓" if why is Why.PLANNED else "–"
        counts = "" if slot.counting >= profile.minimum.seconds else "  (too short to count)"
        reason = " · ".join((*SENTENCES[why], *([detail] if detail else [])))
        told.append(f"{mark} {local:%a %d %b %H:%M %Z} {slot.length / 60:5.1f} min  {slot.rule}: {reason}{counts}")
    told += [f"! rule {rule}: {reason}" for rule, reason in expanded.refused]
    return told or ["nothing is planned for this station"]


def read_profile(path: Path) -> Profile:
    """A station's profile, as it is signed for the stick; raises `PreviewError`."""
    try:
        payload, _ = decode_envelope(_bytes(path, PROFILE_LIMIT_BYTES))
        return decoder(Profile).decode(payload)
    except (WireError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        msg = f"{path}: no profile ({error}); take STATION.json from the studio's folder `profiles`"
        raise PreviewError(msg) from None


def _document(library: Path, name: str, type_: type[D]) -> D:
    """The newest document of that name in ``library``/targets; raises `PreviewError`."""
    found = []
    for path in (library / "targets").glob(f"*.{name}"):
        try:
            found.append(decode_document(type_, path.read_bytes()))
        except (WireError, OSError):
            continue
    if not found:
        msg = f"{library}/targets holds no {name}: name the studio's folder `repository`, or a stick's ESTATION/library"
        raise PreviewError(msg)
    return max(found, key=lambda document: document.version)


def _bytes(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        msg = f"{path}: {error.strerror}"
        raise PreviewError(msg) from None
