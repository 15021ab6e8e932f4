"""What the API answers: one type each, from which its description is made."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from ninja import Schema
from ninja.pagination import LimitOffsetPagination
from pydantic import Field

ROWS: Final = 500  # of one answer
DEEPEST: Final = 10_000_000  # rows that may be passed over; more is beyond any table, and beyond a database's numbers


class Part(LimitOffsetPagination):
    """Which part of a long list is asked for."""

    class Input(LimitOffsetPagination.Input):
        """``limit`` rows after the first ``offset``."""

        limit: int = Field(100, ge=1, le=ROWS)
        offset: int = Field(0, ge=0, le=DEEPEST)


class RegionOut(Schema):
    """A region of the tree."""

    code: str
    name: str
    name_en: str
    level: str
    parent: str | None = Field(None, alias="parent.code")


class SiteOut(Schema):
    """An accountable unit and what it owes each week."""

    code: str
    kind: str
    title: str
    region: str = Field(alias="region.code")
    timezone: str
    minimum_sessions: int
    minimum_seconds: int
    opened: date | None
    closed: date | None


class WeekOut(Schema):
    """One week of a site. The four columns of evidence are never one."""

    week: str
    verdict: str
    cause: str
    sessions_confirmed: int
    sessions_unknown: int
    sessions_guessed: int
    sessions_off: int
    seconds_confirmed: float
    seconds_unknown: float
    seconds_guessed: float
    seconds_off: float
    reopened_at: datetime | None


class StationOut(Schema):
    """A box on a TV."""

    name: str
    title: str
    site: str = Field(alias="site_id")
    retired: date | None


class ContactOut(StationOut):
    """A station, and what it last said of itself; what is not known is null, never 0."""

    heard: datetime | None
    online: bool
    trust: str | None
    undelivered: int | None
    tv: str | None
    catalogue: int | None
    card_worn_percent: int | None
    disk_free_bytes: int | None


class AlertOut(Schema):
    """Something that is wrong."""

    kind: str
    subject: str
    county: str
    site: str
    detail: str
    began: datetime
    acknowledged: datetime | None


class FigureOut(Schema):
    """Sums of a period. ``attendances`` is null where nobody counted, ``told``: of how many sessions somebody did."""

    key: str
    sessions: int
    enough: int
    seconds: float
    attendances: int | None
    told: int


class Wrong(Schema):
    """Why there is no answer."""

    detail: str
