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


def spoken(raw: bytes, voices: Sequence[Voice], verify: Verify) -> Letter:
    """The letter in ``raw``, if its role is one of ``voices`` and enough of its keys have signed.

    Raises `LetterRefusedError`.
    """
    try:
        payload, signatures = bulletin_letter.open_envelope(raw)
        letter = bulletin_letter.read(payload)
    except WireError as error:
        raise LetterRefusedError(str(error)) from None
    voice = next((each for each in voices if each.role == letter.role), None)
    if voice is None:
        msg = f"{letter.role} does not speak to this place, as far as the library here knows"
        raise LetterRefusedError(msg)
    message = bulletin_letter.signed_bytes(payload)
    given = {voice.keys[keyid] for keyid, signature in signatures if _is_of(voice, keyid, signature, message, verify)}
    if len(given) < voice.threshold:
        msg = f"signed by {len(given)} of the {voice.threshold} that {letter.role} needs"
        raise LetterRefusedError(msg)
    return letter


def _is_of(voice: Voice, keyid: str, signature: bytes, message: bytes, verify: Verify) -> bool:
    return keyid in voice.keys and verify(voice.keys[keyid], signature, message)
