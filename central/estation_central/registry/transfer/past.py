"""What was before, as tables that only go out: which box served where, where stations stood, which codes regions had.

A file does not write history. Taken in again with the rest of an export, these tables are passed over, which is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from estation_central.registry.models import BoxAssignment, Placement, RegionCode
from estation_central.registry.transfer.cells import Words, in_every_language, plain
from estation_central.registry.transfer.files import Table


class Past(Struct, frozen=True, kw_only=True):
    """A table of what was: its columns with their titles, and its rows, the oldest first."""

    name: str
    title: Words
    columns: tuple[tuple[str, Words], ...]
    rows: Callable[[], Iterable[tuple[Any, ...]]]


_FROM: Final = ("began", _("from"))
_UNTIL: Final = ("ended", _("until"))
_WHY: Final = ("why", _("why it ended"))


def _assignments() -> Iterable[tuple[Any, ...]]:
    return BoxAssignment.objects.order_by("began", "id").values_list("box", "station", "began", "ended", "why")


def _placements() -> Iterable[tuple[Any, ...]]:
    return Placement.objects.order_by("id").values_list("station", "site", "began", "ended", "why")


def _codes() -> Iterable[tuple[Any, ...]]:
    return RegionCode.objects.order_by("id").values_list("region__code", "region__name", "code", "began", "ended")


PAST: Final = (
    Past(
        name="box_assignments",
        title=_("boxes at stations"),
        columns=(("box", _("serial number")), ("station", _("station")), _FROM, _UNTIL, _WHY),
        rows=_assignments,
    ),
    Past(
        name="placements",
        title=_("stations at sites"),
        columns=(("station", _("station")), ("site", _("site")), _FROM, _UNTIL, _WHY),
        rows=_placements,
    ),
    Past(
        name="region_codes",
        title=_("codes of regions"),
        columns=(("region", _("region")), ("name", _("name")), ("code", _("code")), _FROM, _UNTIL),
        rows=_codes,
    ),
)
NAMES: Final = frozenset(each.name for each in PAST)


def past_of(name: str) -> Past | None:
    """Which of these a table of a file is, by its name in either language."""
    wanted = name.strip().casefold()
    return next((each for each in PAST if wanted == each.name or wanted in in_every_language(each.title)), None)


def tables() -> list[Table]:
    """All of them. Instants are in UTC."""
    return [_table(each) for each in PAST]


def _table(past: Past) -> Table:
    rows = tuple((number, tuple(map(_cell, row))) for number, row in enumerate(past.rows(), 2))
    return Table(past.name, tuple(name for name, _title in past.columns), rows)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return plain(value)
