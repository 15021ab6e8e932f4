"""An earthquake: drop, cover, hold on; then out by the stairs."""

from __future__ import annotations

from math import pi, sin
from typing import Final

from scripts.demo.drawing import Mark, Point, arc, box, curve, disc, ease, fill, mix, moved, stroke, text, turned

SKY: Final = ("f6ead8", "ecd6bb")
FLOOR: Final = 586.0
INK, WOOD, SHIRT, LEGS, SKIN, HAIR, GREEN = "5a3a2a", "b57a4a", "e2725b", "3d5a80", "f0c6a0", "3b2a24", "2e9e6b"
STEPS: Final = (("趴下", 1.3), ("掩护", 3.5), ("抓牢", 4.9))
JOINTS: Final = ("head", "neck", "hip", "left knee", "left foot", "right knee", "right foot", "left hand", "right hand")
Pose = tuple[Point, ...]
STANDING: Final[Pose] = (
    (0, -158), (0, -122), (0, -66), (-9, -34), (-12, 0), (9, -34), (14, 0), (-32, -76), (32, -76)
)  # fmt: skip
DOWN: Final[Pose] = (
    (56, -74), (28, -62), (-34, -56), (-14, -12), (-66, -4), (-2, -8), (-54, 0), (56, -6), (66, 0)
)  # fmt: skip
COVERED: Final[Pose] = (
    (34, -66), (6, -64), (-40, -44), (-4, -12), (-58, -4), (6, -8), (-48, 0), (26, -96), (112, -74)
)  # fmt: skip


def earthquake(t: float) -> list[Mark]:
    """The shaking lasts from 0.7 s to 6.2 s; the last third is calm."""
    force = ease(t, 0.6, 1.2) * (1 - ease(t, 5.4, 6.2))
    shake = 7 * force * sin(2 * pi * 3.1 * t), 3 * force * sin(2 * pi * 4.3 * t + 1)
    room = [*_room(t), *_lamp(t, force), *_shelf(t, force), *_person(t), *_table()]
    return [*moved(room, *shake), *_steps(t)]


def _room(t: float) -> list[Mark]:
    lit = ease(t, 6.0, 6.8)
    marks = [
        fill(box(-60, FLOOR - 22, 1400, 200), "c79d76"),
        fill(box(-60, FLOOR - 22, 1400, 8), "a77c57"),
        fill(box(112, 250, 190, 190, 10), "ffffff"),
        fill(box(124, 262, 166, 166, 4), "bfe3f2"),
        fill(((124, 428), (124, 380), (180, 340), (226, 384), (258, 362), (290, 392), (290, 428)), "8fbf85"),
        fill(box(203, 262, 8, 166), "ffffff"),
        fill(box(124, 340, 166, 8), "ffffff"),
        fill(box(1000, 318, 152, 246, 6), "8d5f3c"),
        fill(box(1012, 330, 128, 234, 3), mix("a9744a", "fff3cf", lit)),
        fill(disc(1028, 456, 7), "e9c46a", 1 - lit),
    ]
    stairs = [box(1012 + 22 * step, 540 - 26 * step, 128 - 22 * step, 24) for step in range(5)]
    marks += [fill(step, "c9ae86", lit) for step in stairs]
    sign = mix("8fae9c", GREEN, lit)
    marks += [fill(box(986, 262, 180, 44, 8), sign), text((1076, 284), "楼梯 安全出口", 25, "ffffff")]
    return marks


def _lamp(t: float, force: float) -> list[Mark]:
    hang = (700.0, -20.0)
    swing = (0.045 * force + 0.012 * ease(t, 5.4, 6.2) * (1 - ease(t, 6.4, 8.4))) * sin(2 * pi * t / 1.15)
    shade = ((676.0, 92.0), (724.0, 92.0), (752.0, 140.0), (648.0, 140.0))
    return [
        fill(turned(disc(700, 150, 90, 0.5), hang, swing), "fff0b8", 0.55, 24),
        fill(turned(stroke([hang, (700, 94)], 5), hang, swing), INK),
        fill(turned(disc(700, 138, 20), hang, swing), "fff6d6"),
        fill(turned(shade, hang, swing), "3d8b8b"),
    ]


def _shelf(t: float, force: float) -> list[Mark]:
    marks = [fill(box(800, 404, 160, 12, 4), WOOD)]
    books = ((812, 58, "e9c46a"), (838, 66, "5b8db8"), (864, 54, "d9776a"), (890, 62, "7fb08a"))
    for number, (x, high, colour) in enumerate(books):
        rattle = 0.012 * force * sin(2 * pi * (5 * t + number / 4))
        fall = max(0.0, t - 2.3) if number == 3 else 0.0
        drop = min(900 * fall * fall / 2, FLOOR - 404 - 12)
        lean = -0.25 * ease(fall, 0.0, 0.62) if number == 3 else 0.0
        book = turned(box(x, 404 - high, 22, high, 3), (x + 11, 404), rattle + lean)
        marks += moved([fill(book, colour)], 60 * ease(fall, 0, 0.6), drop)
    return marks


def _table() -> list[Mark]:
    marks = [fill(box(x, 408, 22, FLOOR - 402, 4), mix(WOOD, INK, 0.18)) for x in (482, 726)]
    return [*marks, fill(box(452, 392, 326, 24, 8), WOOD), fill(box(452, 392, 326, 8, 4), "cf9a6a")]


def _person(t: float) -> list[Mark]:
    pose = _between(STANDING, DOWN, ease(t, 1.1, 1.7))
    pose = _between(pose, COVERED, ease(t, 3.6, 4.2))
    pose = _between(pose, DOWN, ease(t, 6.3, 6.7))
    x = 340 + 272 * ease(t, 2.4, 3.7) + 190 * ease(t, 6.6, 7.4)
    pose = _between(pose, STANDING, ease(t, 7.3, 7.8))
    walking = ease(t, 7.6, 7.9)
    x += 274 * ease(t, 7.5, 9.2)
    stride = 20 * walking * sin(2 * pi * t / 0.62)
    crawl = 9 * sin(2 * pi * t / 0.5) * (ease(t, 2.4, 2.7) * (1 - ease(t, 3.4, 3.7)))
    swing = (0, 0, 0, stride * 0.5, stride + crawl, -stride * 0.5, -stride - crawl, -stride - crawl, stride + crawl)
    placed = [(x + px + dx, FLOOR + py) for (px, py), dx in zip(pose, swing, strict=True)]
    at = dict(zip(JOINTS, placed, strict=True))
    return [
        _limb(at["hip"], at["right knee"], at["right foot"], 20, mix(LEGS, "000000", 0.15)),
        _limb(at["neck"], _elbow(at["neck"], at["right hand"]), at["right hand"], 15, mix(SHIRT, "000000", 0.12)),
        _limb(at["hip"], at["left knee"], at["left foot"], 20, LEGS),
        fill(stroke([at["neck"], at["hip"]], 40, 36), SHIRT),
        *_head(at["head"]),
        _limb(at["neck"], _elbow(at["neck"], at["left hand"]), at["left hand"], 15, SHIRT),
        *(fill(disc(*at[hand], 9), SKIN) for hand in ("left hand", "right hand")),
    ]


def _head(at: Point) -> list[Mark]:
    x, y = at
    hair = turned(arc(x, y, 33, 0.5, 1), at, -0.06)
    return [
        fill(disc(x, y, 32), SKIN),
        fill(hair, HAIR),
        fill(disc(x + 12, y + 3, 3.2), HAIR),
        fill(disc(x + 25, y + 3, 3.2), HAIR),
        fill(stroke(curve((x + 13, y + 15), (x + 18, y + 18), (x + 23, y + 15)), 2.5), "a4553f"),
    ]


def _limb(begin: Point, joint: Point, end: Point, width: float, colour: str) -> Mark:
    bend = (2 * joint[0] - (begin[0] + end[0]) / 2, 2 * joint[1] - (begin[1] + end[1]) / 2)
    return fill(stroke(curve(begin, bend, end), width, width * 0.85), colour)


def _elbow(shoulder: Point, hand: Point) -> Point:
    return (shoulder[0] + hand[0]) / 2 - 8, (shoulder[1] + hand[1]) / 2 + 8


def _between(first: Pose, second: Pose, share: float) -> Pose:
    return tuple((a + (c - a) * share, b + (d - b) * share) for (a, b), (c, d) in zip(first, second, strict=True))


def _steps(t: float) -> list[Mark]:
    marks = []
    for number, (word, since) in enumerate(STEPS):
        shown = ease(t, since, since + 0.4)
        x, y = 470 + 150 * number, 262 - 10 * (1 - shown)
        marks.append(fill(box(x, y, 128, 60, 30), "ffffff", 0.9 * shown))
        marks.append(text((x + 64, y + 30), word, 40, SHIRT, shown))
    return marks
