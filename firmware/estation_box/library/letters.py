"""Whether a bulletin that a command carries may be shown here, or ends one that is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from estation_wire.audience import Place, meant_for
from estation_wire.bulletins import Bulletin
from estation_wire.delegations import as_of
from estation_wire.voices import LetterRefusedError, Verify, Voice, spoken

VOICES_NAME: Final = "voices"  # beside the documents that a box holds of its library


class Word(NamedTuple):
    """What a letter says: a bulletin to be shown, or one that is shown no more (``ends``)."""

    bulletin: Bulletin
    ends: bool


def judge(raw: bytes, voices: Sequence[Voice], place: Place, now: datetime | None, verify: Verify) -> Word:
    """What is in ``raw``, as its role may have it. ``now`` is None while the time is a guess.

    Raises `LetterRefusedError`.
    """
    letter = spoken(raw, voices, verify)
    if not meant_for(letter.bulletin.audience, place):
        msg = "it is not meant for this place"
        raise LetterRefusedError(msg)
    over = letter.bulletin.not_after
    if now is not None and over is not None and over <= now and not letter.ends:
        msg = f"it was over at {over:%Y-%m-%d %H:%M} UTC"
        raise LetterRefusedError(msg)
    return Word(as_of(letter.role, letter.bulletin), letter.ends)
