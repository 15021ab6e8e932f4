"""Whether a bulletin that a command carries may be shown here. Pure.

A stolen login at the centre must not own a screen: what counts are the signatures of the roles that the signed library
lets speak to this place, as many as it demands of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from estation_box.library.delegations import as_of
from estation_wire import bulletin_letter
from estation_wire.audience import Place, meant_for
from estation_wire.bulletins import Bulletin
from estation_wire.errors import WireError

Verify = Callable[[str, bytes, bytes], bool]
"""Public key (raw, in hex), signature, message: whether it is that key's."""


VOICES_NAME: Final = "voices"  # beside the documents that a box holds of its library


class Voice(Struct, frozen=True, kw_only=True):
    """A role that may speak to this place: its Ed25519 keys (raw, in hex) by id, and how many must sign."""

    role: str
    threshold: Annotated[int, Meta(ge=1)]
    keys: dict[str, str]


class LetterRefusedError(Exception):
    """A bulletin is not shown; the text says why."""


def judge(raw: bytes, voices: Sequence[Voice], place: Place, now: datetime | None, verify: Verify) -> Bulletin:
    """The bulletin in ``raw``, as its role may have it. ``now`` is None while the time is a guess.

    Raises `LetterRefusedError`.
    """
    try:
        payload, signatures = bulletin_letter.open_envelope(raw)
        letter = bulletin_letter.read(payload)
    except WireError as error:
        raise LetterRefusedError(str(error)) from None
    voice = next((each for each in voices if each.role == letter.role), None)
    if voice is None:
        msg = f"{letter.role} does not speak to this place, as far as the library on this box knows"
        raise LetterRefusedError(msg)
    message = bulletin_letter.signed_bytes(payload)
    given = {voice.keys[keyid] for keyid, signature in signatures if _is_of(voice, keyid, signature, message, verify)}
    if len(given) < voice.threshold:
        msg = f"signed by {len(given)} of the {voice.threshold} that {letter.role} needs"
        raise LetterRefusedError(msg)
    if not meant_for(letter.bulletin.audience, place):
        msg = "it is not meant for this place"
        raise LetterRefusedError(msg)
    if now is not None and letter.bulletin.not_after is not None and letter.bulletin.not_after <= now:
        msg = f"it was over at {letter.bulletin.not_after:%Y-%m-%d %H:%M} UTC"
        raise LetterRefusedError(msg)
    return as_of(letter.role, letter.bulletin)


def _is_of(voice: Voice, keyid: str, signature: bytes, message: bytes, verify: Verify) -> bool:
    return keyid in voice.keys and verify(voice.keys[keyid], signature, message)
