"""Little drawings in time: outlines and words, written as an ASS script that ffmpeg's ``ass`` filter paints.

A scene is a function from the second to its marks, first painted first. libass smooths the edges, and
paints a mark that stays the same only once, so a film of ten seconds is ready in a few. Lengths are
pixels of a picture of 1280x720, angles are turns of a full circle (0 is right, 0.25 is down).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, pi, sin
from typing import Final

WIDTH: Final = 1280
HEIGHT: Final = 720
FPS: Final = 25
FRAME_CENTISECONDS: Final = 100 // FPS  # ASS counts in centiseconds; 25 frames a second fall on whole ones
FINE: Final = 8  # ``\p4`` divides by 2 to the power 3: an eighth of a pixel, so that slow moves do not jerk
CORNERS: Final = (16, 64)  # of a full circle, least and most: no corner is seen at the sizes of these films
FONT: Final = "Noto Sans CJK SC"

Point = tuple[float, float]
Outline = tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One filled outline, or words if ``words`` is not empty. ``colour`` is RRGGBB, ``opacity`` 0 to 1.

    Words stand with the middle of their line at the first point of ``outline``, ``size`` pixels high,
    and keep to the ``side`` (an ASS alignment: 4 left, 5 centre, 6 right).
    """

    outline: Outline
    colour: str
    opacity: float = 1.0
    blur: float = 0.0
    words: str = ""
    size: float = 0.0
    side: int = 5
    bold: bool = False


Scene = Callable[[float], list[Mark]]


def fill(outline: Iterable[Point], colour: str, opacity: float = 1.0, blur: float = 0.0) -> Mark:
    """A filled outline; ``blur`` is the softness of its edge in pixels."""
    return Mark(outline=tuple(outline), colour=colour, opacity=opacity, blur=blur)


def text(
    at: Point, words: str, size: float, colour: str, opacity: float = 1.0, *, side: int = 5, bold: bool = True
) -> Mark:
    """Words whose line has its middle at ``at``."""
    return Mark(outline=(at,), colour=colour, opacity=opacity, words=words, size=size, side=side, bold=bold)


def disc(x: float, y: float, radius: float, squeeze: float = 1.0) -> Outline:
    """A circle, or an ellipse ``squeeze`` times as high as wide."""
    return arc(x, y, radius, 0, 1, squeeze=squeeze)


def arc(x: float, y: float, radius: float, begin: float, end: float, *, squeeze: float = 1.0) -> Outline:
    """Points along a part of a circle, from the turn ``begin`` to the turn ``end``."""
    corners = min(CORNERS[1], max(CORNERS[0], 1.2 * radius))
    steps = max(2, round(abs(end - begin) * corners))
    turns = [2 * pi * (begin + (end - begin) * step / steps) for step in range(steps + 1)]
    return tuple((x + radius * cos(turn), y + radius * sin(turn) * squeeze) for turn in turns)


def band(x: float, y: float, radius: float, width: float, part: tuple[float, float] = (0, 1)) -> Outline:
    """A ring around ``radius``, ``width`` wide, or the part of it between two turns."""
    begin, end = part
    return arc(x, y, radius + width / 2, begin, end) + arc(x, y, radius - width / 2, end, begin)


def box(x: float, y: float, width: float, height: float, round_: float = 0.0) -> Outline:
    """A rectangle with rounded corners; ``x``, ``y`` is its upper left corner."""
    left, right, top, bottom = x + round_, x + width - round_, y + round_, y + height - round_
    if not round_:
        return ((left, top), (right, top), (right, bottom), (left, bottom))
    return (
        *arc(right, bottom, round_, 0, 0.25),
        *arc(left, bottom, round_, 0.25, 0.5),
        *arc(left, top, round_, 0.5, 0.75),
        *arc(right, top, round_, 0.75, 1),
    )


def stroke(points: Sequence[Point], begin_width: float, end_width: float | None = None) -> Outline:
    """A line along ``points`` with round ends, as wide at its end as ``end_width`` says."""
    last = begin_width if end_width is None else end_width
    left: list[Point] = []
    right: list[Point] = []
    for number, (x, y) in enumerate(points):
        before, after = points[max(0, number - 1)], points[min(len(points) - 1, number + 1)]
        along = hypot(after[0] - before[0], after[1] - before[1]) or 1.0
        half = (begin_width + (last - begin_width) * number / max(1, len(points) - 1)) / 2
        aside = (-(after[1] - before[1]) / along * half, (after[0] - before[0]) / along * half)
        left.append((x + aside[0], y + aside[1]))
        right.append((x - aside[0], y - aside[1]))
    return (*left, *_cap(points[-1], left[-1]), *reversed(right), *_cap(points[0], right[0]))


def curve(start: Point, bend: Point, end: Point, share: float = 1.0) -> list[Point]:
    """The first ``share`` of a quadratic Bézier curve."""
    points = []
    for step in range(25):
        at = share * step / 24
        points.append(
            (
                (1 - at) ** 2 * start[0] + 2 * (1 - at) * at * bend[0] + at**2 * end[0],
                (1 - at) ** 2 * start[1] + 2 * (1 - at) * at * bend[1] + at**2 * end[1],
            )
        )
    return points


def turned(outline: Iterable[Point], centre: Point, turns: float, scale: float = 1.0) -> Outline:
    """The outline, turned clockwise and scaled about ``centre``."""
    across, down = cos(2 * pi * turns) * scale, sin(2 * pi * turns) * scale
    moved = [(x - centre[0], y - centre[1]) for x, y in outline]
    return tuple((centre[0] + x * across - y * down, centre[1] + x * down + y * across) for x, y in moved)


def moved(marks: Iterable[Mark], x: float, y: float) -> list[Mark]:
    """The marks, elsewhere."""
    return [replace(mark, outline=tuple((left + x, top + y) for left, top in mark.outline)) for mark in marks]


def ease(t: float, begin: float, end: float) -> float:
    """0 before ``begin``, 1 after ``end``, and a soft way between."""
    at = min(1.0, max(0.0, (t - begin) / (end - begin)))
    return at * at * (3 - 2 * at)


def mix(first: str, second: str, share: float) -> str:
    """The colour between two."""
    pairs = zip(bytes.fromhex(first), bytes.fromhex(second), strict=True)
    return bytes(round(one + (other - one) * share) for one, other in pairs).hex()


def script(scene: Scene, seconds: float) -> str:
    """The scene as an ASS script: a mark that stays as it is for some frames is one line."""
    lines = [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {WIDTH}",
        f"PlayResY: {HEIGHT}",
        "WrapStyle: 2",
        "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, Bold, BorderStyle, Outline, Shadow, Alignment, Encoding",
        f"Style: Default,{FONT},40,&H00FFFFFF,0,1,0,0,7,1",
        "[Events]",
        "Format: Layer, Start, End, Style, Text",
    ]
    standing: dict[int, tuple[str, int]] = {}
    frames = round(seconds * FPS)
    for frame in range(frames + 1):
        marks = scene(frame / FPS) if frame < frames else []
        new = {layer: _words(mark) for layer, mark in enumerate(marks) if mark.opacity > 0.004 and mark.outline}
        for layer, (said, since) in list(standing.items()):
            if new.get(layer) != said:
                lines.append(f"Dialogue: {layer},{_stamp(since)},{_stamp(frame)},Default,{said}")
                del standing[layer]
        for layer, said in new.items():
            standing.setdefault(layer, (said, frame))
    return "\n".join(lines) + "\n"


def sky(top: str, bottom: str) -> bytes:
    """A picture (PPM) that goes from one colour to the other, dithered so that no steps are seen."""
    raster = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))  # Bayer's, 4x4
    first, last = bytes.fromhex(top), bytes.fromhex(bottom)
    rows = bytearray(f"P6 {WIDTH} {HEIGHT} 255\n".encode())
    for y in range(HEIGHT):
        share = y / (HEIGHT - 1)
        exact = [one + (other - one) * share for one, other in zip(first, last, strict=True)]
        four = [int(value + (raster[y % 4][x] + 0.5) / 16) for x in range(4) for value in exact]
        rows += bytes(four) * (WIDTH // 4)
    return bytes(rows)


def _cap(centre: Point, edge: Point) -> Outline:
    """The round end of a stroke, from ``edge`` half a turn on."""
    x, y = edge[0] - centre[0], edge[1] - centre[1]
    turns = [-pi * step / 8 for step in range(1, 8)]
    return tuple((centre[0] + x * cos(a) - y * sin(a), centre[1] + x * sin(a) + y * cos(a)) for a in turns)


def _words(mark: Mark) -> str:
    left, top = min(x for x, _ in mark.outline), min(y for _, y in mark.outline)
    red, green, blue = (mark.colour[at : at + 2] for at in (0, 2, 4))
    said = f"\\pos({left:.2f},{top:.2f})\\1c&H{blue}{green}{red}&\\1a&H{round(255 * (1 - mark.opacity)):02X}&"
    if mark.blur:
        said += f"\\blur{mark.blur:.1f}"
    if mark.words:
        return f"{{\\an{mark.side}{said}\\fs{mark.size:.1f}\\b{int(mark.bold)}}}{mark.words}"
    path = [f"{round((x - left) * FINE)} {round((y - top) * FINE)}" for x, y in mark.outline]
    return f"{{\\an7{said}\\p4}}m {path[0]} l {' '.join(path[1:])}"


def _stamp(frame: int) -> str:
    centiseconds = frame * FRAME_CENTISECONDS
    return f"0:00:{centiseconds // 100:02d}.{centiseconds % 100:02d}"
