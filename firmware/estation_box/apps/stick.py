"""``estation-stick``: mounts a stick where nobody else sees it, and has it read by a process that is nobody.

Root, with four capabilities and no network. It reads one small request, mounts, and forks: the child gives up root and
does what ``estation-sync`` does; the parent stays as its broker and makes the stick writable for single moments.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pwd
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from estation_box import settings
from estation_box.drivers import mount
from estation_box.drivers.mount import Mount, MountError
from estation_box.drivers.stick_broker import VISIT_SECONDS, Broker, BrokeredStick
from estation_box.drivers.sync_request import Asked, answered, asked
from estation_box.drivers.unprivileged import become
from estation_box.library import said
from estation_box.library.interfaces import StickError
from estation_box.library.sync_words import SyncRequest
from estation_box.words import Said

if TYPE_CHECKING:
    from datetime import datetime

    from estation_box.apps.sync import Visit
    from estation_box.library.service import Sync
    from estation_box.library.sync_words import Synced

USER: Final = "estation"
WHERE: Final = Path("/media/estation")  # below a small tmpfs of this unit alone
EXIT_ENDED: Final = 70  # EX_SOFTWARE: the reader was killed, or had to be
Attach = Callable[[SyncRequest], contextlib.AbstractContextManager[Mount]]
"""Mounts what is asked for; raises `OSError` or `MountError`."""
log = logging.getLogger("estation-stick")


def main() -> int:
    """Mount and read the stick that the request names; 0 when done, also where it was refused in words."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    try:
        folders = settings.folders(os.environ)
        given = asked(folders.stick_request)
        mount.private_namespace()
    except (settings.SettingsError, OSError) as error:
        print(f"estation-stick: {error}", file=sys.stderr)
        return 1
    return run(folders, given, _attach, USER)


def run(
    folders: settings.Folders, given: Asked, attach: Attach, user: str, *, visit_seconds: float = VISIT_SECONDS
) -> int:
    """Have ``user`` read what ``attach`` mounts; the exit status. This process must be root and have no threads."""
    if not given.file:
        return 0
    if given.request is None:
        return _alone(user, lambda: _forget(folders, given))
    try:
        with attach(given.request) as mounted:
            status = _read(folders, given, mounted, user, visit_seconds)
    except (OSError, MountError) as error:
        log.warning("%s cannot be mounted: %s", given.request.device, error)
        sentence = said.UNREADABLE if isinstance(error, OSError) and mount.gone(error) else said.MOUNT_REFUSED
        return _alone(user, lambda: _told(folders, given, sentence))
    if status is None:
        return _alone(user, lambda: _told(folders, given, said.UNREADABLE))
    return status if status >= 0 else EXIT_ENDED


@contextlib.contextmanager
def _attach(request: SyncRequest) -> Iterator[Mount]:
    """The product's way: a disk on USB, one of two file systems, for the reader alone."""
    if not request.filesystem or not mount.on_usb(request.device):
        msg = f"{request.device or 'nothing'} is no stick"
        raise MountError(msg)
    who = pwd.getpwnam(USER)
    WHERE.mkdir(exist_ok=True)
    options = mount.options(request.filesystem, who.pw_uid, who.pw_gid)
    with Mount(request.device, WHERE, request.filesystem, options) as mounted:
        yield mounted


def _read(folders: settings.Folders, given: Asked, mounted: Mount, user: str, seconds: float) -> int | None:
    """The reader's exit status (negative: a signal), None where it had to be ended."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:

            def work() -> int:
                ours.close()
                return _visited(folders, given, mounted.where, theirs)

            pid = _fork(user, work)
        return Broker(ours, mounted, pid, visit=seconds).serve()


def _alone(user: str, work: Callable[[], int]) -> int:
    """Do something small as ``user``, without a stick; its exit status."""
    status = os.waitstatus_to_exitcode(os.waitpid(_fork(user, work), 0)[1])
    return status if status >= 0 else EXIT_ENDED


def _fork(user: str, work: Callable[[], int]) -> int:
    """The process id of a child that is ``user``, does its work, and ends with what it returns."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = EXIT_ENDED
    try:
        become(user, parent)
        code = work()
    except BaseException:  # noqa: BLE001 - a child must never come back into its parent's code
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


# what follows is done by the child, which is nobody


def _visited(folders: settings.Folders, given: Asked, where: Path, way: socket.socket) -> int:
    def visit(sync: Sync, _: SyncRequest, now: datetime) -> Synced:
        try:
            with BrokeredStick(where, way) as stick:
                return sync.stick(stick, now)
        except StickError as error:
            return sync.refuse("stick", error.said)

    return _attend(folders, given, visit)


def _told(folders: settings.Folders, given: Asked, sentence: Said) -> int:
    return _attend(folders, given, lambda sync, _, __: sync.refuse("stick", sentence))


def _attend(folders: settings.Folders, given: Asked, visit: Visit) -> int:
    from estation_box.apps import sync  # noqa: PLC0415 - what is heavy, and may be attacked, only without root

    return sync.attend(folders, folders.stick_request, visit, given=given)


def _forget(folders: settings.Folders, given: Asked) -> int:
    answered(folders.stick_request, given.file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
