"""What the box itself puts on the screen, as ASS events for 1280x720: quiet, and legible at ten metres. Pure.

Full-screen cards (`station_card`, `countdown_card`, `fault`) go to the cover; `banner` and `progress` go over whatever
is on the screen. Everything keeps clear of the outer 5 %, which old televisions cut off. Words from outside pass
through `lettering.escape`. ASS colours are written blue, green, red.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal

from estation_box.playout import lettering

WIDTH: Final = 1280
HEIGHT: Final = 720
LEFT: Final = 96  # 5 % of the width is 64; some air more
RIGHT: Final = WIDTH - LEFT
PITCH: Final = 1.5  # from one line to the next, in ems
QR_SIDE: Final = 344  # pixels with its quiet zone: half the height, seven for a module of a usual code
MAX_CHARACTERS: Final = 400  # of any one text; a card that says more is not read

BRAND: Final = "科普e站"
_NIGHT: Final = "&H241B0E&"
_DUSK: Final = "&H33271A&"
_LINE: Final = "&H4A3D2C&"
_PAPER: Final = "&HEAF1F4&"
_MIST: Final = "&HB9AC9C&"
_AMBER: Final = "&H4CB4F2&"
_JADE: Final = "&HA6C66F&"
_CORAL: Final = "&H6B7BEF&"
_VEIL: Final = "&H22&"


def escape(text: str) -> str:
    """``text`` as one line that ASS shows as it is; see `lettering.escape`."""
    return lettering.escape(text[:MAX_CHARACTERS])


def station_card(
    *, name: str = "", headline: str = "", detail: str = "", lines: Sequence[str] = (), clock: str = ""
) -> str:
    """The card between sessions: the station's name, what comes next, up to four lines of notice, the time of day.

    Without a word to say it shows the mark alone, large.
    """
    if not (headline or detail or lines):
        return "\n".join([*_ground(), *_mark(506, 330, 46), *_head_words(name, clock)])
    top, events = 208, [*_ground(), *_head(name, clock)]
    for text, size, colour, rows in ((headline, 64, _PAPER, 2), (detail, 44, _AMBER, 1)):
        if text:
            events += _block(text, top, size=size, colour=colour, rows=rows)
            top += round(size * PITCH) * len(_lines(text, size, rows)) + 8
    top += 16
    for line in lines[:4]:
        events += _block(line, top, size=34, colour=_MIST, rows=1)
        top += 58
    return "\n".join(events)


def countdown_card(
    *, title: str, series: str = "", seconds: int, of: int, name: str = "", clock: str = "", hint: str = ""
) -> str:
    """The card before a session: what begins, and in how many of the ``of`` seconds; the ring empties meanwhile.

    ``hint``: what a press does, at the bottom.
    """
    x, y, radius = 1000, 386, 158
    share = min(max(seconds / of, 0.0), 1.0) if of > 0 else 0.0
    minutes, rest = divmod(max(seconds, 0), 60)
    digits = f"{minutes}:{rest:02d}" if minutes else str(rest)
    events = [*_ground(), *_head(name, clock), _shape(_ring(x, y, radius, 9, 1.0), _LINE)]
    if share > 0:
        events.append(_shape(_ring(x, y, radius, 9, share), _AMBER))
    events.append(_text(digits, x, y - 4, anchor=5, size=88 if minutes else 116, colour=_PAPER))
    room = x - radius - 52
    top = 386 - round(60 * PITCH * len(_lines(title, 60, 3, right=room)) / 2) - 10
    if series:
        events += _block(series, top - 40, size=38, colour=_AMBER, rows=1, right=room)
        top += 26
    events += _block(title, top, size=60, colour=_PAPER, rows=3, right=room)
    if hint:
        events += _block(hint, HEIGHT - 112, size=30, colour=_MIST, rows=1)
    return "\n".join(events)


def bulletin_card(*, title: str, text: str, name: str = "", clock: str = "") -> str:
    """An emergency bulletin that has no picture of its own: it fills the screen."""
    return fault(title=title, words=text, name=name, clock=clock)


def fault(
    *, title: str, words: str, name: str = "", clock: str = "", code: str = "", qr: Sequence[Sequence[bool]] = ()
) -> str:
    """The card of a box that cannot go on: what is wrong, and what a person can do.

    ``code``: a short name of the fault, to be told by telephone; ``qr``: its modules, for a telephone that reads them.
    """
    left, top = LEFT + 44, 216
    large, small, rows, right = (48, 32, 6, RIGHT - QR_SIDE - 40) if qr else (60, 38, 4, RIGHT)
    below = top + round(large * PITCH) * len(_lines(title, large, 2, left=left, right=right)) + 14
    end = below + round(small * PITCH) * len(_lines(words, small, rows, left=left, right=right)) + 6
    return "\n".join(
        [
            *_ground(),
            *_head(name, clock),
            _shape(_box(LEFT, top + 16, LEFT + 10, end), _CORAL),
            *_block(title, top, size=large, colour=_PAPER, rows=2, left=left, right=right),
            *_block(words, below, size=small, colour=_MIST, rows=rows, left=left, right=right),
            *(_block(code, top + QR_SIDE, size=40, colour=_AMBER, rows=1, left=RIGHT - QR_SIDE) if code else ()),
            *(_qr(qr, RIGHT - QR_SIDE, top) if qr else ()),
        ]
    )


def done(*, title: str, words: Sequence[str], name: str = "", clock: str = "") -> str:
    """The card of something that went well: a green edge, the title, up to three large lines."""
    top, left = 216, LEFT + 44
    below = top + round(60 * PITCH) * len(_lines(title, 60, 2, left=left)) + 14
    events = [*_ground(), *_head(name, clock), *_block(title, top, size=60, colour=_PAPER, rows=2, left=left)]
    for line in [each for each in words if each][:3]:
        events += _block(line, below, size=46, colour=_JADE, rows=1, left=left)
        below += round(46 * PITCH) + 8
    return "\n".join([*events, _shape(_box(LEFT, top + 16, LEFT + 10, below), _JADE)])


def welcome(*, pressed: bool, words: Sequence[str], clock: str = "") -> str:
    """The first card of a new box: a button that turns green when it is pressed, and up to three lines beside it."""
    x, y, left = 250, 400, 470
    colour = _JADE if pressed else _AMBER
    events = [*_ground(), *_head("", clock), _shape(_ring(x, y, 140, 10, 1.0), colour)]
    events.append(_shape(_disc(x, y, 112), colour if pressed else _LINE))
    top = 270
    for line, size in zip(words, (60, 44, 34), strict=False):
        events += _block(line, top, size=size, colour=_PAPER if size == 60 else _MIST, rows=1, left=left)
        top += round(size * PITCH) + 12
    return "\n".join(events)


def banner(text: str, *, tone: Literal["notice", "fault"] = "notice") -> str:
    """Words in the lower third, at most two lines, over whatever plays; empty text takes the banner away."""
    words = escape(text)
    if not words:
        return ""
    rows = len(_lines(text, 36, 2))
    top = HEIGHT - 56 - 48 - round(36 * PITCH) * rows
    edge = RIGHT + 14 if lettering.right_to_left(words) else LEFT - 22
    return "\n".join(
        [
            _shape(_box(64, top, WIDTH - 64, HEIGHT - 56), _NIGHT, alpha=_VEIL),
            _shape(_box(edge, top + 22, edge + 8, HEIGHT - 78), _CORAL if tone == "fault" else _JADE),
            *_block(text, top + 16, size=36, colour=_PAPER, rows=2),
        ]
    )


def progress(words: str, fraction: float, *, detail: str = "", ready: bool = False) -> str:
    """A banner with a bar: work that goes on, ``fraction`` of it done; ``ready``: people need not wait for the rest."""
    top, bar = HEIGHT - 214, HEIGHT - 84
    done = LEFT + (RIGHT - LEFT) * min(max(fraction, 0.0), 1.0)
    events = [
        _shape(_box(64, top, WIDTH - 64, HEIGHT - 56), _NIGHT, alpha=_VEIL),
        *_block(words, top + 12, size=42, colour=_JADE if ready else _PAPER, rows=1),
        *_block(detail, top + 76, size=30, colour=_MIST, rows=1),
        _shape(_box(LEFT, bar, RIGHT, bar + 8), _LINE),
    ]
    if ready:
        events.append(_shape(_box(LEFT - 22, top + 22, LEFT - 14, HEIGHT - 78), _JADE))
    if done > LEFT + 1:
        events.append(_shape(_box(LEFT, bar, round(done), bar + 8), _JADE))
    return "\n".join(events)


def _ground() -> list[str]:
    """A night sky that is a little lighter above, and a hill's line below."""
    hill = f"m 0 {HEIGHT} l 0 648 b 240 596 420 672 660 640 b 880 610 1060 566 {WIDTH} 622 l {WIDTH} {HEIGHT}"
    return [_shape(_box(0, 0, WIDTH, HEIGHT), _NIGHT), _shape(hill, _DUSK)]


def _head(name: str, clock: str) -> list[str]:
    """The mark and the station's name above, the time of day opposite."""
    return [*_mark(LEFT + 22, 104, 22), *_head_words(name, clock, left=LEFT + 250)]


def _mark(x: int, y: int, radius: int) -> list[str]:
    """A signal that goes out, and the name of the network."""
    signal = _ring(x, y, radius, radius / 4.4, 0.78) + " " + _disc(x, y, radius / 3.2)
    return [_shape(signal, _JADE), _text(BRAND, x + 1.8 * radius, y - radius / 10, anchor=4, size=1.45 * radius)]


def _head_words(name: str, clock: str, *, left: int = LEFT) -> list[str]:
    events = []
    if clock:
        events.append(_text(escape(clock), RIGHT, 101, anchor=6, size=38))
    if name:
        events.append(_text(lettering.fit(escape(name), 22), left, 103, anchor=4, size=26, colour=_MIST))
    return events


def _lines(text: str, size: int, rows: int, *, left: int = LEFT, right: int = RIGHT) -> tuple[str, ...]:
    return lettering.wrap(escape(text), (right - left) / size, rows)


def _block(
    text: str, top: int, *, size: int, colour: str, rows: int, left: int = LEFT, right: int = RIGHT
) -> list[str]:
    """Rows one below the other, from the side on which the text's script begins."""
    lines = _lines(text, size, rows, left=left, right=right)
    anchor, x = (6, right) if lettering.right_to_left("".join(lines)) else (4, left)
    first = top + round(size * PITCH / 2)
    return [
        _text(line, x, first + round(index * size * PITCH), anchor=anchor, size=size, colour=colour)
        for index, line in enumerate(lines)
    ]


def _text(words: str, x: float, y: float, *, anchor: int, size: float, colour: str = _PAPER) -> str:
    """One line of escaped words; ``anchor`` as on a number pad, ``size`` in pixels an em."""
    return f"{{\\an{anchor}\\pos({x:g},{y:g})\\q2\\bord0\\shad0\\1c{colour}{lettering.face(words, size)}}}{words}"


def _shape(path: str, colour: str, *, alpha: str = "&H00&") -> str:
    return f"{{\\an7\\pos(0,0)\\bord0\\shad0\\1c{colour}\\1a{alpha}\\p1}}{path}{{\\p0}}"


def _box(left: float, top: float, right: float, bottom: float) -> str:
    return f"m {left} {top} l {right} {top} l {right} {bottom} l {left} {bottom}"


def _qr(modules: Sequence[Sequence[bool]], left: int, top: int) -> list[str]:
    """Dark runs on a white square with the four modules around it that a reader needs; a module is whole pixels."""
    pixels = QR_SIDE // (len(modules) + 8)
    side = pixels * (len(modules) + 8)
    runs = []
    for y, row in enumerate(modules):
        ends = [x for x in range(len(row) + 1) if (x < len(row) and row[x]) != (x > 0 and row[x - 1])]
        runs += [
            f"m {x} {y} l {end} {y} {end} {y + 1} {x} {y + 1}" for x, end in zip(ends[::2], ends[1::2], strict=True)
        ]
    at, scale = f"{left + 4 * pixels},{top + 4 * pixels}", f"\\fscx{pixels}00\\fscy{pixels}00"
    ink = f"{{\\an7\\pos({at})\\bord0\\shad0\\1c&H000000&{scale}\\p1}}{' '.join(runs)}{{\\p0}}"
    return [_shape(_box(left, top, left + side, top + side), "&HFFFFFF&"), ink]


def _disc(x: float, y: float, radius: float) -> str:
    return "m " + " l ".join(_at(x, y, radius, step / 24) for step in range(24))


def _ring(x: float, y: float, radius: float, thick: float, share: float) -> str:
    """A ring's part, clockwise from the top: out along the rim and back along the inner one."""
    steps = max(round(96 * share), 2)
    turns = [share * step / steps for step in range(steps + 1)]
    outer = [_at(x, y, radius, turn) for turn in turns]
    inner = [_at(x, y, radius - thick, turn) for turn in reversed(turns)]
    return "m " + " l ".join((*outer, *inner))


def _at(x: float, y: float, radius: float, turn: float) -> str:
    angle = 2 * math.pi * turn
    return f"{x + radius * math.sin(angle):.1f} {y - radius * math.cos(angle):.1f}"
