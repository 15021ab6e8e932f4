"""The phases of the moon: the sun at the left, the moon on its way, and what is seen of it from here."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random
from typing import Final

from scripts.demo.drawing import Mark, Outline, Point, arc, band, disc, ease, fill, mix, text

SKY: Final = ("0b1430", "1d2f5c")
EARTH: Final[Point] = (500.0, 400.0)
ORBIT: Final = 176.0
SEEN: Final[Point] = (950.0, 380.0)
DARK, LIGHT, SUN = "26345c", "f6efd8", "ffd27a"
NAMES: Final = ("新月", "上弦月", "满月", "下弦月")
STARS: Final = tuple(
    (chance.uniform(0, 1280), chance.uniform(0, 700), chance.uniform(0.8, 2.2), chance.random())
    for chance in [Random(12)]  # noqa: S311 - where stars stand is no secret; the same sky each time
    for _ in range(90)
)


def moon(t: float) -> list[Mark]:
    """Once round in the film, new moon first."""
    phase = 0.04 + 0.92 * ease(t, 1.2, 9.0)
    return [*_stars(t), *_sun(t), *_orbit(phase, ease(t, 0.3, 1.4)), *_from_here(phase, ease(t, 0.8, 2.0))]


def _stars(t: float) -> list[Mark]:
    return [
        fill(disc(x, y, size), "ffffff", round(0.35 + 0.3 * sin(2 * pi * (round(t * 5) / 12 + start)), 1))
        for x, y, size, start in STARS
    ]


def _sun(t: float) -> list[Mark]:
    swell = 1 + 0.01 * sin(2 * pi * t / 3)
    marks = [fill(disc(20, 400, 210 * swell), SUN, 0.10, 30), fill(disc(20, 400, 160 * swell), SUN, 0.22, 16)]
    marks.append(fill(disc(20, 400, 118), "ffdf9a", 1, 1.5))
    for row in range(5):
        at = (t * 0.35 + row * 0.37) % 1
        shown = 0.5 * sin(pi * at)
        x, y = 170 + 130 * at, 290 + 55 * row
        marks.append(fill(((x, y - 1.5), (x + 52, y - 1.5), (x + 52, y + 1.5), (x, y + 1.5)), SUN, shown, 0.6))
    return marks


def _orbit(phase: float, shown: float) -> list[Mark]:
    x, y = EARTH
    marks = [fill(band(x, y, ORBIT, 1.6, (step / 60, step / 60 + 0.009)), "aebbe6", 0.6 * shown) for step in range(60)]
    marks += [
        fill(disc(x, y, 60), "5aa9e6", 0.20 * shown, 14),
        fill(disc(x, y, 46), "2b6cb0", shown),
        fill(arc(x, y, 46, 0.25, 0.75), "5aa9e6", shown),
        fill(disc(x - 16, y - 12, 15, 0.7), "7fc98f", 0.9 * shown),
        fill(disc(x - 6, y + 18, 11, 0.8), "7fc98f", 0.9 * shown),
        fill(disc(x + 20, y - 4, 10, 1.3), "3c8a66", 0.9 * shown),
    ]
    turn = 2 * pi * (0.5 - phase)  # seen from the north: against the clock, from the side of the sun
    at = (x + ORBIT * cos(turn), y + ORBIT * sin(turn))
    marks += [fill(disc(*at, 21), DARK, shown), fill(arc(*at, 21, 0.25, 0.75), LIGHT, shown)]
    return [*marks, text((x, y + 74), "地球", 24, "c9d6f5", 0.9 * shown, bold=False)]


def _from_here(phase: float, shown: float) -> list[Mark]:
    x, y = SEEN
    marks = [
        fill(disc(x, y, 168), LIGHT, 0.14 * shown * (1 - cos(2 * pi * phase)) / 2, 26),
        fill(disc(x, y, 140), DARK, shown),
        fill(_lit(phase), LIGHT, shown),
    ]
    craters = ((-52, -40, 25), (18, -70, 17), (46, 8, 30), (-28, 46, 20), (20, 78, 13), (-88, 12, 12), (78, -52, 11))
    marks += [fill(disc(x + across, y + down, size), "8d8a86", 0.20 * shown, 1) for across, down, size in craters]
    for number, name in enumerate(NAMES):
        near = 1 - min(1.0, 6 * min(abs(phase - number / 4), abs(phase - 1 - number / 4)))
        at = (740.0 + 140 * number, 574.0)
        marks.append(text(at, name, 30, mix("8fa0d0", SUN, near), shown, bold=near > 0.3))
    return [*marks, text((x, 206), "从地球看", 28, "c9d6f5", shown, bold=False)]


def _lit(phase: float) -> Outline:
    """The bright part: half the rim, and back along the edge between day and night (in the north, it grows right)."""
    x, y = SEEN
    growing = phase < 0.5
    rim = arc(x, y, 140, -0.25, 0.25) if growing else arc(x, y, 140, 0.75, 0.25)
    edge = cos(2 * pi * phase) if growing else -cos(2 * pi * phase)
    return rim + tuple((x + 140 * edge * cos(turn), y + 140 * sin(turn)) for turn in _half())


def _half() -> list[float]:
    return [pi / 2 - pi * step / 32 for step in range(33)]
