"""``estation-sync``: takes what a stick offers, expands the rules, and is gone with its memory.

Started by a path unit when core writes ``sync-request``, and daily by a timer without one.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from estation_box import settings
from estation_box.clock.service import Saved
from estation_box.drivers import identity
from estation_box.drivers.content_scrub import CardFiles
from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.core_link import CoreLink
from estation_box.drivers.desk import Desk
from estation_box.drivers.folder import Folder
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.picture_store import PictureStore
from estation_box.drivers.postbox import Postbox
from estation_box.drivers.profile_store import KEY, ProfileStore
from estation_box.drivers.seal import Seal
from estation_box.drivers.sync_request import Asked, answered, asked
from estation_box.drivers.system_clock import KernelClock
from estation_box.drivers.tuf_later import LaterTuf
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library import said
from estation_box.library.interfaces import CardError, StickError
from estation_box.library.scrub import Scrub, mended, tidy, told
from estation_box.library.service import Parts, Sync
from estation_box.library.sync_words import Progress, Synced, SyncRequest
from estation_box.library.trust import NO_TIME, Trust
from estation_box.provisioning.service import Provisioner
from estation_box.reporting.by_stick import StickPost
from estation_wire.decoding import decoder

EXIT_BUSY: Final = 75  # EX_TEMPFAIL: the unit starts again
Visit = Callable[[Sync, SyncRequest, datetime], Synced]
"""How a stick is read; what is the stick's fault is told."""
log = logging.getLogger("estation-sync")


class BusyError(Exception):
    """Another sync is at work."""


class Task(NamedTuple):
    """What is to be done, how a stick is read, and the time: as the clock has it, and what it is at least."""

    asked: Asked
    visit: Visit
    now: datetime
    floor: datetime


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the request file says, or expand again without one; 0 when done, 1 with a plain word when not."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    options = _options(arguments)
    try:
        folders = settings.folders(os.environ)
    except settings.SettingsError as error:
        print(f"estation-sync: {error}", file=sys.stderr)
        return 1
    return attend(folders, folders.sync_request, _visit, now=options.now, floor=options.floor)


def attend(
    folders: settings.Folders,
    file: Path,
    visit: Visit,
    *,
    now: datetime | None = None,
    floor: datetime = NO_TIME,
    given: Asked | None = None,
) -> int:
    """Do what the request in ``file`` says, reading a stick by ``visit``; the exit status.

    ``given``: the request as it was read before. ``now`` and ``floor``: for tests, as on the command line.
    """
    try:
        with alone(folders.state):
            folders.sync_waiting.unlink(missing_ok=True)
            floor = max(floor, saved_floor(folders.state), network_time() if not now else NO_TIME)
            task = Task(given or asked(file), visit, now or datetime.now(UTC), floor)
            synced = _run(folders, file, task)
    except BusyError as error:
        log.info("%s", error)
        with contextlib.suppress(OSError):
            folders.sync_waiting.touch()  # what comes by network may take all night, and gives way
        return EXIT_BUSY
    except (CardError, OSError) as error:
        print(f"estation-sync: {error}", file=sys.stderr)
        return 1
    for reason in synced.reasons:
        log.warning("%s", reason)
    log.info("%d taken, %d refused; catalogue %d", synced.taken, synced.refused, synced.catalogue)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="estation-sync", description=__doc__)
    parser.add_argument("--now", type=instant, help="take this for the time (RFC 3339)")
    parser.add_argument("--floor", type=instant, default=NO_TIME, help="it is certainly not earlier than this")
    return parser.parse_args(arguments)


def instant(text: str) -> datetime:
    """An instant of the command line (RFC 3339), in UTC."""
    told = datetime.fromisoformat(text)
    if told.tzinfo is None:
        msg = f"{text} has no offset from UTC"
        raise argparse.ArgumentTypeError(msg)
    return told.astimezone(UTC)


def saved_floor(state: Path) -> datetime:
    """The time that core saved last; the beginning of time where it saved none."""
    try:
        return decoder(Saved).decode(TwoCopies(state / "clock").read() or b"").floor.astimezone(UTC)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, OverflowError, ValueError):
        return NO_TIME


def network_time() -> datetime:
    """The system's time where the network keeps it, so that what has expired is refused; else nothing is known."""
    clock = KernelClock()
    return clock.wall() if clock.synchronised() else NO_TIME


@contextlib.contextmanager
def alone(state: Path) -> Iterator[None]:
    """Refuse to work beside another sync (the request file stays for the next start). Raises `BusyError`."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "sync.lock").open("a") as lock:  # made empty anew, it would be written to the card each time
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = "another sync is at work"
            raise BusyError(msg) from None
        yield


def _run(folders: settings.Folders, file: Path, task: Task) -> Synced:
    request = task.asked.request
    with CoreLink(folders.core_socket) as core:
        try:
            synced = _work(folders, task, core)
        except (CardError, OSError) as error:
            sentence = error.said if isinstance(error, CardError) else said.BOX_FAULT
            source = request.source if request else "timer"
            core.synced(Synced(source=source, taken=0, refused=1, reasons=(sentence.zh,)))
            raise
        finally:
            answered(file, task.asked.file)
        if request is not None or synced.changed:
            core.synced(synced)
    return synced


def _work(folders: settings.Folders, task: Task, core: CoreLink) -> Synced:
    request = task.asked.request
    with LibraryWriter(folders.library_database) as books:
        client = LaterTuf(folders.state / "tuf", folders.trust_root)
        trust = Trust(client, TwoCopies(folders.state / "tuf-mark"), books)
        cache = ContentStore(folders.cache)
        seal = Seal(folders.state / KEY)
        registrar = Provisioner(
            seal,
            ProfileStore(folders.state, identity.serial()),
            desk=Desk(folders.runtime),
            seal=seal,
            post=StickPost(seal, Postbox(folders.runtime)),
        )
        gallery = PictureStore(folders.pictures)
        sync = Sync(Parts(trust, books, books, books, cache, registrar, core, gallery), task.floor)
        scrub = Scrub(books, CardFiles(folders.cache), core.up)
        if request is None or (request.source == "timer" and not request.doubted):
            synced = sync.daily("timer", task.now)
            tidy(books, books, cache)
            wanted = (folders.sync_request, folders.stick_request, folders.fetch_request)
            return told(synced, scrub.night(lambda: any(map(Path.exists, wanted))), registrar.languages())
        if request.source == "network":
            return sync.refuse("network", said.NO_NETWORK)
        if request.doubted and request.source == "stick":
            core.progress(Progress(words=said.READING.to(registrar.languages())))
        found = scrub.films(request.doubted, folders.stick_request.exists if request.source == "timer" else _never)
        if request.source == "timer":
            return told(sync.daily("timer", task.now), found, registrar.languages())
        return told(task.visit(sync, request, task.now), mended(found, books), registrar.languages())


def _never() -> bool:
    return False


def _visit(sync: Sync, request: SyncRequest, now: datetime) -> Synced:
    try:
        with Folder(Path(request.root)) as stick:
            return sync.stick(stick, now)
    except StickError as error:
        return sync.refuse("stick", error.said)


if __name__ == "__main__":
    sys.exit(main())
