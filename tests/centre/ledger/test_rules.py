"""What a site is due, and why."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from estation_central.compliance.rooms import Cause, Lost
from estation_central.ledger import rules
from estation_central.ledger.rules import UNCONDITIONAL, Evidence, Standing, Terms, Week, decide, standing
from estation_wire.counts import Verdict
from tests.support.wire_values import steady

HALF = Terms(version=2, least_percent=50)
BAD = Week(week="2026-W01", verdict=Verdict.NOT_MET, cause=Cause.NO_SESSION)
WEEKS = st.lists(
    st.builds(
        Week,
        week=st.integers(1, 53).map(lambda number: f"2026-W{number:02}"),
        verdict=st.sampled_from(Verdict),
        cause=st.sampled_from([None, *Cause]),
        lost=st.sampled_from([None, *Lost]),
        excused=st.sampled_from([None, *Lost]),
    ),
    max_size=53,
)


def test_the_subsidy_is_unconditional() -> None:
    """CNY 200 to a hall that showed nothing at all; its weeks stand beside it all the same."""
    found = decide(UNCONDITIONAL, "site", 2026, [BAD] * 52)
    assert (found.due, found.fen, found.version, found.met, found.counted) == (True, 20_000, 1, 0, 52)
    assert found.evidence[0] == Evidence(week="2026-W01", standing=Standing.NOT_MET)


def test_a_condition_is_decided_on_the_weeks_that_count() -> None:
    """Two met of four is half; one of four is not, and nothing is paid."""
    met = Week(week="2026-W02", verdict=Verdict.MET)
    assert decide(HALF, "site", 2026, [met, met, BAD, BAD]).due
    found = decide(HALF, "site", 2026, [met, BAD, BAD, BAD])
    assert (found.due, found.fen, found.met, found.counted) == (False, 0, 1, 4)


def test_each_week_is_taken_for_what_it_is() -> None:
    """Holidays, power, our own fault and silence are told apart."""
    lost = {"week": "2026-W01", "verdict": Verdict.NOT_MET, "cause": Cause.TOO_SHORT}
    assert standing(Week(**lost)) is Standing.NOT_MET
    assert standing(Week(**lost, lost=Lost.POWER)) is Standing.POWER
    assert standing(Week(**lost, lost=Lost.POWER, excused=Lost.OURS)) is Standing.OURS
    assert standing(Week(**(lost | {"cause": Cause.SILENT}))) is Standing.UNKNOWN
    assert standing(Week(**(lost | {"cause": Cause.CLOCK_GUESSED}))) is Standing.UNKNOWN
    assert standing(Week(week="2026-W01", verdict=Verdict.NOT_DUE)) is Standing.CLOSED


@steady
@given(WEEKS, WEEKS, st.integers(1, 100), st.booleans())
def test_what_a_site_cannot_help_never_counts_against_it(weeks, lost, percent, silent) -> None:
    """Add any weeks that were lost to power, holidays or us: a yes stays a yes, and nobody is paid less."""
    terms = Terms(version=2, least_percent=percent, silent_counts=silent)
    excused = [each for each in lost if standing(each) in {Standing.CLOSED, Standing.POWER, Standing.OURS}]
    before, after = decide(terms, "site", 2026, weeks), decide(terms, "site", 2026, [*weeks, *excused])
    assert (after.due, after.fen, after.counted) == (before.due, before.fen, before.counted)
    assert len(after.evidence) == len(weeks) + len(excused)


def test_silence_counts_where_the_terms_say_so() -> None:
    """And only there."""
    silent = Week(week="2026-W01", verdict=Verdict.NOT_MET, cause=Cause.SILENT)
    assert decide(HALF, "site", 2026, [silent] * 9).due
    assert not decide(Terms(version=3, least_percent=50, silent_counts=True), "site", 2026, [silent] * 9).due


def test_costs_and_receipts() -> None:
    """To the fen; unknown attendances have no cost; a receipt is late after two months."""
    assert rules.yuan(214_680_000) == Decimal("2146800.00")
    assert rules.cost(20_000, 3) == Decimal("66.67")
    assert rules.cost(20_000, None) is None
    assert rules.cost(20_000, 0) is None
    day = date(2026, 3, 1)
    assert not rules.overdue(day, [], day + timedelta(days=60))
    assert rules.overdue(day, [], day + timedelta(days=61))
    assert not rules.overdue(day, [day], day + timedelta(days=400))
