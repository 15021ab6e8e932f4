"""Officers' personal links: a random token that opens the page of one site, until a day, and no log-in behind it.

Of a token its SHA-256 is kept alone. Whoever has the link has what it opens: so it opens little, ends by itself, goes
with the officer's row, and a new one makes the one before worthless.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from typing import Final

from estation_central.registry.models import Officer, OfficerLink

GOOD_FOR: Final = timedelta(days=365)  # a year of duty; then somebody hands out a new one, and sees who is there still
TOKEN_BYTES: Final = 24  # 192 bits: nobody guesses it, and it fits in a message of a chat group
TOKEN_LENGTH: Final = 64  # of what comes in an address; ours has 32


def make(officer: Officer, today: date) -> str:
    """A new link for ``officer``; the one before is worth nothing from now on. Nobody can read the token again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    until = min(today + GOOD_FOR, officer.until or date.max)
    OfficerLink.objects.update_or_create(officer=officer, defaults={"digest": _digest(token), "until": until})
    return token


def revoke(officer: Officer) -> None:
    """The link is worth nothing from now on."""
    OfficerLink.objects.filter(officer=officer).delete()


def officer_of(token: str, today: date) -> Officer | None:
    """Whose link it is; None for one that is no more, or never was."""
    if len(token) > TOKEN_LENGTH:
        return None
    links = OfficerLink.objects.filter(digest=_digest(token), until__gte=today)
    found = links.select_related("officer__site__region").first()
    return found.officer if found is not None else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
