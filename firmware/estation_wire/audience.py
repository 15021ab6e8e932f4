"""Whom a rule, a bulletin or a closed week is for. Tags describe places and content, never persons. Pure.

Every list is closed. An empty list means everybody; several lists must all agree.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from estation_wire.values import Language, Region

SiteKind = Literal["village", "school", "mobile"]
MAX_REGIONS: Final = 200  # more counties than any province has


class Topic(StrEnum):
    """The closed list of topics. Tags describe content and places, never persons."""

    HEALTH = "health"
    EPIDEMIC_PREVENTION = "epidemic-prevention"
    FOOD_SAFETY = "food-safety"
    EMERGENCY = "emergency-preparedness"
    LOW_CARBON = "low-carbon-living"
    MENTAL = "mental-well-being"
    ENVIRONMENT = "ecology-and-environment"
    RURAL = "rural-revitalisation"
    SUPERSTITION = "against-superstition"
    GENERAL = "general-science"


class Trade(StrEnum):
    """The closed list of trades that a place lives by: of rural revitalisation's three, what a village does."""

    FARMING = "farming"
    LIVESTOCK = "livestock"
    CRAFTS = "crafts"


class Audience(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom it is for. A region whose code ends in 00 stands for every county below it (GB/T 2260)."""

    kinds: Annotated[tuple[SiteKind, ...], Meta(max_length=3)] = ()
    regions: Annotated[tuple[Region, ...], Meta(max_length=MAX_REGIONS)] = ()
    languages: Annotated[tuple[Language, ...], Meta(max_length=16)] = ()
    topics: Annotated[tuple[Topic, ...], Meta(max_length=10)] = ()
    trades: Annotated[tuple[Trade, ...], Meta(max_length=3)] = ()


EVERYBODY: Final = Audience()


class Place(Struct, frozen=True, kw_only=True):
    """What is known of one station, to be held against an audience. No topics or trades: it takes them all."""

    kind: SiteKind
    region: str
    languages: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    trades: tuple[Trade, ...] = ()


def meant_for(audience: Audience, place: Place) -> bool:
    """Whether ``place`` belongs to ``audience``."""
    return (
        (not audience.kinds or place.kind in audience.kinds)
        and (not audience.regions or any(_within(place.region, region) for region in audience.regions))
        and _shared(audience.languages, place.languages)
        and _shared(audience.topics, place.topics)
        and _shared(audience.trades, place.trades)
    )


def _within(county: str, region: str) -> bool:
    """Whether a county lies in ``region``: itself, or the prefecture or province that the code stands for."""
    while region.endswith("00") and region:
        region = region[:-2]
    return county.startswith(region)


def _shared(asked: tuple[str, ...], offered: tuple[str, ...]) -> bool:
    return not asked or not offered or not set(asked).isdisjoint(offered)
