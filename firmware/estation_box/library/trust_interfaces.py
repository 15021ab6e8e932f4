"""What the trust needs: the verifier of metadata, with delegates and the keys in force, and the durable mark."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from estation_box.library.interfaces import Stick
from estation_wire.voices import Voice


class Versions(Struct, frozen=True, kw_only=True):
    """The versions of a library's metadata, as TUF counts them; 0 is none."""

    root: int = 0
    timestamp: int = 0
    snapshot: int = 0
    targets: int = 0


class Attempt(Protocol):
    """Metadata that verified, not yet kept."""

    versions: Versions
    stated_root: int
    """The newest root that the publisher states, in signed metadata."""

    def digest(self, name: str) -> str:
        """The signed SHA-256 of a document, in hex; raises `RefusedError` where it is not signed."""
        ...

    def document(self, name: str) -> bytes:
        """A document's verified bytes; raises `StickError`."""
        ...

    def keep(self) -> None:
        """Make this the box's metadata, durably; raises `CardError`."""
        ...


class MarkStore(Protocol):
    """One small file that survives a power cut at any instant (two copies)."""

    def read(self) -> bytes | None:
        """What was written last; None where nothing is. Raises `OSError`."""
        ...

    def write(self, data: bytes) -> None:
        """Keep ``data`` (at most 4 KiB), durably. Raises `OSError`."""
        ...


class DelegatedAttempt(Attempt, Protocol):
    """Metadata that verified, with what delegates signed."""

    online_keys: str
    """What stands for the keys of timestamp and snapshot: another one after their change."""

    def find(self, name: str) -> str | None:
        """The signed SHA-256 of a delegate's document; None where nobody signs it, or its delegate has expired.

        Raises `RefusedError` where the delegate's metadata is missing, damaged, not signed by enough keys, or can be
        reached from two parents.
        """
        ...

    def voice(self, role: str) -> Voice | None:
        """Who signs for a role, once its documents were looked for; None where nobody does."""
        ...

    def is_news(self) -> bool:
        """Whether there is metadata that the box does not hold yet."""
        ...


class DelegatedClient(Protocol):
    """The verifier of the publisher's metadata."""

    def versions(self) -> Versions:
        """What the box holds now; zeros where it is unreadable."""
        ...

    def attempt(self, stick: Stick, at: datetime) -> AbstractContextManager[DelegatedAttempt]:
        """Verify the stick's metadata, with expiry judged at ``at``; raises `StickError` or `CardError`."""
        ...
