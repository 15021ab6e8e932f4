"""Washing hands: germs on a hand, soap and foam for twenty seconds, clear water."""

from __future__ import annotations

from itertools import pairwise
from math import pi, sin
from random import Random
from typing import Final

from scripts.demo.drawing import (
    Mark,
    Outline,
    Point,
    band,
    box,
    curve,
    disc,
    ease,
    fill,
    mix,
    moved,
    stroke,
    text,
    turned,
)

SKY: Final = ("d5eef2", "f7f3e6")
SKIN, EDGE, GERM, WATER, INK = "f3cba8", "d79f78", "8a6cc0", "6db8ea", "245566"
FINGERS: Final = (
    ((566.0, 410.0), (530.0, 272.0), 60.0, 50.0),
    ((618.0, 400.0), (604.0, 226.0), 62.0, 52.0),
    ((672.0, 400.0), (684.0, 236.0), 60.0, 50.0),
    ((722.0, 420.0), (758.0, 304.0), 54.0, 44.0),
    ((575.0, 560.0), (452.0, 440.0), 70.0, 54.0),
)
GERMS: Final = (
    (606, 268, 19), (542, 322, 16), (688, 300, 17), (742, 346, 14), (598, 430, 22), (690, 440, 18), (640, 520, 20),
    (500, 482, 16), (716, 540, 15),
)  # fmt: skip
FOAM: Final = tuple(
    (chance.uniform(515, 770), chance.uniform(250, 600), chance.uniform(16, 40), chance.random())
    for chance in [Random(20)]  # noqa: S311 - where bubbles stand is no secret; the same foam each time
    for _ in range(84)
)


def hands(t: float) -> list[Mark]:
    """Germs in the first third, soap in the second, water in the third."""
    return [*_backdrop(), *_hand(), *_germs(t), *_soap(t), *_foam(t), *_tap(t), *_clock(t), *_sparkles(t)]


def _backdrop() -> list[Mark]:
    return [fill(disc(640, 420, 330), "ffffff", 0.35), fill(disc(640, 420, 262), "ffffff", 0.45)]


def _hand() -> list[Mark]:
    marks = []
    for wider, colour in ((9.0, EDGE), (0.0, SKIN)):
        marks += [fill(stroke([begin, end], at + wider, to + wider), colour) for begin, end, at, to in FINGERS]
        marks.append(fill(box(536 - wider / 2, 384 - wider / 2, 216 + wider, 220 + wider, 74), colour))
        marks.append(fill(box(568 - wider / 2, 560, 152 + wider, 180), colour))
    creases = (
        ((560, 470), (640, 452), (716, 492)),
        ((612, 448), (570, 520), (612, 592)),
        ((574, 452), (650, 430), (730, 452)),
    )
    marks += [fill(stroke(curve(*crease), 4, 3), EDGE, 0.55) for crease in creases]
    marks.append(fill(box(548, 664, 192, 80, 16), "2f7f86"))
    return [*marks, fill(box(538, 652, 212, 34, 17), "3c99a0")]


def _germs(t: float) -> list[Mark]:
    away = ease(t, 6.3, 7.8)
    marks = []
    for number, (x, y, size) in enumerate(GERMS):
        shown = ease(t, 0.4 + 0.12 * number, 0.9 + 0.12 * number) * (1 - ease(t, 6.8 + 0.04 * number, 7.6))
        shift = 4 * sin(2 * pi * (t / 1.7 + number / 5)), 3 * sin(2 * pi * (t / 1.3 + number / 3))
        marks += moved(
            _germ(size * (0.6 + 0.4 * shown), t / 9 + number / 7, shown), x + shift[0], y + shift[1] + 150 * away
        )
    return marks


def _germ(size: float, turn: float, shown: float) -> list[Mark]:
    marks = []
    for spike in range(9):
        thorn = stroke([(size * 0.8, 0), (size * 1.32, 0)], size * 0.2)
        marks.append(fill(turned(thorn, (0, 0), turn + spike / 9), GERM, shown))
    marks.append(fill(disc(0, 0, size), GERM, shown))
    marks.append(fill(disc(-size * 0.25, -size * 0.3, size * 0.55), "a58bd6", 0.6 * shown, 1))
    for side in (-1, 1):
        marks.append(fill(disc(side * size * 0.34, -size * 0.12, size * 0.24), "ffffff", shown))
        marks.append(fill(disc(side * size * 0.34, -size * 0.08, size * 0.12), "3a2b5c", shown))
    return [
        *marks,
        fill(
            stroke(curve((-size * 0.3, size * 0.38), (0, size * 0.58), (size * 0.3, size * 0.38)), 2.4), "3a2b5c", shown
        ),
    ]


def _soap(t: float) -> list[Mark]:
    shown = ease(t, 3.0, 3.4) * (1 - ease(t, 5.5, 5.9))
    swing = sin(2 * pi * (t - 3) / 1.1)
    x, y = 640 + 78 * swing, 452 + 26 * sin(2 * pi * (t - 3) / 2.2)
    tilt = 0.02 * swing
    bar = [box(x - 74, y - 40, 148, 80, 34), box(x - 58, y - 30, 116, 52, 24)]
    return [
        fill(disc(x + 4, y + 34, 76, 0.4), "8a5a3c", 0.22 * shown, 8),
        fill(turned(bar[0], (x, y), tilt), "f0a9b4", shown),
        fill(turned(bar[1], (x, y), tilt), "f8c9d0", shown),
        text((x, y - 4), "肥皂", 34, "c4667a", shown),
    ]


def _foam(t: float) -> list[Mark]:
    away = ease(t, 6.2, 8.0)
    marks = []
    for number, (x, y, size, start) in enumerate(FOAM):
        grown = ease(t, 3.3 + 1.9 * start, 3.9 + 1.9 * start)
        shown = grown * (1 - ease(t, 6.3 + start, 7.0 + start))
        radius = size * grown * (1 + 0.05 * sin(2 * pi * (t / 1.4 + start)))
        left, top = x + 5 * sin(2 * pi * (t / 2 + number / 6)), y + 240 * away * (0.5 + start)
        marks.append(fill(disc(left, top, radius), mix("ffffff", "cfe9f7", start), 0.82 * shown))
        marks.append(fill(band(left, top, radius * 0.86, 2, (0.5, 0.72)), "ffffff", 0.9 * shown))
    return marks


def _tap(t: float) -> list[Mark]:
    here = ease(t, 5.6, 6.2)
    lift = -210 * (1 - here)
    flow = ease(t, 6.2, 6.6) * (1 - ease(t, 8.2, 8.6))
    marks = []
    if flow > 0.01:
        edge = [(x, 168.0 + 20 * step) for step, x in enumerate([644.0] * 23)]
        wavy = [(x + 4 * sin(2 * pi * (y / 130 - t * 1.6)), y) for x, y in edge]
        marks += [fill(stroke(wavy, 46, 120), "a9dcf6", 0.5 * flow), fill(stroke(wavy, 18, 60), "d8f0fb", 0.5 * flow)]
    for drop in range(16):
        way = (t * 1.5 + drop * 0.381966) % 1
        side = (drop % 2 * 2 - 1) * (50 + 110 * ((drop * 0.618) % 1)) * way
        marks.append(fill(disc(644 + side, 250 + 330 * way * way, 6 - 2 * way), WATER, 0.8 * flow * (1 - way)))
    pipe: list[tuple[Outline, str]] = [
        (stroke([(1320, 84 + lift), (690, 84 + lift)], 44), "9fb4bf"),
        (stroke([(1320, 76 + lift), (690, 76 + lift)], 12), "d7e3e8"),
        (stroke(curve((700, 84 + lift), (644, 84 + lift), (644, 160 + lift)), 44), "9fb4bf"),
        (box(616, 146 + lift, 56, 24, 8), "7d95a1"),
        (box(780, 34 + lift, 34, 40, 8), "7d95a1"),
        (box(748, 20 + lift, 98, 22, 11), "e2725b"),
    ]
    return [*marks, *(fill(outline, colour, here) for outline, colour in pipe)]


def _clock(t: float) -> list[Mark]:
    shown = ease(t, 3.0, 3.5)
    count = min(20.0, max(0.0, (t - 3.2) / 2.7 * 20))
    x, y = 1000.0, 360.0
    marks = [fill(band(x, y, 92, 18), "ffffff", 0.75 * shown)]
    if count > 0.2:
        marks.append(fill(band(x, y, 92, 18, (-0.25, -0.25 + count / 20)), "3c99a0", shown))
    return [
        *marks,
        text((x, y - 8), str(int(count)), 92, INK, shown),
        text((x, y + 46), "秒", 34, INK, 0.8 * shown, bold=False),
    ]


def _sparkles(t: float) -> list[Mark]:
    marks = []
    for number, (x, y, size) in enumerate(
        ((520, 250, 30), (792, 270, 24), (432, 400, 20), (690, 440, 34), (590, 500, 22))
    ):
        shown = ease(t, 7.5 + 0.12 * number, 7.9 + 0.12 * number)
        twinkle = size * (0.85 + 0.15 * sin(2 * pi * (t + number / 5)))
        marks.append(fill(_star((x, y), twinkle), "ffc95c" if number < 3 else "ffffff", shown))
    return marks


def _star(at: Point, size: float) -> Outline:
    x, y = at
    tips = [(x, y - size), (x + size, y), (x, y + size), (x - size, y), (x, y - size)]
    points: list[Point] = []
    for begin, end in pairwise(tips):
        points += curve(begin, at, end)
    return tuple(points)
