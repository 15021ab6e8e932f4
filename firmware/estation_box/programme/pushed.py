"""Bulletins that came by a command: the newest few, kept over a restart in one small document."""

from __future__ import annotations

import logging
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from estation_wire.bulletins import Bulletin
from estation_wire.decoding import decoder

KEPT: Final = 8  # of those that came by themselves; the library's own are in its database
MAX_BYTES: Final = 64 * 1024
log = logging.getLogger(__name__)


class Document(Protocol):
    """A place for one small document. ``read`` and ``write`` raise `OSError` where the card refuses."""

    def read(self) -> bytes | None:
        """The document as it was written last; None where none was."""
        ...

    def write(self, document: bytes) -> None:
        """Put it in the place of the one before; raises `ValueError` where it is too large."""
        ...


class Pushed:
    """What was sent to this station, by id: the same bulletin sent again takes its own place.

    One that was ended is kept as one that was over before it began, so that whoever sends the old letter again shows
    nothing: it comes back under a later issue alone.
    """

    def __init__(self, memory: Document | None = None) -> None:
        """Without a ``memory`` they are forgotten with the process."""
        self._memory = memory
        self._kept: dict[str, Bulletin] = {each.id: each for each in self._read()}

    @property
    def bulletins(self) -> list[Bulletin]:
        """All that are kept, the oldest first."""
        return list(self._kept.values())

    def take(self, bulletin: Bulletin) -> bool:
        """Keep one more, and let the oldest go; False where it was ended before."""
        before = self._kept.get(bulletin.id)
        if before is not None and before.not_after == before.issued >= bulletin.issued:
            return False
        self._keep(bulletin)
        return True

    def end(self, bulletin: Bulletin) -> None:
        """It is over, whether it is held here or not."""
        self._keep(replace(bulletin, not_after=bulletin.issued))

    def _keep(self, bulletin: Bulletin) -> None:
        self._kept.pop(bulletin.id, None)
        self._kept[bulletin.id] = bulletin
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        if self._memory is None:
            return
        try:
            self._memory.write(msgspec.json.encode(self.bulletins))
        except (OSError, ValueError) as error:
            log.warning("a bulletin is forgotten at the next restart, it was not noted: %s", error)

    def _read(self) -> list[Bulletin]:
        try:
            raw = self._memory.read() if self._memory is not None else None
            return decoder(list[Bulletin]).decode(raw[:MAX_BYTES])[-KEPT:] if raw else []
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            log.warning("the bulletins that came by a command cannot be read: %s", error)
            return []
