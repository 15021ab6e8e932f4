"""What a site is due for a year, and why. Pure; money is whole fen.

By default every site of the network is due its subsidy: it goes towards a network bill that comes whether or not
somebody pressed a button. Where an association decides on a condition, it does so by a new version of the terms, and
each yes and no keeps the weeks that it was decided on. A week that was lost to the power, to a holiday or to our own
fault never counts against a site, nor does one of which nothing is known, unless the terms say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from estation_central.compliance.rooms import Cause, Lost
from estation_wire.counts import Verdict

YEARLY_FEN: Final = 20_000  # CNY 200 a site and year
OVERDUE_AFTER: Final = timedelta(days=60)  # a receipt comes back with the next round of visits
FEN: Final = Decimal("0.01")


class Standing(StrEnum):
    """What a week says for or against a site."""

    MET = "met"
    NOT_MET = "not-met"
    CLOSED = "closed"
    POWER = "power"
    OURS = "ours"
    UNKNOWN = "unknown"


class Terms(Struct, frozen=True, kw_only=True):
    """One version of what is paid and for what. ``least_percent``: of the weeks that count; None is unconditional."""

    version: Annotated[int, Meta(ge=1)]
    fen: Annotated[int, Meta(ge=0, le=10**12)] = YEARLY_FEN
    least_percent: Annotated[int, Meta(ge=1, le=100)] | None = None
    silent_counts: bool = False


class Week(Struct, frozen=True, kw_only=True):
    """One week of a site as it was reckoned. ``excused``: what a person wrote down of it, such as a server of ours."""

    week: str
    verdict: Verdict
    cause: Cause | None = None
    lost: Lost | None = None
    excused: Lost | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """What a week was taken for."""

    week: str
    standing: Standing


class Decision(Struct, frozen=True, kw_only=True):
    """Whether a site is due its subsidy of a year, by which terms, and on which weeks. ``met`` of ``counted`` weeks."""

    site: str
    year: int
    version: int
    due: bool
    fen: int
    met: int
    counted: int
    evidence: tuple[Evidence, ...]


UNCONDITIONAL: Final = Terms(version=1)


def standing(week: Week) -> Standing:
    """What a week says; excuses first, since a week that was lost to them says nothing of the hall."""
    if week.verdict is Verdict.MET:
        return Standing.MET
    if week.verdict is Verdict.NOT_DUE:
        return Standing.CLOSED
    for lost in (week.excused, week.lost):
        if lost is not None:
            return Standing.OURS if lost is Lost.OURS else Standing.POWER
    return Standing.UNKNOWN if week.cause in {Cause.SILENT, Cause.CLOCK_GUESSED} else Standing.NOT_MET


def decide(terms: Terms, site: str, year: int, weeks: Iterable[Week]) -> Decision:
    """Whether ``site`` is due its subsidy; ``weeks`` are those of the ISO year."""
    evidence = tuple(Evidence(week=each.week, standing=standing(each)) for each in weeks)
    against = {Standing.NOT_MET, Standing.UNKNOWN} if terms.silent_counts else {Standing.NOT_MET}
    met = sum(each.standing is Standing.MET for each in evidence)
    counted = met + sum(each.standing in against for each in evidence)
    due = terms.least_percent is None or met * 100 >= terms.least_percent * counted
    return Decision(
        site=site,
        year=year,
        version=terms.version,
        due=due,
        fen=terms.fen if due else 0,
        met=met,
        counted=counted,
        evidence=evidence,
    )


def total(decisions: Iterable[Decision]) -> int:
    """Fen in all."""
    return sum(each.fen for each in decisions)


def yuan(fen: int) -> Decimal:
    """Fen as yuan, exactly, with two places."""
    return (Decimal(fen) / 100).quantize(FEN)


def cost(fen: int, number: int | None) -> Decimal | None:
    """Yuan for each session or attendance, to the fen; None where there was none, or nobody knows."""
    return (Decimal(fen) / 100 / number).quantize(FEN, ROUND_HALF_UP) if number else None


def overdue(paid: date, receipts: Sequence[date], today: date) -> bool:
    """Whether a payment of that day should have had its receipt."""
    return not receipts and today - paid > OVERDUE_AFTER


def left(budget_fen: int, spent: Iterable[int]) -> int:
    """What a budget still holds; below 0 where more was decided than there is."""
    return budget_fen - sum(spent)
