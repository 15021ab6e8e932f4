"""What reporting needs from outside: a link that comes and goes, the journal's undelivered records, a small memory."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from estation_box.journal.rules import Batch
from estation_wire.messages import JournalState
from estation_wire.values import BootId, Name, Region, Station


class StationIdentity(NamedTuple):
    """Who reports: the branch of topics, and what is said in the status."""

    region: Region
    station: Station
    firmware: Name
    boot: BootId


class Connected(NamedTuple):
    """The broker took us, and what the centre says to us from now on arrives."""


class Disconnected(NamedTuple):
    """The broker is gone, or could not be reached; why, in plain words."""

    reason: str


class Arrived(NamedTuple):
    """A message came. Neither its topic nor its payload is checked."""

    topic: str
    payload: bytes


LinkEvent = Connected | Disconnected | Arrived


class Link(Protocol):
    """The way to the broker. It connects again by itself; what happens to it comes as `LinkEvent`."""

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> bool:
        """Send, at once and without waiting; False where there is no connection. What was taken may still be lost."""
        ...

    def check_time(self, *, on: bool) -> None:
        """Whether certificates must be valid at the present time, which takes a clock that can be believed."""
        ...


class Spool(Protocol):
    """The journal, as far as it is delivered. See `estation_box.journal.service.Journal`."""

    def state(self) -> JournalState | None:
        """What is held; None while the card gives nothing."""
        ...

    def undelivered(self) -> int:
        """How many records the centre does not have."""
        ...

    def batch(self) -> Batch | None:
        """The next records that the centre does not have."""
        ...

    def acknowledge(self, journal: str, watermark: int, *, authoritative: bool) -> None:
        """The centre has everything up to ``watermark``."""
        ...


class Document(Protocol):
    """One small document that is written in place."""

    def read(self) -> bytes | None:
        """The document; None where there is none. Raises `OSError`."""
        ...

    def write(self, data: bytes) -> None:
        """Keep the document. Raises `OSError`."""
        ...
