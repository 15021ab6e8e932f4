"""Who may speak to a place by a letter, and whether a letter is theirs. Pure; the box and the centre ask the same.

A stolen login at the centre must not own a screen: what counts are the signatures of the roles that the signed library
lets speak, as many as it demands of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from estation_wire import bulletin_letter
from estation_wire.bulletin_letter import Letter
from estation_wire.errors import WireError

Verify = Callable[[str, bytes, bytes], bool]
"""Public key (raw, in hex), signature, message: whether it is that key's."""


class Voice(Struct, frozen=True, kw_only=True):
    """A role that may speak to a place: its Ed25519 keys (raw, in hex) by id, and how many must sign."""

    role: str
    threshold: Annotated[int, Meta(ge=1)]
    keys: dict[str, str]


class LetterRefusedError(Exception):
    """A bulletin is not believed, or not shown; the text says why."""


class UnreadableLetterError(LetterRefusedError):
    """It is no signed bulletin: ``fault`` says what is wrong with its form."""

    def __init__(self, fault: WireError) -> None:
        """Tell it as the fault does."""
        super().__init__(str(fault))
        self.fault = fault


class StrangeRoleError(LetterRefusedError):
    """Whoever speaks does not speak here."""

    def __init__(self, role: str) -> None:
        """``role``: as the letter names it."""
        super().__init__(f"{role} does not speak to this place, as far as the library here knows")
        self.role = role


class TooFewSignedError(LetterRefusedError):
    """Not as many signed it as its role needs."""

    def __init__(self, role: str, given: int, needed: int) -> None:
        """``given`` good signatures of the ``needed`` ones."""
        super().__init__(f"signed by {given} of the {needed} that {role} needs")
        self.role, self.given, self.needed = role, given, needed


def spoken(raw: bytes, voices: Sequence[Voice], verify: Verify) -> Letter:
    """The letter in ``raw``, if its role is one of ``voices`` and enough of its keys have signed.

    Raises `LetterRefusedError`.
    """
    try:
        payload, signatures = bulletin_letter.open_envelope(raw)
        letter = bulletin_letter.read(payload)
    except WireError as error:
        raise UnreadableLetterError(error) from None
    voice = next((each for each in voices if each.role == letter.role), None)
    if voice is None:
        raise StrangeRoleError(letter.role)
    message = bulletin_letter.signed_bytes(payload)
    given = {voice.keys[keyid] for keyid, signature in signatures if _is_of(voice, keyid, signature, message, verify)}
    if len(given) < voice.threshold:
        raise TooFewSignedError(letter.role, len(given), voice.threshold)
    return letter


def _is_of(voice: Voice, keyid: str, signature: bytes, message: bytes, verify: Verify) -> bool:
    return keyid in voice.keys and verify(voice.keys[keyid], signature, message)
