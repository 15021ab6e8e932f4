"""A seed sprouts: water, root, shoot, leaves, with the ground cut open."""

from __future__ import annotations

from math import pi, sin
from random import Random
from typing import Final

from scripts.demo.drawing import Mark, Outline, Point, arc, box, curve, disc, ease, fill, mix, stroke, turned

SKY: Final = ("bfe3f2", "fdf3d6")
GROUND: Final = 396.0
SEED: Final[Point] = (640.0, 468.0)
GREEN, ROOT = "6aa84f", "f1e3c4"
STONES: Final = tuple(
    (chance.uniform(20, 1260), chance.uniform(438, 700), chance.uniform(4, 13), chance.uniform(0.55, 0.9))
    for chance in [Random(5)]  # noqa: S311 - where stones lie is no secret; the same ground each time
    for _ in range(70)
)


def seed(t: float) -> list[Mark]:
    """Rain in the first third, the shoot in the second, sun and leaves in the third."""
    return [*_heaven(t), *_ground(), *_rain(t), *_roots(t), *_plant(t), *_grain(t)]


def _heaven(t: float) -> list[Mark]:
    up = ease(t, 4.8, 7.2)
    x, y = 1010.0, 320 - 150 * up
    marks = [fill(disc(x, y, 150), "ffd98a", 0.35 * up, 30), fill(disc(x, y, 62), "ffc457", up, 1)]
    for ray in range(12):
        beam = turned(stroke([(x + 82, y), (x + 82 + 26 * up, y)], 7), (x, y), ray / 12 + t / 60)
        marks.append(fill(beam, "ffc457", 0.9 * up))
    marks.append(fill(disc(250, 486, 420, 0.42), "a9d18e", 0.75))
    marks.append(fill(disc(1080, 506, 520, 0.38), "94c47d", 0.75))
    cloud = 1 - ease(t, 3.2, 5.0)
    drift = 12 * t
    puffs = ((-90, 10, 44), (-40, -18, 58), (28, -26, 66), (88, 6, 48))
    return (
        marks
        + [fill(disc(600 + drift + x, 212 + y, size), "ffffff", 0.92 * cloud, 1) for x, y, size in puffs]
        + [fill(box(475 + drift, 208, 250, 60, 30), "ffffff", 0.92 * cloud, 1)]
    )


def _ground() -> list[Mark]:
    top = [(x, GROUND + 7 * sin(x / 90)) for x in range(0, 1281, 20)]
    marks = [fill((*top, (1280, 720), (0, 720)), "7a5236")]
    marks.append(fill((*[(x, y + 110) for x, y in top], (1280, 720), (0, 720)), "694429"))
    marks.append(fill((*[(x, y + 205) for x, y in top], (1280, 720), (0, 720)), "573720"))
    marks += [fill(disc(x, y, size, squeeze), "a07a56", 0.35) for x, y, size, squeeze in STONES]
    return [*marks, fill(stroke(top, 16), "7fb35e")]


def _rain(t: float) -> list[Mark]:
    shown = ease(t, 0.3, 0.8) * (1 - ease(t, 2.8, 3.6))
    marks = []
    for drop in range(26):
        way = (t * 1.15 + drop * 0.381966) % 1
        x = 490 + 10.5 * drop + 12 * t
        y = 272 + (GROUND - 272) * way**1.4
        marks.append(fill(_drop(x, y, 7), "5aa9e6", 0.85 * shown))
    for drop in range(5):
        way = (t * 0.6 + drop / 5) % 1
        x = SEED[0] + (drop - 2) * 34 * (1 - way)
        marks.append(fill(_drop(x, GROUND + 14 + 52 * way, 6), "8cc8f0", 0.8 * shown * sin(pi * way)))
    return marks


def _drop(x: float, y: float, size: float) -> Outline:
    return ((x, y - 2.2 * size), (x + 0.5 * size, y - size), *arc(x, y, size, 0, 0.5), (x - 0.5 * size, y - size))


def _roots(t: float) -> list[Mark]:
    long = ease(t, 1.6, 5.2)
    x, y = SEED[0], SEED[1] + 12
    marks = []
    if long > 0.02:
        marks.append(fill(stroke(curve((x, y), (x - 24, y + 70), (x + 8, y + 150), long), 12, 4), ROOT))
    for side, start, reach in ((-1, 0.30, 92.0), (1, 0.42, 104.0), (-1, 0.55, 66.0), (1, 0.66, 58.0)):
        grown = ease(t, 1.8 + 4 * start, 4.2 + 4 * start)
        begin = curve((x, y), (x - 24, y + 70), (x + 8, y + 150), start)[-1]
        bend, end = (begin[0] + side * reach * 0.6, begin[1] + 4), (begin[0] + side * reach, begin[1] + 42)
        if grown > 0.02:
            marks.append(fill(stroke(curve(begin, bend, end, grown), 6, 2.5), ROOT, 0.95))
    return marks


def _grain(t: float) -> list[Mark]:
    swell = 1 + 0.22 * ease(t, 0.8, 2.4)
    body = turned(disc(*SEED, 34, 0.68), SEED, -0.06, swell)
    shine = turned(disc(SEED[0] - 10, SEED[1] - 8, 12, 0.4), SEED, -0.06, swell)
    return [fill(body, mix("c98a3f", "d9a35b", ease(t, 0.8, 2.4))), fill(shine, "f4d6a0", 0.7, 1)]


def _plant(t: float) -> list[Mark]:
    high = ease(t, 3.0, 6.2)
    if high < 0.01:
        return []
    x, y = SEED[0] + 4, SEED[1] - 12
    straight = ease(t, 4.6, 6.4)
    sway = 5 * sin(2 * pi * t / 3.2) * straight
    tip = (x + 30 * (1 - straight) + sway, y - 235 * high)
    bend = (x - 26 * (1 - straight), y - 140 * high)
    stem = curve((x, y), bend, tip)
    if straight < 1:  # the hook that breaks the ground
        stem += curve(
            stem[-1], (tip[0] + 16, tip[1] - 12), (tip[0] + 26 * (1 - straight), tip[1] + 20 * (1 - straight))
        )
    open_ = ease(t, 5.2, 7.6)
    marks = [fill(stroke(stem, 15, 10), GREEN)]
    for side in (-1, 1):
        angle = (0.25 + 0.02) * (1 - open_) * side + (-0.06 * side) * open_
        size = 0.35 + 0.65 * open_
        marks += _leaf(stem[-1], side, angle + 0.004 * sin(2 * pi * t / 2.6), size)
    return marks


def _leaf(at: Point, side: int, turn: float, size: float) -> list[Mark]:
    x, y = at
    tip = (x + side * 128, y - 8)
    upper = curve(at, (x + side * 58, y - 62), tip)
    lower = curve(tip, (x + side * 66, y + 44), at)
    vein = stroke(curve(at, (x + side * 60, y - 8), (x + side * 112, y - 8)), 4, 1.5)
    return [fill(turned((*upper, *lower), at, turn, size), "7cbf5a"), fill(turned(vein, at, turn, size), "5c9a41")]
