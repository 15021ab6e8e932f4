"""The command `reckon`: brings the weeks of all sites up to date, once or every minute."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from typing import Final

import django

EVERY_SECONDS: Final = 60.0  # a record is in the weeks a minute after it is stored


def run(*, everything: bool, keep_on: bool, processes: int) -> int:
    """Reckon what changed, or ``everything`` anew from the records; with ``keep_on`` again every minute."""
    django.setup()
    from estation_central.compliance import reckoner  # noqa: PLC0415 (models want Django set up)

    if everything:
        reckoner.forget()
    stop = threading.Event()
    if keep_on:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    while True:
        now = datetime.now(UTC)
        sites, rows = one_pass(now, processes)
        if sites or not keep_on:
            sys.stdout.write(f"{sites} sites reckoned, {rows} rows changed\n")
            sys.stdout.flush()
        if not keep_on or stop.wait(EVERY_SECONDS):
            return 0


def tv_hours(since: datetime) -> int:
    """Print for how long each station's TV was seen on, by month, since an instant."""
    django.setup()
    from estation_central.compliance import television  # noqa: PLC0415 (models want Django set up)

    for each in television.tv_months(since):
        hours = "unknown" if each.seconds is None else f"{each.seconds / 3600:.1f} h"
        sys.stdout.write(f"{each.station}\t{each.month}\t{hours}\t{each.known} of {each.days} days\n")
    return 0


def one_pass(now: datetime, processes: int) -> tuple[int, int]:
    """Reckon what is due at ``now``; how many sites, and how many rows differed."""
    from estation_central.compliance import reckoner, terms  # noqa: PLC0415 (models want Django set up)

    lots = reckoner.lots(reckoner.due(terms.places(now), now))
    done = list(_each(lots, now, processes if len(lots) > 1 else 1))
    return sum(each[0] for each in done), sum(each[1] for each in done)


def _each(lots: Sequence[Sequence[object]], now: datetime, processes: int) -> Iterator[tuple[int, int]]:
    from django.db import connection, connections  # noqa: PLC0415

    if processes == 1 or connection.vendor == "sqlite":  # SQLite has one writer
        yield from (_lot(lot, now) for lot in lots)
        return
    connections.close_all()  # a connection must not be shared with a child
    # A worker lives for one pass and makes millions of values, none of them in a cycle: looking for some is a sixth of
    # its time.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), initializer=gc.disable) as pool:
        yield from pool.map(_lot, lots, [now] * len(lots))


def _lot(lot: Sequence[object], now: datetime) -> tuple[int, int]:
    from estation_central.compliance import reckoner  # noqa: PLC0415

    done = reckoner.reckon(lot, now)  # type: ignore[arg-type]  # places, which only Django's set-up lets us name
    return done.sites, done.rows
