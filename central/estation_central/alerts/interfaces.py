"""What alerts need from outside: a way to tell somebody."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class NotToldError(Exception):
    """The message did not arrive; it is tried again at the next pass. The text says why."""


class Message(Struct, frozen=True, kw_only=True):
    """One message to one channel: ``mail`` or ``hook`` is set. ``about``: kind and subject of each alert in it."""

    subject: str
    body: str
    about: tuple[tuple[str, str], ...]
    mail: str = ""
    hook: str = ""
    secret: str = ""


class Post(Protocol):
    """Carries messages."""

    def send(self, message: Message) -> None:
        """Hand it over, within `posting.SECONDS`. Raises `NotToldError`, and nothing else."""
