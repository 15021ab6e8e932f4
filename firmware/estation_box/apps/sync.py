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
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from estation_box import settings
from estation_box.clock.service import Saved
from estation_box.drivers import identity
from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.core_link import CoreLink
from estation_box.drivers.desk import Desk
from estation_box.drivers.folder import Folder
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.postbox import Postbox
from estation_box.drivers.profile_store import KEY, ProfileStore
from estation_box.drivers.seal import Seal
from estation_box.drivers.system_clock import KernelClock
from estation_box.drivers.tuf import TufClient
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library import said
from estation_box.library.interfaces import CardError, StickError
from estation_box.library.service import Parts, Sync
from estation_box.library.sync_words import Synced, SyncRequest
from estation_box.library.trust import NO_TIME, Trust
from estation_box.provisioning.service import Provisioner
from estation_box.reporting.by_stick import StickPost

REQUEST_LIMIT_BYTES: Final = 8 * 1024  # a path of 4 kB at most, and its names
EXIT_BUSY: Final = 75  # EX_TEMPFAIL: the unit starts again
log = logging.getLogger("estation-sync")


class BusyError(Exception):
    """Another sync is at work."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the request file says, or expand again without one; 0 when done, 1 with a plain word when not."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    options = _options(arguments)
    try:
        folders = settings.folders(os.environ)
        with _alone(folders.state):
            floor = max(options.floor, _saved_floor(folders.state), _network_time() if not options.now else NO_TIME)
            synced = _run(folders, options.now or datetime.now(UTC), floor)
    except BusyError as error:
        log.info("%s", error)
        return EXIT_BUSY
    except (settings.SettingsError, CardError, OSError) as error:
        print(f"estation-sync: {error}", file=sys.stderr)
        return 1
    for reason in synced.reasons:
        log.warning("%s", reason)
    log.info("%d taken, %d refused; catalogue %d", synced.taken, synced.refused, synced.catalogue)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="estation-sync", description=__doc__)
    parser.add_argument("--now", type=_instant, help="take this for the time (RFC 3339)")
    parser.add_argument("--floor", type=_instant, default=NO_TIME, help="it is certainly not earlier than this")
    return parser.parse_args(arguments)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        msg = f"{text} has no offset from UTC"
        raise argparse.ArgumentTypeError(msg)
    return instant.astimezone(UTC)


def _saved_floor(state: Path) -> datetime:
    """The time that core saved last; the beginning of time where it saved none."""
    try:
        return msgspec.json.decode(TwoCopies(state / "clock").read() or b"", type=Saved).floor.astimezone(UTC)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, OverflowError, ValueError):
        return NO_TIME


def _network_time() -> datetime:
    """The system's time where the network keeps it, so that what has expired is refused; else nothing is known."""
    clock = KernelClock()
    return clock.wall() if clock.synchronised() else NO_TIME


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Refuse to work beside another sync (the request file stays for the next start). Raises `BusyError`."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "sync.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = "another sync is at work"
            raise BusyError(msg) from None
        yield


def _run(folders: settings.Folders, now: datetime, floor: datetime) -> Synced:
    request, file = _asked(folders.sync_request)
    with CoreLink(folders.core_socket) as core:
        try:
            synced = _work(folders, request, core, now, floor)
        except (CardError, OSError) as error:
            sentence = error.said if isinstance(error, CardError) else said.BOX_FAULT
            source = request.source if request else "timer"
            core.synced(Synced(source=source, taken=0, refused=1, reasons=(sentence.zh,)))
            raise
        finally:
            _answered(folders.sync_request, file)
        if request is not None or synced.changed:
            core.synced(synced)
    return synced


def _work(
    folders: settings.Folders, request: SyncRequest | None, core: CoreLink, now: datetime, floor: datetime
) -> Synced:
    with LibraryWriter(folders.library_database) as books:
        client = TufClient(folders.state / "tuf", folders.trust_root)
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
        sync = Sync(Parts(trust, books, books, books, cache, registrar, core), floor)
        if request is None or request.source == "timer":
            cache.clean(frozenset(books.contents()))
            return sync.daily("timer", now)
        if request.source == "network":
            return sync.refuse("network", said.NO_NETWORK)
        return _visit(sync, Path(request.root), now)


def _visit(sync: Sync, root: Path, now: datetime) -> Synced:
    try:
        with Folder(root) as stick:
            return sync.stick(stick, now)
    except StickError as error:
        return sync.refuse("stick", error.said)


def _asked(path: Path) -> tuple[SyncRequest | None, int]:
    """The request (None where there is none, or none that makes sense), and which file it is.

    The file stays until the work is done: a sync that is killed is started again by the path unit.
    """
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(REQUEST_LIMIT_BYTES), type=SyncRequest), os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return None, 0
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("the request makes no sense: %s", error)
        return None, path.stat().st_ino


def _answered(path: Path, file: int) -> None:
    """Remove the request, unless core has put another in its place meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_ino == file:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())
