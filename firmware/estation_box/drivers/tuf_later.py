"""The verifier of the library, loaded when a source is there: the daily start without one saves its 6 MB."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from estation_box.library.interfaces import Stick
from estation_box.library.trust_interfaces import DelegatedAttempt, Versions

if TYPE_CHECKING:
    from estation_box.drivers.tuf import TufClient


class LaterTuf:
    """See `DelegatedClient`; arguments as of `TufClient`."""

    def __init__(self, folder: Path, trust_root: Path) -> None:
        self._folder = folder
        self._trust_root = trust_root

    def versions(self) -> Versions:
        """See `DelegatedClient.versions`."""
        return self._client().versions()

    def attempt(self, stick: Stick, at: datetime) -> AbstractContextManager[DelegatedAttempt]:
        """See `DelegatedClient.attempt`."""
        return self._client().attempt(stick, at)

    def _client(self) -> TufClient:
        from estation_box.drivers.tuf import TufClient  # noqa: PLC0415 - see above

        return TufClient(self._folder, self._trust_root)
