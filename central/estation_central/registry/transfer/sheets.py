"""Which tables there are in a file, and what stands in their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from msgspec import Struct

from estation_central.registry.models import (
    Body,
    BodyKind,
    Box,
    Calendar,
    ClosedWeek,
    Condition,
    Kind,
    Level,
    Officer,
    Policy,
    Region,
    Site,
)
from estation_central.registry.transfer.cells import (
    Column,
    Words,
    as_json,
    day,
    in_every_language,
    joined,
    number,
    one_of,
    plain,
    structure,
    words,
)
from estation_central.stations.models import Station


class Sheet(Struct, frozen=True, kw_only=True):
    """A table of the registry in a file. ``key``: the columns that say which row it is."""

    name: str
    title: Words
    model: type[models.Model]
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, heading: str) -> Column | None:
        """The column with that heading, in either language."""
        wanted = heading.strip().casefold()
        for each in self.columns:
            if wanted == each.name or wanted in in_every_language(each.title):
                return each
        return None


def _text(name: str, title: Words, *, needed: bool = False) -> Column:
    return Column(name=name, title=title, needed=needed, write=plain)


def _choice(name: str, title: Words, choices: Sequence[tuple[str, str | Promise]], default: str = "") -> Column:
    listed = dict(choices)
    return Column(name=name, title=title, needed=not default, read=one_of(listed), write=plain, empty=default)


def _key_of(name: str, title: Words, refers: str, *, needed: bool = False) -> Column:
    return Column(name=name, title=title, needed=needed, write=plain, refers=refers, empty=None)


def _number(name: str, title: Words, default: int) -> Column:
    return Column(name=name, title=title, read=number, write=plain, empty=default)


def _day(name: str, title: Words) -> Column:
    return Column(name=name, title=title, read=day, write=plain, empty=None)


REGIONS: Final = Sheet(
    name="regions",
    title=_("regions"),
    model=Region,
    key=("code",),
    columns=(
        _text("code", _("code"), needed=True),
        _text("name", _("name"), needed=True),
        _text("name_en", _("name in English")),
        _choice("level", _("level"), Level.choices),
        _key_of("parent", _("part of"), "regions"),
    ),
)
BODIES: Final = Sheet(
    name="bodies",
    title=_("bodies"),
    model=Body,
    key=("code",),
    columns=(
        _text("code", _("code"), needed=True),
        _text("name", _("name"), needed=True),
        _choice("kind", _("kind of body"), BodyKind.choices),
    ),
)
CALENDARS: Final = Sheet(
    name="calendars",
    title=_("calendars"),
    model=Calendar,
    key=("code",),
    columns=(
        _text("code", _("code"), needed=True),
        _text("title", _("name"), needed=True),
        Column(name="hours", title=_("hours"), read=structure, write=as_json, empty={}),
    ),
)
SITES: Final = Sheet(
    name="sites",
    title=pgettext_lazy("table", "sites"),
    model=Site,
    key=("code",),
    columns=(
        _text("code", _("site"), needed=True),
        _choice("kind", _("kind of site"), Kind.choices),
        _text("title", _("name"), needed=True),
        _key_of("region", _("region"), "regions", needed=True),
        _key_of("district", _("school district"), "regions"),
        _key_of("host", _("host body"), "bodies"),
        Column(name="partners", title=_("partners"), read=words, write=joined, empty=()),
        Column(name="languages", title=_("languages"), read=words, write=joined, empty=()),
        Column(name="timezone", title=_("time zone"), write=plain, empty="Asia/Shanghai"),
        _number("minimum_sessions", _("sessions a week"), 1),
        _number("minimum_seconds", _("seconds of each"), 600),
        _choice("policy", _("rooms that must meet the minimum"), Policy.choices, Policy.ANY_ROOM),
        _number("share_percent", _("share of the rooms, per cent"), 100),
        _key_of("calendar", _("calendar"), "calendars"),
        Column(name="hours", title=_("own hours"), read=structure, write=as_json, empty=None),
        _day("opened", _("part of the network since")),
        _day("closed", _("given up on")),
        _key_of("merged_into", _("merged into"), "sites"),
    ),
)
SITE_OF_STATION: Final = _key_of("site", _("site"), "sites", needed=True)
STATIONS: Final = Sheet(
    name="stations",
    title=pgettext_lazy("table", "stations"),
    model=Station,
    key=("name",),
    columns=(
        _text("name", _("station"), needed=True),
        _text("region", _("county code"), needed=True),
        _text("title", _("name"), needed=True),
        SITE_OF_STATION,
        _day("retired", _("given up on")),
    ),
)
BOXES: Final = Sheet(
    name="boxes",
    title=_("boxes"),
    model=Box,
    key=("serial",),
    columns=(
        _text("serial", _("serial number"), needed=True),
        _text("model", _("model")),
        _choice("condition", _("condition"), Condition.choices, Condition.GOOD),
        _text("note", _("note")),
        _key_of("station", _("station"), "stations"),
    ),
)
OFFICERS: Final = Sheet(
    name="officers",
    title=_("information officers"),
    model=Officer,
    key=("site", "name"),
    columns=(
        _key_of("site", _("site"), "sites", needed=True),
        _text("name", _("name"), needed=True),
        _text("phone", _("phone"), needed=True),
        _day("until", _("last day of duty")),
    ),
)
CLOSED_WEEKS: Final = Sheet(
    name="closed_weeks",
    title=_("closed weeks"),
    model=ClosedWeek,
    key=("site", "calendar", "week"),
    columns=(
        _key_of("site", _("site"), "sites"),
        _key_of("calendar", _("calendar"), "calendars"),
        _text("week", _("week"), needed=True),
        _text("reason", _("reason"), needed=True),
    ),
)
SHEETS: Final = (REGIONS, BODIES, CALENDARS, SITES, STATIONS, BOXES, OFFICERS, CLOSED_WEEKS)
"""In the order in which they must be written: each refers to those before it."""
BY_NAME: Final[Mapping[str, Sheet]] = {sheet.name: sheet for sheet in SHEETS}


def sheet_of(name: str, header: Sequence[str]) -> Sheet | None:
    """Which sheet a table is: by its name in either language, else by its headings."""
    for sheet in SHEETS:
        wanted = name.strip().casefold()
        if wanted == sheet.name or wanted in in_every_language(sheet.title):
            return sheet
    for sheet in SHEETS:
        found = {each.name for heading in header if (each := sheet.column(heading))}
        if len(found) == len(header) and found >= {each.name for each in sheet.columns if each.needed}:
            return sheet
    return None


def value_of(row: Any, column: Column) -> Any:
    """What stands in a column of a row of the database; of what it refers to, the key."""
    if column.name == "partners":
        return sorted(each.pk for each in row.partners.all())
    if column.refers == "regions":
        region = getattr(row, column.name)
        return region.code if region is not None else None
    if column.refers:
        return getattr(row, f"{column.name}_id", None)
    return getattr(row, column.name)
