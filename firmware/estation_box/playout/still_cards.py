"""What is set over a still: a caption, a text, three questions to talk about, whom to ask. Pure.

A caption leaves the picture to be seen; of the others the words are all there is, on the house's own ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from estation_box.playout import lettering
from estation_box.playout.drawing import (
    AMBER,
    HEIGHT,
    JADE,
    LEFT,
    LINE,
    NIGHT,
    PAPER,
    PITCH,
    QR_SIDE,
    RIGHT,
    VEIL,
    WIDTH,
    block,
    box,
    disc,
    ground,
    head,
    line,
    lines_of,
    qr_square,
    shape,
)
from estation_box.playout.qr import modules
from estation_wire.library import Form

QUESTIONS: Final = 3  # more are not talked about in one evening
_CAPTION_ROWS: Final = 3
_FOOT: Final = HEIGHT - 56


def over(form: Form | None, title: str, lines: Sequence[str], link: str = "") -> str:
    """The events over a still's picture; empty where nothing is to be said."""
    if form == "discussion":
        return _discussion(title, lines)
    if form in {"text", "contact"}:
        return _text(title, lines, link)
    return _caption(lines, link) if lines or link else ""


def _caption(lines: Sequence[str], link: str) -> str:
    """At most three rows over the picture's foot, and in the corner what a telephone reads."""
    events, words = [], " ".join(lines)
    if words:
        rows = lines_of(words, 38, _CAPTION_ROWS)
        top = _FOOT - 40 - round(38 * PITCH) * len(rows)
        edge = RIGHT + 14 if lettering.right_to_left("".join(rows)) else LEFT - 22
        events = [
            shape(box(64, top, WIDTH - 64, _FOOT), NIGHT, alpha=VEIL),
            shape(box(edge, top + 20, edge + 8, _FOOT - 20), JADE),
            *block(words, top + 20, size=38, colour=PAPER, rows=_CAPTION_ROWS),
        ]
    if link:
        events += qr_square(modules(link), RIGHT - 200, 72, 200)
    return "\n".join(events)


def _text(title: str, lines: Sequence[str], link: str) -> str:
    right = RIGHT - QR_SIDE - 48 if link else RIGHT
    events = [*ground(), *head("", ""), *block(title, 170, size=58, colour=AMBER, rows=2, right=right)]
    top = 170 + round(58 * PITCH) * len(lines_of(title, 58, 2, right=right)) + 16
    for words in lines:
        room = (_FOOT - top) // round(40 * PITCH)
        if room < 1:
            break
        rows = lines_of(words, 40, min(room, 3), right=right)
        events += block(words, top, size=40, colour=PAPER, rows=min(room, 3), right=right)
        top += round(40 * PITCH) * len(rows) + 8
    return "\n".join([*events, *(qr_square(modules(link), RIGHT - QR_SIDE, 190) if link else ())])


def _discussion(title: str, lines: Sequence[str]) -> str:
    """Three questions, each with its number; nothing of what is said is kept."""
    events = [*ground(), *head("", ""), *block(title, 158, size=52, colour=AMBER, rows=1)]
    top = 258
    from_right = lettering.right_to_left("".join(lines))
    for number, words in enumerate(lines[:QUESTIONS], 1):
        x, left, right = (RIGHT - 34, LEFT, RIGHT - 100) if from_right else (LEFT + 34, LEFT + 100, RIGHT)
        rows = lines_of(words, 46, 2, left=left, right=right)
        middle = top + round(46 * PITCH / 2)
        events += [
            shape(disc(x, middle, 32), LINE),
            line(str(number), x, middle - 2, anchor=5, size=36, colour=JADE),
            *block(words, top, size=46, colour=PAPER, rows=2, left=left, right=right),
        ]
        top += round(46 * PITCH) * max(len(rows), 1) + 20
    return "\n".join(events)
