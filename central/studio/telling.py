"""What the studio says on a terminal: plain lines, made of values. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from studio import recipe
from studio.checking import Checked
from studio.house_profile import TO_DO, Declared
from studio.source import ItemSource
from studio.stick import Load

MIB: Final = 1024 * 1024
FACTS_LIFE: Final = timedelta(days=3 * 365)  # science moves, and so do telephone numbers


class Lack(NamedTuple):
    """What is missing, in both languages."""

    en: str
    zh: str


def of_files(checked: Sequence[Checked], declared: Declared) -> Iterator[str]:
    """Each file with its faults, and the sum at the end."""
    for one in checked:
        if one.refusal:
            yield f"{one.name}: cannot be used: {one.refusal}"
        elif one.made is not None:
            yield f"{one.name}: ready (made for it: {one.made.stat().st_size / MIB:.1f} MiB{_loud(one)})"
        elif not one.faults:
            yield f"{one.name}: ready{_loud(one)}"
        else:
            yield f"{one.name}: " + ("can be shown, but" if one.ready else "cannot be shown:")
            yield from (f"  - {fault.en}" for fault in one.faults)
            yield f"  {TO_DO[0]}"
        if one.probed and one.probed.tracks:
            spoken = ", ".join(f"{track.kind} {track.number} {track.language}" for track in one.probed.tracks)
            yield f"  tracks: {spoken}"
    faulty = [one for one in checked if one.fixable]
    ready = sum(one.ready for one in checked)
    yield f"{len(checked)} files: {ready} ready to publish, {len(checked) - ready} not"
    if faulty:
        work = [recipe.expected(one.probed.kind, one.probed.seconds, declared) for one in faulty if one.probed]
        size, minutes = sum(one.bytes for one in work) / MIB, sum(one.seconds for one in work) / 60
        yield f"--fix would make {len(faulty)} of them anew: about {size:.0f} MiB and {minutes:.0f} minutes"


def _loud(one: Checked) -> str:
    heard = [level for level in one.loudness if level is not None]
    return ", " + " / ".join(f"{level:.1f} LUFS" for level in heard) if heard else ""


def of_stick(load: Load) -> Iterator[str]:
    """What would be written on a stick, what would go from it, and what is signed but has no file here."""
    yield f"{len(load.stations)} stations: {', '.join(load.stations) or '–'}"
    mib = load.size / MIB
    yield f"{len(load.films)} films to write, {load.size} bytes ({mib:.1f} MiB); {load.gone} files to remove"
    for title in load.missing:
        yield f"missing: {title}: it is signed, but its file is not in this studio"


def lacking(item: ItemSource, today: date) -> list[Lack]:
    """What an item's papers lack; ``today`` decides whether its facts are old."""
    faults = []
    if item.counts and not item.licence:
        faults.append(
            Lack('it counts and names no licence: write licence = "…"', "计入达标，但没有注明授权：请填写 licence")
        )
    if item.counts and not item.credit:
        faults.append(
            Lack('it counts and names no maker: write credit = "…"', "计入达标，但没有注明出品方：请填写 credit")
        )
    day = item.fact_checked
    if day is not None and day > today:
        en = f"fact_checked = {day} is still to come: write the day on which it was done"
        faults.append(Lack(en, f"核查日期 {day} 还没到：请填写实际核查日期"))
    elif day is not None and today - day > FACTS_LIFE:
        en = f"its facts were checked on {day}: let somebody look again, and write the new day"
        faults.append(Lack(en, f"内容于 {day} 核查，已超过三年：请重新核查并填写新日期"))
    return faults
