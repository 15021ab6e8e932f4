"""Words as ASS text: escaped, broken into lines, in the right face and direction. Pure.

Operators' words can inject nothing: braces and backslash become their full-width twins, which ASS does not read as
tags, and whatever steers (control characters, direction overrides, line breaks) is taken out.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

HAN_FACE: Final = "Noto Sans CJK SC"
ARABIC_FACE: Final = "Noto Naskh Arabic"
HAN_LINE: Final = 1.448  # ASS sizes a face by its line height: that of Noto Sans CJK in ems
ARABIC_LINE: Final = 1.9  # Naskh's is 1.7; a little more makes its small letters even with Han for the eye
_TWINS: Final = str.maketrans({"{": "\uff5b", "}": "\uff5d", "\\": "\uff3c"})
_KEPT_FORMATS: Final = frozenset("\u200c\u200d\u200e\u200f")  # joiners shape Arabic letters; the two marks only hint
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_NEVER_FIRST: Final = frozenset({"Po", "Pe", "Pf"})  # categories: such punctuation stays with the word before it


def escape(text: str) -> str:
    """``text`` as one line that ASS shows as it is, without a tag, a break or a steering character in it."""
    kept = (
        character
        for character in text.translate(_TWINS)
        if character in _KEPT_FORMATS or unicodedata.category(character) not in {"Cf", "Cs", "Cn", "Co"}
    )
    plain = (" " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character for character in kept)
    return " ".join("".join(plain).split())


def right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is written from the right, as in Uyghur, Kazakh and Kyrgyz."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in _RIGHT_TO_LEFT:
            return True
        if direction == "L":
            return False
    return False


def arabic(text: str) -> bool:
    """Whether ``text`` holds letters of the Arabic script."""
    return any(unicodedata.bidirectional(character) == "AL" for character in text)


def face(text: str, size: float) -> str:
    """The ASS tags that pin the face for ``text``, at ``size`` pixels an em."""
    if arabic(text):
        return f"\\fn{ARABIC_FACE}\\fs{round(size * ARABIC_LINE)}"
    return f"\\fn{HAN_FACE}\\fs{round(size * HAN_LINE)}"


def width(text: str) -> float:
    """About how wide ``text`` is, in ems."""
    return sum(map(_em, text))


@lru_cache(maxsize=4096)  # a card is laid out again each minute, and its words are of a few hundred signs
def _em(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1.0
    if unicodedata.bidirectional(character) == "AL":
        return 0.48
    return 0.62 if character.isupper() else 0.55


def wrap(text: str, ems: float, lines: int) -> tuple[str, ...]:
    """``text`` (escaped already) in at most ``lines`` lines of at most ``ems``; what does not fit ends in «…»."""
    done: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and width(line + piece.rstrip()) > ems and unicodedata.category(piece[0]) not in _NEVER_FIRST:
            done.append(line.rstrip())
            line = ""
        line += piece.lstrip() if not line else piece
        while width(line) > ems + 1:  # one word that is wider than the line
            head = fit(line, ems, more="")
            done.append(head)
            line = line[len(head) :]
    done.append(line.rstrip())
    kept = [line for line in done if line]
    if len(kept) > lines:
        kept = [*kept[: lines - 1], fit("".join((kept[lines - 1], "…")), ems, more="…")]
    return tuple(kept)


def fit(text: str, ems: float, *, more: str = "…") -> str:
    """The beginning of ``text`` that fits into ``ems``, with ``more`` where something was left out."""
    if width(text) <= ems:
        return text
    room = ems - width(more)
    taken = ""
    for character in text:
        room -= _em(character)
        if room < 0:
            break
        taken += character
    return (taken or text[:1]).rstrip() + more


def _pieces(text: str) -> list[str]:
    """Words with the space after them; every Han character is a piece of its own."""
    pieces: list[str] = []
    word = ""
    for character in text:
        wide = unicodedata.east_asian_width(character) in {"W", "F"}
        if wide and word:
            pieces.append(word)
            word = ""
        word += character
        if wide or character == " ":
            pieces.append(word)
            word = ""
    return [*pieces, word] if word else pieces
