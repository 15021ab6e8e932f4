"""What the box itself puts on the screen, as ASS events for 1280x720: quiet, and legible at ten metres. Pure.

Full-screen cards (`station_card`, `countdown_card`, `fault`) go to the cover; `banner` and `progress` go over whatever
is on the screen. Everything keeps clear of the outer 5 %, which old televisions cut off. Words from outside pass
through `lettering.escape`. ASS colours are written blue, green, red.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from estation_box.playout import lettering
from estation_box.playout.drawing import (
    AMBER,
    CORAL,
    HEIGHT,
    JADE,
    LEFT,
    LINE,
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
    disc,
    escape,
    ground,
    head,
    head_words,
    line,
    lines_of,
    mark,
    qr_square,
    ring,
    shape,
    whole,
)

_WEEK_RADIUS: Final = 104
BOTTOM: Final = HEIGHT - 64  # where a card's own words end
CODE_TOP: Final = 176  # of a fault's square, which ends above the banner that core may still show
ABOVE_BANNER: Final = 458  # where they end while a banner, or a bulletin's lower third, stands below them
_SMALLER: Final = (1.0, 0.9, 0.8, 0.7, 0.62)  # of the usual size: the smallest is still read from six metres


def station_card(
    *,
    name: str = "",
    headline: str = "",
    detail: str = "",
    lines: Sequence[str] = (),
    clock: str = "",
    share: float | None = None,
    foot: int = BOTTOM,
) -> str:
    """The card between sessions: the station's name, what comes next, up to four lines of notice, the time of day.

    ``share``: how much of the week's minimum is done, as a ring that closes; 1 and more is a tick. ``foot``: where
    words end, `ABOVE_BANNER` where a banner stands; they are set smaller for it. Without words the mark stands alone.
    """
    if not (headline or detail or lines):
        return "\n".join([*ground(), *mark(506, 330, 46), *head_words(name, clock)])
    right = RIGHT if share is None else RIGHT - 2 * _WEEK_RADIUS - 40
    words = [(headline, 64, PAPER, 2), (detail, 44, AMBER, 2), *((each, 36, MIST, 1) for each in lines[:4])]
    events = [*ground(), *head(name, clock), *(_week(share) if share is not None else ())]
    for scale in _SMALLER:
        set_in, end = _column([each for each in words if each[0]], 208 if foot == BOTTOM else 180, scale, right)
        if end <= foot:
            break
    return "\n".join([*events, *set_in])


def _column(words: Sequence[tuple[str, int, str, int]], top: int, scale: float, right: int) -> tuple[list[str], int]:
    """Text, size, colour and most rows of each, one below the other from ``top`` on; and where they end."""
    events: list[str] = []
    for text, full, colour, rows in words:
        size = round(full * scale)
        events += block(text, top, size=size, colour=colour, rows=rows, right=right)
        top += round(size * PITCH) * len(lines_of(text, size, rows, right=right)) + round(8 * scale)
    return events, top


def _week(share: float) -> list[str]:
    """The week as a ring at the right; a closed one has a tick in it."""
    x, y = RIGHT - _WEEK_RADIUS, 330
    events = [shape(ring(x, y, _WEEK_RADIUS, 10, 1.0), LINE)]
    if share > 0:
        events.append(shape(ring(x, y, _WEEK_RADIUS, 10, min(share, 1.0)), JADE))
    if share >= 1:
        points = ((-46, 2), (-14, 34), (50, -34), (38, -46), (-14, 8), (-34, -12))
        (across, down), *rest = [(x + right, y + below) for right, below in points]
        tick = f"m {across} {down} l {' '.join(f'{a} {b}' for a, b in rest)}"
        events.append(shape(tick, JADE))
    return events


def dark() -> str:
    """Nothing at all: long after a session the screen rests, and any key or stick wakes it."""
    return shape(whole(), "&H000000&")


def countdown_card(
    *,
    title: str,
    series: str = "",
    seconds: int,
    of: int,
    name: str = "",
    clock: str = "",
    hint: str = "",
    foot: int = BOTTOM,
) -> str:
    """The card before a session: what begins, and in how many of the ``of`` seconds; the ring empties meanwhile.

    ``hint``: what a press does, at the bottom. ``foot``: as for the `station_card`.
    """
    x, radius = 1000, 158 if foot == BOTTOM else 142
    y, rows = (386, 3) if foot == BOTTOM else (316, 2)
    share = min(max(seconds / of, 0.0), 1.0) if of > 0 else 0.0
    minutes, rest = divmod(max(seconds, 0), 60)
    digits = f"{minutes}:{rest:02d}" if minutes else str(rest)
    events = [*ground(), *head(name, clock), shape(ring(x, y, radius, 9, 1.0), LINE)]
    if share > 0:
        events.append(shape(ring(x, y, radius, 9, share), AMBER))
    events.append(line(digits, x, y - 4, anchor=5, size=88 if minutes else 116, colour=PAPER))
    room = x - radius - 52
    top = y - round(60 * PITCH * len(lines_of(title, 60, rows, right=room)) / 2) - 10
    if series:
        events += block(series, top - 40, size=38, colour=AMBER, rows=1, right=room)
        top += 26
    events += block(title, top, size=60, colour=PAPER, rows=rows, right=room)
    if hint:
        events += block(hint, foot - 48 if foot == BOTTOM else foot - 36, size=30, colour=MIST, rows=1, right=room)
    return "\n".join(events)


def fault(
    *, title: str, words: str, name: str = "", clock: str = "", code: str = "", qr: Sequence[Sequence[bool]] = ()
) -> str:
    """The card of a box that cannot go on: what is wrong, and what a person can do.

    ``code``: a short name of the fault, to be told by telephone; ``qr``: its modules, for a telephone that reads them.
    """
    left, top = LEFT + 44, CODE_TOP if qr else 216
    large, small, rows, right = (48, 32, 6, RIGHT - QR_SIDE - 40) if qr else (60, 38, 4, RIGHT)
    below = top + round(large * PITCH) * len(lines_of(title, large, 2, left=left, right=right)) + 14
    end = below + round(small * PITCH) * len(lines_of(words, small, rows, left=left, right=right)) + 6
    return "\n".join(
        [
            *ground(),
            *head(name, clock),
            shape(box(LEFT, top + 16, LEFT + 10, end), CORAL),
            *block(title, top, size=large, colour=PAPER, rows=2, left=left, right=right),
            *block(words, below, size=small, colour=MIST, rows=rows, left=left, right=right),
            *(block(code, end + 14, size=48, colour=AMBER, rows=1, left=left, right=right) if code else ()),
            *(qr_square(qr, RIGHT - QR_SIDE, top) if qr else ()),
        ]
    )


def done(*, title: str, words: Sequence[str], name: str = "", clock: str = "") -> str:
    """The card of something that went well: a green edge, the title, up to three large lines."""
    top, left = 216, LEFT + 44
    below = top + round(60 * PITCH) * len(lines_of(title, 60, 2, left=left)) + 14
    events = [*ground(), *head(name, clock), *block(title, top, size=60, colour=PAPER, rows=2, left=left)]
    for row in [each for each in words if each][:3]:
        events += block(row, below, size=46, colour=JADE, rows=1, left=left)
        below += round(46 * PITCH) + 8
    return "\n".join([*events, shape(box(LEFT, top + 16, LEFT + 10, below), JADE)])


def welcome(*, pressed: bool, words: Sequence[str], clock: str = "") -> str:
    """The first card of a new box: a button that turns green when it is pressed, and up to three lines beside it."""
    x, y, left = 250, 400, 470
    colour = JADE if pressed else AMBER
    events = [*ground(), *head("", clock), shape(ring(x, y, 140, 10, 1.0), colour)]
    events.append(shape(disc(x, y, 112), colour if pressed else LINE))
    top = 270
    for row, size in zip(words, (60, 44, 34), strict=False):
        events += block(row, top, size=size, colour=PAPER if size == 60 else MIST, rows=1, left=left)
        top += round(size * PITCH) + 12
    return "\n".join(events)


def banner(text: str, *, tone: Literal["notice", "fault"] = "notice") -> str:
    """Words in the lower third, at most two lines, over whatever plays; empty text takes the banner away."""
    words = escape(text)
    if not words:
        return ""
    rows = len(lines_of(text, 36, 2))
    top = HEIGHT - 56 - 48 - round(36 * PITCH) * rows
    edge = RIGHT + 14 if lettering.right_to_left(words) else LEFT - 22
    return "\n".join(
        [
            shape(box(64, top, WIDTH - 64, HEIGHT - 56), NIGHT, alpha=VEIL),
            shape(box(edge, top + 22, edge + 8, HEIGHT - 78), CORAL if tone == "fault" else JADE),
            *block(text, top + 16, size=36, colour=PAPER, rows=2),
        ]
    )


def progress(words: str, fraction: float, *, detail: str = "", ready: bool = False) -> str:
    """A banner with a bar: work that goes on, ``fraction`` of it done; ``ready``: people need not wait for the rest."""
    top, bar = HEIGHT - 214, HEIGHT - 84
    done = LEFT + (RIGHT - LEFT) * min(max(fraction, 0.0), 1.0)
    events = [
        shape(box(64, top, WIDTH - 64, HEIGHT - 56), NIGHT, alpha=VEIL),
        *block(words, top + 12, size=42, colour=JADE if ready else PAPER, rows=1),
        *block(detail, top + 76, size=30, colour=MIST, rows=1),
        shape(box(LEFT, bar, RIGHT, bar + 8), LINE),
    ]
    if ready:
        events.append(shape(box(LEFT - 22, top + 22, LEFT - 14, HEIGHT - 78), JADE))
    if done > LEFT + 1:
        events.append(shape(box(LEFT, bar, round(done), bar + 8), JADE))
    return "\n".join(events)
