"""Rows of bars in SVG: one bar a week. What a bar says stands in its title as well, for who cannot see colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from estation_central.compliance.weeks import Numbers

HEIGHT = 100  # of the picture, in its own units: a bar's parts are per cent of the sites that were reckoned


class Part(Struct, frozen=True, kw_only=True):
    """A part of a bar: met, behind, silent or not due, from the top ``y`` down."""

    name: str
    y: float
    height: float


class Bar(Struct, frozen=True, kw_only=True):
    """One week."""

    x: int
    week: str
    numbers: Numbers
    parts: Sequence[Part]


def bars(history: Iterable[tuple[str, Numbers]]) -> list[Bar]:
    """A bar for each week; met stands at the foot."""
    return [Bar(x=x, week=week, numbers=numbers, parts=_parts(numbers)) for x, (week, numbers) in enumerate(history)]


def _parts(numbers: Numbers) -> list[Part]:
    parts, foot = [], float(HEIGHT)
    for name in numbers.__struct_fields__:
        count: int = getattr(numbers, name)
        if count:
            height = HEIGHT * count / numbers.all
            foot -= height
            parts.append(Part(name=name, y=round(foot, 2), height=round(height, 2)))
    return parts
