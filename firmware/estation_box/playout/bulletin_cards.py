"""How a bulletin looks: in the lower third, page by page, or over the whole screen. Pure."""

from __future__ import annotations

from typing import Final

from estation_box.playout import lettering
from estation_box.playout.drawing import (
    AMBER,
    CORAL,
    HEIGHT,
    JADE,
    LEFT,
    MIST,
    NIGHT,
    PAPER,
    PITCH,
    QR_SIDE,
    RIGHT,
    VEIL,
    WIDTH,
    block,
    box,
    ground,
    head,
    line,
    lines_of,
    qr_square,
    set_lines,
    shape,
)
from estation_box.playout.qr import modules

MAX_PAGES: Final = 20  # of a lower third: a thousand Han, the longest text, have nineteen
_SIZE, _ROWS = 38, 2
_CODE: Final = 188  # the side of the square in the corner
_FOOT: Final = HEIGHT - 56


def pages(text: str) -> tuple[tuple[str, ...], ...]:
    """``text`` in pages of two rows, each row as wide as the lower third; at most `MAX_PAGES`."""
    rows = lettering.wrap(lettering.escape(text), (RIGHT - LEFT) / _SIZE, _ROWS * MAX_PAGES)
    return tuple(rows[at : at + _ROWS] for at in range(0, len(rows), _ROWS))


def lower_third(title: str, rows: tuple[str, ...], number: int, count: int, *, urgent: bool, link: str = "") -> str:
    """One page over whatever plays. ``rows`` are one of `pages`; an ``urgent`` one has a red edge, another a green."""
    from_right = lettering.right_to_left(lettering.escape(title) + "".join(rows))
    left, right = (LEFT + 110, RIGHT) if from_right else (LEFT, RIGHT - 110)
    top = _FOOT - 92 - round(_SIZE * PITCH) * _ROWS
    edge = RIGHT + 14 if from_right else LEFT - 22
    events = [
        shape(box(64, top, WIDTH - 64, _FOOT), NIGHT, alpha=VEIL),
        shape(box(edge, top + 20, edge + 8, _FOOT - 20), CORAL if urgent else JADE),
        *block(title, top + 14, size=34, colour=AMBER, rows=1, left=left, right=right),
        *set_lines(rows, top + 74, size=_SIZE, colour=PAPER),
    ]
    if count > 1:
        x, anchor = (LEFT, 4) if from_right else (RIGHT, 6)
        events.append(line(f"{number} / {count}", x, top + 40, anchor=anchor, size=28, colour=MIST))
    if link:
        events += qr_square(modules(link), RIGHT - _CODE, top - _CODE - 20, _CODE)
    return "\n".join(events)


def full(*, title: str, text: str, dated: str = "", link: str = "", name: str = "", clock: str = "") -> str:
    """An emergency without a picture of its own fills the screen. ``dated``: when it was issued, and until when."""
    from_right = lettering.right_to_left(lettering.escape(title + text))
    code = QR_SIDE + 40 if link else 0
    left, right = (LEFT + code, RIGHT - 44) if from_right else (LEFT + 44, RIGHT - code)
    below = 186 + round(64 * PITCH) * len(lines_of(title, 64, 2, left=left, right=right)) + 10
    room = min((_FOOT - 64 - below) // round(42 * PITCH), 6)
    end = below + round(42 * PITCH) * len(lines_of(text, 42, room, left=left, right=right)) + 8
    edge = RIGHT - 12 if from_right else LEFT
    x, anchor = (RIGHT - 44, 6) if from_right else (LEFT + 44, 4)
    return "\n".join(
        [
            *ground(),
            *head(name, clock),
            shape(box(edge, 200, edge + 12, max(end, 300)), CORAL),
            *block(title, 186, size=64, colour=PAPER, rows=2, left=left, right=right),
            *block(text, below, size=42, colour=PAPER, rows=room, left=left, right=right),
            line(lettering.escape(dated), x, _FOOT - 24, anchor=anchor, size=30, colour=AMBER),
            *(qr_square(modules(link), LEFT if from_right else RIGHT - QR_SIDE, 190) if link else ()),
        ]
    )
