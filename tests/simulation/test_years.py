"""A few halls through a year of bad weather: what was promised is kept, and a fault in the policy is found out."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from msgspec.structs import replace

from estation_wire.hours import Calendar, Hours
from tests.simulation import report
from tests.simulation.oracle import Cause
from tests.simulation.weather import ZONE, films, weather
from tests.simulation.years import BoxYear, causes, population, without_make_ups

VILLAGES, SCHOOLS, SEED = 60, 30, 2026


@cache
def villages() -> list[BoxYear]:
    return list(population(VILLAGES, 52, SEED))


@cache
def schools() -> list[BoxYear]:
    return list(population(SCHOOLS, 52, SEED, "school"))


@pytest.mark.parametrize("years", [villages, schools])
def test_through_a_year_every_week_is_met_that_could_be_and_nothing_runs_away(years) -> None:
    """Where power, clock, TV, films and people left one free stretch after a miss, the week was met."""
    total = report.sums(years())
    assert total.broken == 0, causes(years())
    assert total.faults == ()
    assert total.made_up > total.due / 10
    assert total.missed.get(Cause.DARK, 0) > 0


def test_a_box_without_a_clock_shows_a_session_in_any_seven_power_on_days() -> None:
    """A village box that never learns the time still does its minimum."""
    total = report.sums(villages())
    assert total.spans > 500
    assert total.kept == total.spans


def test_a_school_box_without_a_clock_starts_nothing_by_itself() -> None:
    """Lesson hours cannot be known without the time, so a classroom is left in peace."""
    guessing = [year for year in schools() if year.guessing]
    assert guessing
    assert all(year.starts == 0 for year in guessing)


def test_a_weekly_cron_entry_in_the_same_weather_misses_more() -> None:
    """What plays at the planned minute or not at all loses the weeks in which the power fails just then."""
    for years in (villages(), schools()):
        total = report.sums(years)
        assert total.cron < total.met


def test_the_same_seed_gives_the_same_report_to_the_byte(tmp_path) -> None:
    """Whoever doubts a figure can have it again."""
    for name in ("one", "other"):
        report.write(list(population(6, 20, 7)), tmp_path / name, "six halls")
    pages = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "index.html" in pages
    assert all((tmp_path / "one" / page).read_bytes() == (tmp_path / "other" / page).read_bytes() for page in pages)
    assert list(population(3, 20, 7)) != list(population(3, 20, 8))


def test_a_policy_that_makes_nothing_up_is_found_out() -> None:
    """Halls whose box forgets to make up are reported as broken promises, not as bad weather."""
    total = report.sums(list(population(12, 52, SEED, altered=without_make_ups)))
    assert total.broken > 50
    assert total.promise < 95


def test_a_policy_that_disregards_the_hours_is_found_out() -> None:
    """Halls whose box takes no heed of opening hours and closed weeks, or warns too short, are reported as faults."""
    hasty = list(population(6, 30, SEED, altered=lambda house: replace(house, countdown=house.countdown / 2)))
    assert any("no warning" in fault for year in hasty for fault in year.faults)
    always = Hours(Calendar(), ZONE)
    rude = list(population(20, 52, SEED, altered=lambda house: replace(house, hours=always)))
    told = " ".join(fault for year in rude for fault in year.faults)
    assert "outside the opening hours" in told
    assert "in a closed week" in told
    rude = list(
        population(SCHOOLS, 20, SEED, "school", altered=lambda house: replace(house, hours=always, polite=False))
    )
    told = " ".join(fault for year in rude for fault in year.faults)
    assert "in a lesson" in told
    assert "in a polite hall" in told


def test_the_weather_is_as_bad_as_it_should_be() -> None:
    """About a fifth of all hours is dark, one box in ten has no clock, one film in fifty never comes."""
    library = films(1)
    drawn = [weather(1, number, 10, "village", library) for number in range(400)]
    assert 0.15 < sum(each.dark for each in drawn) / 400 < 0.25
    assert 0.06 < sum(each.guessing for each in drawn) / 400 < 0.14
    assert 0.015 < sum(len(each.missing) for each in drawn) / (400 * len(library)) < 0.025
    assert len(Counter(each.habit for each in drawn)) == 5
