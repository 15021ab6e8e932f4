"""Tokens: made once and shown once, found by their digest, worth nothing when they expire or their user is closed."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User

from estation_central.api.models import ApiToken

PREFIX: Final = "estation_"  # so that one which was left in a file can be searched for
BYTES: Final = 32  # nobody guesses 256 bits: no slow digest is needed, and none to slow down every call
LONGEST: Final = 200  # characters; more is not looked at


def make(user: User, name: str, now: datetime, life: timedelta) -> str:
    """A new token of ``user``; the older one of that name is worth nothing now."""
    token = PREFIX + secrets.token_urlsafe(BYTES)
    ApiToken.objects.update_or_create(
        user=user, name=name, defaults={"digest": digest(token), "made": now, "expires": now + life, "used": None}
    )
    return token


def user_of(token: str, now: datetime) -> User | None:
    """Whose token it is; None for one that is unknown, expired, or of a closed user."""
    if len(token) > LONGEST or not token.startswith(PREFIX):
        return None
    found = ApiToken.objects.filter(digest=digest(token), expires__gt=now, user__is_active=True).first()
    if found is None:
        return None
    if found.used != now.date():
        ApiToken.objects.filter(pk=found.pk).update(used=now.date())
    return User.objects.get(pk=found.user_id)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
