"""Whom to see first: those who missed week after week for something that a visit mends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from estation_central.compliance.rooms import Cause, Lost
from estation_central.compliance.visits import LOOK_BACK, MOST, SUREST, Past, best, visit
from estation_wire.counts import Verdict

RUNNING = "2026-W48"
WEEKS = [f"2026-W{number}" for number in range(48, 34, -1)]


def weeks(signs: str) -> list[Past]:
    """The running week first: m met, a not due; s silent, o TV off, n nothing shown; p lost to the power, u to us."""
    causes = {"s": Cause.SILENT, "o": Cause.TV_OFF, "n": Cause.NO_SESSION, "p": Cause.TOO_SHORT, "u": Cause.TOO_SHORT}
    verdicts = {"m": Verdict.MET, "a": Verdict.NOT_DUE}
    lost = {"p": Lost.POWER, "u": Lost.OURS}
    told = zip(WEEKS, signs, strict=False)
    return [Past(week, verdicts.get(sign, Verdict.NOT_MET), causes.get(sign), lost.get(sign)) for week, sign in told]


def missed(signs: str) -> tuple[int, str, Cause] | None:
    found = visit("hall", 1, weeks(signs), RUNNING)
    return (found.missed, found.since, found.cause) if found else None


def test_weeks_missed_in_a_row_are_a_reason_to_go() -> None:
    """Three weeks without a word: go, and take a box along."""
    assert missed("sssm") == (2, "2026-W46", Cause.SILENT)
    assert missed("sons") == (3, "2026-W45", Cause.TV_OFF)


def test_what_is_mended_needs_no_visit() -> None:
    """A hall that met this week, or the last, is not driven to for what was before."""
    assert missed("mssss") is None
    assert missed("smsss") is None


def test_the_running_week_is_not_missed_yet() -> None:
    """On Monday nobody has shown anything, and that is no reason."""
    assert missed("n") is None
    assert missed("nm") is None


def test_nobody_drives_for_the_power_the_holidays_or_our_own_fault() -> None:
    """They neither count nor end a run: before and after the harvest the box was off."""
    assert missed("ppppp") is None
    assert missed("naupa") is None
    assert missed("nsaps") == (2, "2026-W44", Cause.SILENT)


def test_the_longest_first_then_the_surest_cure_then_the_larger_house() -> None:
    """Ten visits, each as good as any that was left out."""
    told = {"long": "sssss", "cable": "snn", "dark": "soo", "quiet": "sss", "late": "suss"}
    found = [visit(name, 1, weeks(signs), RUNNING) for name, signs in told.items()]
    school = visit("school", 18, weeks("sss"), RUNNING)
    order = [each.site for each in best(each for each in (*found, school) if each)]
    assert order == ["long", "cable", "dark", "school", "late", "quiet"]


@given(st.lists(st.tuples(st.text("asonpum", max_size=LOOK_BACK + 1), st.integers(1, 18)), max_size=40))
def test_no_better_visit_is_left_out(sites: list[tuple[str, int]]) -> None:
    """Whatever the weeks: at most ten, in order, and none outside has missed more than one inside."""
    found = [each for n, (signs, rooms) in enumerate(sites) if (each := visit(f"{n}", rooms, weeks(signs), RUNNING))]
    ten = best(found)
    assert len(ten) == min(MOST, len(found))
    ranks = [(-each.missed, SUREST.index(each.cause), -each.rooms) for each in ten]
    assert ranks == sorted(ranks)
    outside = [each for each in found if each not in ten]
    assert all(each.missed <= ten[-1].missed for each in outside)
    assert all(
        each.missed == sum(sign in "son" for sign in sites[int(each.site)][0][1:].partition("m")[0]) for each in found
    )
