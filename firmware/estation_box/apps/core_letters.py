"""A bulletin that the centre's command carries: verified, then shown like one of the library's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from estation_box.clock.moment import Moment
from estation_box.library.letters import judge
from estation_box.programme.service import Programme
from estation_wire.profile import Profile
from estation_wire.values import Trust
from estation_wire.voices import LetterRefusedError, Voice


class Library(Protocol):
    """What the signed library says of who may speak here."""

    def voices(self) -> tuple[Voice, ...]:
        """Who may send bulletins to this station."""
        ...


class Letters:
    """Takes signed bulletins for the programme."""

    def __init__(self, programme: Programme, library: Library, load_profile: Callable[[], Profile | None]) -> None:
        self._programme = programme
        self._library = library
        self._load_profile = load_profile

    def take(self, document: str, moment: Moment) -> str:
        """Show a bulletin, or no longer, if those who may have signed it; why not, otherwise."""
        from estation_box.drivers.ed25519 import signed_by  # noqa: PLC0415 - 10 MB, only where one comes

        profile = self._load_profile()
        if profile is None:
            return "this box has no profile yet"
        now = None if moment.trust is Trust.GUESS else moment.at
        try:
            bulletin, ends = judge(document.encode(), self._library.voices(), profile.place, now, signed_by)
        except LetterRefusedError as error:
            return str(error)
        if ends:
            self._programme.end(bulletin)
            return ""
        return "" if self._programme.push(bulletin) else "those who signed it have ended it"
