"""The pictures of the menu, as ASS drawings in a square of 100: for whoever reads neither Chinese nor English."""

from __future__ import annotations

from typing import Final

from estation_wire.audience import Topic

_PERSON: Final = "m {0} 34 b {0} 14 {1} 14 {1} 34 b {1} 54 {0} 54 {0} 34 m {2} 96 b {2} 50 {3} 50 {3} 96"
ICONS: Final = {
    Topic.HEALTH: "m 35 8 l 65 8 65 35 92 35 92 65 65 65 65 92 35 92 35 65 8 65 8 35 35 35",
    Topic.EPIDEMIC_PREVENTION: "m 50 4 l 90 18 90 50 b 90 74 66 90 50 97 b 34 90 10 74 10 50 l 10 18",
    Topic.FOOD_SAFETY: "m 6 46 l 94 46 b 94 74 78 90 64 94 l 36 94 b 22 90 6 74 6 46 m 18 6 l 26 4 62 38 52 38",
    Topic.EMERGENCY: "m 50 6 l 97 92 3 92",
    Topic.LOW_CARBON: "m 12 90 l 20 80 b 4 28 46 6 94 8 b 97 60 70 97 28 84 l 20 96",
    Topic.MENTAL: "m 50 92 b 10 62 2 40 10 24 b 18 4 42 8 50 28 b 58 8 82 4 90 24 b 98 40 90 62 50 92",
    Topic.ENVIRONMENT: "m 50 4 l 84 44 68 44 92 76 57 76 57 97 43 97 43 76 8 76 32 44 16 44",
    Topic.RURAL: "m 50 6 l 97 48 84 48 84 94 60 94 60 64 40 64 40 94 16 94 16 48 3 48",
    Topic.SUPERSTITION: "m 50 4 b 12 4 4 44 32 66 l 34 78 66 78 68 66 b 96 44 88 4 50 4 m 36 84 l 64 84 60 96 40 96",
    Topic.GENERAL: "m 36 6 l 64 6 64 14 60 14 60 40 92 88 b 94 96 88 97 84 97 l 16 97 b 12 97 6 96 8 88 l 40 40 40 14",
    "five": "m 22 6 l 92 50 22 94",
    "count": " ".join((_PERSON.format(14, 42, 4, 52), _PERSON.format(58, 86, 48, 96))),
    "closed": "m 8 16 l 92 16 92 94 8 94 m 26 4 l 34 4 34 16 26 16 m 66 4 l 74 4 74 16 66 16",
    "info": "m 40 6 l 60 6 60 26 40 26 m 34 38 l 60 38 60 84 70 84 70 96 30 96 30 84 40 84 40 50 34 50",
    "pause": "m 20 8 l 42 8 42 92 20 92 m 58 8 l 80 8 80 92 58 92",
    "next": "m 12 8 l 66 50 12 92 m 70 8 l 88 8 88 92 70 92",
    "rewind": "m 50 8 l 50 92 4 50 m 96 8 l 96 92 50 50",
    "language": "m 6 12 l 94 12 94 70 52 70 30 94 30 70 6 70",
    "holidays": "m 50 4 l 62 36 96 38 70 60 80 94 50 74 20 94 30 60 4 38 38 36",
    "examinations": "m 14 4 l 66 4 86 24 86 96 14 96",
    "harvest": "m 46 96 l 46 40 b 20 40 14 22 14 8 b 36 8 46 20 50 34 b 54 20 64 8 86 8 b 86 22 80 40 54 40 l 54 96",
    "repair": "m 64 6 b 50 12 46 26 52 38 l 8 80 20 94 62 50 b 76 54 92 46 94 30 l 80 40 66 34 62 20",
}  # fmt: skip
MARKS: Final = {
    Topic.EMERGENCY: "m 45 36 l 55 36 53 66 47 66 m 45 72 l 55 72 55 82 45 82",
    Topic.EPIDEMIC_PREVENTION: "m 28 50 l 38 42 46 52 64 30 72 40 46 70",
    "closed": "m 28 44 l 34 38 50 54 66 38 72 44 56 60 72 76 66 82 50 66 34 82 28 76 44 60",
    "examinations": "m 28 34 l 72 34 72 42 28 42 m 28 54 l 72 54 72 62 28 62 m 28 74 l 56 74 56 82 28 82",
}
"""What stands on an icon in the colour of the ground."""


def icon(name: str, x: float, y: float, size: float, *, colour: str, mark: str) -> list[str]:
    """The picture ``name``, its upper left corner at ``x``, ``y``; ``mark``: the colour of what stands on it."""
    layers = [(ICONS[name], colour), *(((MARKS[name], mark),) if name in MARKS else ())]
    scale = f"\\an7\\pos({x:g},{y:g})\\fscx{size:g}\\fscy{size:g}\\bord0\\shad0"
    return [f"{{{scale}\\1c{ink}\\p1}}{path}{{\\p0}}" for path, ink in layers]
