"""The two files in the runtime folder by which core and sync hand over reports and acknowledgements.

``reports-out`` (MessagePack, at most 5 MiB) is core's, ``stick-acks`` (JSON) is sync's. Both are gone with the boot.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import msgspec

from estation_box.drivers.profile_store import write_durably
from estation_box.reporting.by_stick import Outgoing
from estation_wire.decoding import decoder
from estation_wire.messages import Stored

OUT: Final = "reports-out"
ACKS: Final = "stick-acks"
OUT_LIMIT_BYTES: Final = 5 * 1024 * 1024
ACKS_LIMIT_BYTES: Final = 8 * 1024
log = logging.getLogger(__name__)


class Postbox:
    """See `SyncPostbox` and `CorePostbox`; what cannot be read is as if it were not there."""

    def __init__(self, runtime: Path) -> None:
        self._out = runtime / OUT
        self._acks = runtime / ACKS

    def send(self, outgoing: Outgoing) -> None:
        """See `CorePostbox.send`."""
        try:
            write_durably(self._out, msgspec.msgpack.encode(outgoing))
        except OSError as error:
            log.warning("the reports do not go with this stick: %s", error)

    def outgoing(self) -> Outgoing | None:
        """See `SyncPostbox.outgoing`."""
        try:
            return msgspec.msgpack.decode(_read(self._out, OUT_LIMIT_BYTES), type=Outgoing)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def acknowledged(self, journals: tuple[Stored, ...]) -> None:
        """See `SyncPostbox.acknowledged`."""
        try:
            write_durably(self._acks, msgspec.json.encode(journals))
        except OSError as error:
            log.warning("core does not hear of the acknowledgement: %s", error)

    def acknowledgements(self) -> tuple[Stored, ...]:
        """See `CorePostbox.acknowledgements`."""
        try:
            told = decoder(tuple[Stored, ...]).decode(_read(self._acks, ACKS_LIMIT_BYTES))
            self._acks.unlink(missing_ok=True)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OSError):
            return ()
        return told


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError:
        return b""
