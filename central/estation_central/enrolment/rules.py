"""Whether a token is worth a certificate, and how many calls a minute are answered. Pure: the time is handed in."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from msgspec import Struct

from estation_wire.enrolment import Why

LIFE: Final = timedelta(days=60)  # a technician's round of the prefecture takes weeks; a lost stick must not last
TOKEN_BYTES: Final = 16
CALLS_A_MINUTE: Final = 600  # 24,139 boxes within the hour of their timer; a signature takes a millisecond
BUSY_SECONDS: Final = 120  # what is asked of who comes in a crowd; each box adds a spread of its own


class Given(Struct, frozen=True, kw_only=True):
    """What the centre keeps of a token. ``key``: the fingerprint of the key that it was used for; empty: not yet."""

    station: str
    not_after: datetime
    key: str = ""


def make_token() -> str:
    """A new token, 32 hex digits."""
    return secrets.token_hex(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is kept in a token's place: 128 random bits need no salt, and a look-up by this betrays nothing."""
    return sha256(token.encode()).hexdigest()


def refusal(given: Given | None, station: str, key: str, now: datetime) -> Why | None:
    """Why ``station``'s request for ``key`` gets no certificate; None where it gets one.

    The same key again is answered again, also after the 60 days: the first answer may have been lost.
    """
    if given is None:
        return "unknown"
    if given.station != station:
        return "request"
    if given.key:
        return None if given.key == key else "used"
    return "expired" if given.not_after <= now else None


class Turnstile:
    """Lets `CALLS_A_MINUTE` calls in; ``now`` is monotonic seconds."""

    def __init__(self, calls_a_minute: int = CALLS_A_MINUTE) -> None:
        self._most = float(calls_a_minute)
        self._left = self._most
        self._at = 0.0

    def lets_in(self, now: float) -> bool:
        """Whether one more call is answered now."""
        self._left = min(self._most, self._left + max(0.0, now - self._at) * self._most / 60)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
