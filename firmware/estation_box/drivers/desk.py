"""The two small files in the runtime folder by which sync and core speak of a bare box.

``provisioning.json`` is sync's word (`Told`), ``station-chosen`` is core's: one station. Both are gone with the boot.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import msgspec

from estation_box.drivers.profile_store import write_durably
from estation_box.provisioning.choosing import Told
from estation_wire.decoding import decoder
from estation_wire.values import STATION_PATTERN, matches

TOLD: Final = "provisioning.json"
CHOSEN: Final = "station-chosen"
TOLD_LIMIT_BYTES: Final = 64 * 1024  # a hundred names of 200 characters
CHOSEN_LIMIT_BYTES: Final = 256
log = logging.getLogger(__name__)


class Desk:
    """See `SyncDesk` and `CoreDesk`; what cannot be read is as if it were not there."""

    def __init__(self, runtime: Path) -> None:
        self._told = runtime / TOLD
        self._chosen = runtime / CHOSEN

    def chosen(self) -> str | None:
        """See `SyncDesk.chosen`."""
        station = _read(self._chosen, CHOSEN_LIMIT_BYTES).decode(errors="replace")
        return station if matches(STATION_PATTERN, station) else None

    def tell(self, told: Told) -> None:
        """See `SyncDesk.tell`; what cannot be told is logged: the receipt has it too."""
        try:
            self._chosen.unlink(missing_ok=True)
            write_durably(self._told, msgspec.json.encode(told))
        except OSError as error:
            log.warning("core is not told what the stick holds: %s", error)

    def told(self) -> Told:
        """See `CoreDesk.told`."""
        try:
            return decoder(Told).decode(_read(self._told, TOLD_LIMIT_BYTES))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Told()

    def choose(self, station: str) -> None:
        """See `CoreDesk.choose`."""
        write_durably(self._chosen, station.encode())

    def clear(self) -> None:
        """See `CoreDesk.clear`."""
        for path in (self._told, self._chosen):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.warning("%s stays: %s", path.name, error)


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError:
        return b""
