"""Core's slot for sticks: a folder off the appliance, else what udev tells; what sync is asked because of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from estation_box.apps.core_loop import Core
from estation_box.apps.events import StickMoved, SyncSays
from estation_box.clock.moment import Moment
from estation_box.drivers.profile_store import write_durably
from estation_box.library.sticks import Disk, Move, Reading, Refused, Turns
from estation_box.library.sync_words import Synced, SyncRequest
from estation_box.settings import Folders

NO_STICK: Final = "there is no stick in the box, and its profile names no library on the network"
log = logging.getLogger("estation-core")


class DisksSeen(NamedTuple):
    """All disks on USB, as they are now."""

    disks: tuple[Disk, ...]


def _read(event: Any) -> bool:
    return isinstance(event, SyncSays) and isinstance(event.word, Synced) and event.word.source == "stick"


class StickSlot:
    """What is in the slot, and the requests that follow."""

    def __init__(
        self,
        folders: Folders,
        folder: str,
        *,
        prepare: Callable[[], None],
        languages: Callable[[], tuple[str, ...]],
        networked: Callable[[], bool] = lambda: False,
    ) -> None:
        """``folder`` stands for the slot off the appliance; empty: real sticks.

        ``prepare``: called before a stick is read. ``languages``: of the people at the TV. ``networked``: whether the
        profile names a library that can be fetched where there is no stick.
        """
        self._networked = networked
        self._folders, self._folder, self._prepare, self._languages = folders, folder, prepare, languages
        self._turns = Turns()
        self._root: Path | None = None
        self._doubted: tuple[str, ...] = ()

    def listen(self, stack: ExitStack, put: Callable[[Any], None]) -> None:
        """Have a thread put `StickMoved` or `DisksSeen`; without udev the box works all the same."""
        if self._folder:
            from estation_box.simulated.stick_slot import FolderSlot  # noqa: PLC0415 - not in the image

            stack.enter_context(FolderSlot(Path(self._folder), lambda root: put(StickMoved(root))))
            return
        try:
            from estation_box.drivers.udev import UdevSlot  # noqa: PLC0415 - only where it is used

            stack.enter_context(UdevSlot(lambda disks: put(DisksSeen(disks))))
        except (ImportError, OSError) as error:
            log.warning("no stick will be noticed: %s", error)

    def moved(self, event: Any, core: Core, moment: Moment) -> None:
        """An event that may be the slot's."""
        if isinstance(event, SyncSays) and isinstance(event.word, Synced):
            self._doubted = ()
        if isinstance(event, StickMoved):
            self._root = event.root
            if event.root is not None:
                self.ask()
        elif isinstance(event, DisksSeen):
            self._follow(self._turns.seen(event.disks), core, moment)
        elif _read(event) and not self._folders.stick_request.exists():  # else another stick is still to be read
            self._follow(self._turns.read(), core, moment)

    def ask(self) -> str:
        """Have the stick read, or the library fetched where there is none; why not, where that cannot be."""
        reading = self._turns.current
        if self._root is None and reading is None:
            if not self._networked():
                return NO_STICK
            return self._request(self._folders.fetch_request, SyncRequest(source="network", root=""))
        self._prepare()
        if reading is None:
            return self._request(self._folders.sync_request, SyncRequest(source="stick", root=str(self._root)))
        asked = SyncRequest(source="stick", root="", device=reading.node, filesystem=reading.filesystem)
        return self._request(self._folders.stick_request, asked)

    def expand(self) -> str:
        """Have the table worked out anew, and read the stick on the way if there is one."""
        if self._root is not None:
            return self.ask()
        if self._turns.current is not None:
            self.ask()  # the table does not wait for a stick that may be dead
        return self._request(self._folders.sync_request, SyncRequest(source="timer", root=""))

    def check(self, contents: tuple[str, ...]) -> str:
        """Have films read again that broke off, and put right from the stick if there is one; why not, if not."""
        self._doubted = contents
        if self._root is not None or self._turns.current is not None:
            return self.ask()
        return self._request(self._folders.sync_request, SyncRequest(source="timer", root=""))

    def _request(self, file: Path, request: SyncRequest) -> str:
        asked = msgspec.structs.replace(request, doubted=self._doubted)
        try:
            write_durably(file, msgspec.json.encode(asked))
        except OSError as error:
            return f"sync cannot be asked: {error}"
        return ""

    def _follow(self, moves: tuple[Move, ...], core: Core, moment: Moment) -> None:
        for move in moves:
            if isinstance(move, Reading):
                self.ask()
            elif isinstance(move, Refused):
                reason = move.said.to(self._languages())
                word = Synced(source="stick", taken=0, refused=1, reasons=(reason,))
                core.handle(SyncSays(word, lambda _: None), moment)
            else:
                core.handle(StickMoved(None), moment)
