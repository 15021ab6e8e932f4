"""How the network may fail beyond what a stick can."""

from __future__ import annotations

from estation_box.library.interfaces import UnreadableError
from estation_box.words import Said


class LaterError(UnreadableError):
    """The server cannot give it now; ``seconds`` is when to try again at the earliest."""

    def __init__(self, said: Said, detail: str, seconds: float) -> None:
        super().__init__(said, detail)
        self.seconds = seconds


class PortalError(UnreadableError):
    """A page for people answered in the library's place: somebody must log in."""


class NotNowError(UnreadableError):
    """Videos may not be fetched at this hour, or on this network."""
