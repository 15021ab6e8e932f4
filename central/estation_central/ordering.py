"""Commands to a station from the shell, and waiting until its week is met."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import django

from estation_wire.errors import WireError
from estation_wire.messages import AnyCommand, Bulletin, Identify, Picture, Play, Stop, Sync

POLL_SECONDS: Final = 0.5
PLAIN: Final[dict[str, type[AnyCommand]]] = {"sync": Sync, "stop": Stop, "identify": Identify, "picture": Picture}


def send(station: str, do: str, contents: Sequence[str], letter: Path | None = None) -> int:
    """Make a command; the collector sends it. Prints its id. ``letter``: what a bulletin's command carries."""
    django.setup()
    from estation_central.stations import queries  # noqa: PLC0415 (models want Django set up)

    now = datetime.now(UTC)
    try:
        if do == "play":
            name = queries.order(station, Play, now, contents=tuple(contents))
        elif do == "bulletin":
            document = letter.read_text(encoding="utf-8") if letter is not None else ""
            name = queries.order(station, Bulletin, now, document=document)
        else:
            name = queries.order(station, PLAIN[do], now)
    except (WireError, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{do}: {error}\n")
        return 2
    sys.stdout.write(f"{name}\n")
    return 0


def wait_session(station: str, timeout: float) -> int:
    """Wait until this week's minimum is met by sessions that the centre holds; 1 where it is not in time."""
    django.setup()
    from estation_central.registry.owing import owing_now  # noqa: PLC0415
    from estation_central.site.wording import verdict_line  # noqa: PLC0415
    from estation_central.stations import queries  # noqa: PLC0415
    from estation_central.stations.models import Station  # noqa: PLC0415

    registered = Station.objects.filter(name=station).first()
    if registered is None:
        sys.stderr.write(f"{station}: not in the registry\n")
        return 2
    ends = time.monotonic() + timeout
    while True:
        (asked,) = owing_now([registered], datetime.now(UTC))
        verdict = queries.verdict(asked)
        if verdict.met or time.monotonic() >= ends:
            break
        time.sleep(POLL_SECONDS)
    heard = queries.contact(station).heard
    told = f"last heard {heard:%H:%M:%S} UTC" if heard else "the station was never heard"
    sys.stdout.write(f"{station}, {asked.week}: {verdict_line(verdict)}; {told}\n")
    return 0 if verdict.met else 1
