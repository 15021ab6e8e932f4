"""Shapes and lines of words as ASS events for 1280x720: what every card is made of. Pure.

Colours are written as ASS has them: blue, green, red. `INKS` are those that words are set in; a test holds each of them
to a contrast of 4.5 to 1 and more on `NIGHT` and `DUSK`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from estation_box.playout import lettering

WIDTH: Final = 1280
HEIGHT: Final = 720
LEFT: Final = 96  # 5 % of the width is 64; some air more
RIGHT: Final = WIDTH - LEFT
MOST_SHIFT: Final = 8  # pixels that a card wanders to each side, so that nothing burns in
BEYOND: Final = (88, 188)  # a screen of 4:3 that hides 10 % at each edge shows so much beside, above and below a card
SAFE: Final = (64, 36)  # what old televisions cut off at each side and above, below: 5 %
PITCH: Final = 1.5  # from one line to the next, in ems
QR_SIDE: Final = 344  # pixels with its quiet zone: half the height, seven for a module of a usual code
MAX_CHARACTERS: Final = 400  # of any one text; a card that says more is not read

BRAND: Final = "科普e站"
NIGHT: Final = "&H241B0E&"
DUSK: Final = "&H33271A&"
LINE: Final = "&H4A3D2C&"
PAPER: Final = "&HEAF1F4&"
MIST: Final = "&HB9AC9C&"
AMBER: Final = "&H4CB4F2&"
JADE: Final = "&HA6C66F&"
CORAL: Final = "&H6B7BEF&"
VEIL: Final = "&H12&"
INKS: Final = (PAPER, MIST, AMBER, JADE, CORAL)
_PLACE: Final = re.compile(r"\\pos\((-?[0-9.]+),(-?[0-9.]+)\)")
_WHITE, _BLACK = "&HFFFFFF&", "&H000000&"


def shifted(ass: str, step: int) -> str:
    """The events moved a little: each ``step`` to another of eight places around where they were drawn."""
    return moved(ass, *((0, 0), (6, 0), (6, 4), (0, 4), (-6, 4), (-6, 0), (-6, -4), (6, -4))[step % 8])


def moved(ass: str, across: float, down: float) -> str:
    """The events so many pixels to the right and further down."""
    return _PLACE.sub(lambda at: f"\\pos({float(at[1]) + across:g},{float(at[2]) + down:g})", ass)


def escape(words: str, most: int = MAX_CHARACTERS) -> str:
    """``words`` as one line that ASS shows as it is; see `lettering.escape`."""
    return lettering.escape(words[:most])


def ground() -> list[str]:
    """A night sky that is a little lighter above, and a hill's line below; they go on beyond the card (`BEYOND`)."""
    left, right, foot = -BEYOND[0], WIDTH + BEYOND[0], HEIGHT + BEYOND[1]
    hill = f"m {left} {foot} l {left} 650 -8 650 b 240 596 420 672 660 640 b 880 610 1060 566 1288 623 l {right} 623"
    return [shape(whole(), NIGHT), shape(f"{hill} {right} {foot}", DUSK)]


def whole() -> str:
    """The path of everything that any screen shows, whatever its shape."""
    return box(-BEYOND[0], -BEYOND[1], WIDTH + BEYOND[0], HEIGHT + BEYOND[1])


def head(name: str, clock: str) -> list[str]:
    """The mark and the station's name above, the time of day opposite."""
    return [*mark(LEFT + 22, 104, 22), *head_words(name, clock, left=LEFT + 250)]


def mark(x: int, y: int, radius: int) -> list[str]:
    """A signal that goes out, and the name of the network."""
    signal = ring(x, y, radius, radius / 4.4, 0.78) + " " + disc(x, y, radius / 3.2)
    return [shape(signal, JADE), line(BRAND, x + 1.8 * radius, y - radius / 10, anchor=4, size=1.45 * radius)]


def head_words(name: str, clock: str, *, left: int = LEFT) -> list[str]:
    """The station's name, and the time of day at the right."""
    events = []
    if clock:
        events.append(line(escape(clock), RIGHT, 101, anchor=6, size=38))
    if name:
        events.append(line(lettering.fit(escape(name), 22), left, 103, anchor=4, size=26, colour=MIST))
    return events


def lines_of(words: str, size: int, rows: int, *, left: int = LEFT, right: int = RIGHT) -> tuple[str, ...]:
    """``words`` broken into at most ``rows`` lines of ``size`` pixels an em."""
    return lettering.wrap(escape(words), (right - left) / size, rows)


def block(
    words: str, top: int, *, size: int, colour: str, rows: int, left: int = LEFT, right: int = RIGHT
) -> list[str]:
    """Rows one below the other, from the side on which the text's script begins."""
    return set_lines(
        lines_of(words, size, rows, left=left, right=right), top, size=size, colour=colour, left=left, right=right
    )


def set_lines(
    lines: Sequence[str], top: int, *, size: int, colour: str, left: int = LEFT, right: int = RIGHT
) -> list[str]:
    """Lines that are broken already, one below the other, from the side on which their script begins."""
    anchor, x = (6, right) if lettering.right_to_left("".join(lines)) else (4, left)
    first = top + round(size * PITCH / 2)
    return [
        line(words, x, first + round(index * size * PITCH), anchor=anchor, size=size, colour=colour)
        for index, words in enumerate(lines)
    ]


def line(words: str, x: float, y: float, *, anchor: int, size: float, colour: str = PAPER) -> str:
    """One line of escaped words; ``anchor`` as on a number pad, ``size`` in pixels an em."""
    return f"{{\\an{anchor}\\pos({x:g},{y:g})\\q2\\bord0\\shad0\\1c{colour}{lettering.face(words, size)}}}{words}"


def shape(path: str, colour: str, *, alpha: str = "&H00&") -> str:
    """A filled path."""
    return f"{{\\an7\\pos(0,0)\\bord0\\shad0\\1c{colour}\\1a{alpha}\\p1}}{path}{{\\p0}}"


def box(left: float, top: float, right: float, bottom: float) -> str:
    """A rectangle's path."""
    return f"m {left} {top} l {right} {top} {right} {bottom} {left} {bottom}"


def disc(x: float, y: float, radius: float) -> str:
    """A full circle's path."""
    return _path([_at(x, y, radius, step / 24) for step in range(24)])


@lru_cache(maxsize=8)  # the ring of the week is on each card, and is another one seldom
def ring(x: float, y: float, radius: float, thick: float, share: float) -> str:
    """A ring's part, clockwise from the top: out along the rim and back along the inner one."""
    steps = max(round(96 * share), 2)
    turns = [share * step / steps for step in range(steps + 1)]
    outer = [_at(x, y, radius, turn) for turn in turns]
    inner = [_at(x, y, radius - thick, turn) for turn in reversed(turns)]
    return _path([*outer, *inner])


def qr_square(modules: Sequence[Sequence[bool]], left: int, top: int, side: int = QR_SIDE) -> list[str]:
    """Dark runs on a white square with the four modules around it that a reader needs; a module is whole pixels."""
    pixels = side // (len(modules) + 8)
    side = pixels * (len(modules) + 8)
    runs = []
    for y, row in enumerate(modules):
        ends = [x for x in range(len(row) + 1) if (x < len(row) and row[x]) != (x > 0 and row[x - 1])]
        runs += [box(x, y, end, y + 1) for x, end in zip(ends[::2], ends[1::2], strict=True)]
    place = f"\\an7\\pos({left + 4 * pixels},{top + 4 * pixels})\\fscx{pixels}00\\fscy{pixels}00"
    ink = f"{{{place}\\bord0\\shad0\\1c{_BLACK}\\p1}}{' '.join(runs)}{{\\p0}}"
    return [shape(box(left, top, left + side, top + side), _WHITE), ink]


def _path(points: Sequence[str]) -> str:
    return f"m {points[0]} l {' '.join(points[1:])}"


def _at(x: float, y: float, radius: float, turn: float) -> str:
    angle = 2 * math.pi * turn
    return f"{x + radius * math.sin(angle):.1f} {y - radius * math.cos(angle):.1f}"
