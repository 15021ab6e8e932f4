"""What the trust needs of the verifier beyond one publisher's documents: delegates, and which keys are in force."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from estation_box.library.interfaces import Attempt, Stick, Versions


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
