"""Which profile, and whether it may be applied: pure decisions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estation_box.library import said
from estation_box.provisioning.rules import choose, judge, stations_of
from estation_box.words import Said
from tests.support.library import NOW, make_authority, make_profile

AUTHORITY = make_authority().pem
NOBODY: frozenset[str] = frozenset()
NOTHING: frozenset[tuple[str, int]] = frozenset()


def test_only_names_of_stations_are_looked_at():
    """Whatever else lies in the folder is not opened."""
    names = ["hall-2.json", "hall-1.json", "hall-1.json.bak", "../x.json", ".json", "Hall.json", "notes.txt"]
    assert stations_of(names) == ["hall-1", "hall-2"]


def test_a_station_takes_its_own_profile_among_many():
    """On a stick for fifty stations each finds its own."""
    assert choose(["a", "b"], own="b", claimed=NOBODY).station == "b"


def test_a_station_is_not_turned_into_another():
    """A stick for another station leaves this one what it is, and says so."""
    choice = choose(["a"], own="b", claimed=NOBODY)
    assert (choice.station, choice.refusal) == (None, said.PROFILE_OTHER.about(other="a", station="b"))


def test_a_stick_without_profiles_says_nothing_of_them():
    """A stick that only brings programmes is no fault."""
    for own in (None, "b"):
        assert choose([], own=own, claimed=NOBODY) == choose([], own=None, claimed=NOBODY)


def test_a_bare_box_takes_the_only_profile():
    """One stick, one profile, one box: nothing to press."""
    assert choose(["a"], own=None, claimed=NOBODY).station == "a"


def test_a_bare_box_takes_the_only_profile_that_nobody_has_claimed():
    """Profiles that other boxes took are passed over."""
    assert choose(["a", "b"], own=None, claimed=frozenset("a")).station == "b"


def test_a_bare_box_never_chooses_among_several():
    """Nobody said which of two stations this is, so it stays bare."""
    choice = choose(["a", "b"], own=None, claimed=NOBODY)
    assert (choice.station, choice.refusal) == (None, said.PROFILE_SEVERAL.about(count=2))


def test_a_claimed_profile_is_not_given_out_twice():
    """Two boxes must not become one station."""
    assert choose(["a"], own=None, claimed=frozenset("a")).refusal == said.PROFILE_USED.about(station="a")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, None),
        ({"v": 2}, said.NEWER),
        ({"station": "hall-0008"}, said.PROFILE_MISNAMED),
        ({"timezone": "Mars/Olympus"}, said.PROFILE_BROKEN),
        ({"not_after": NOW}, said.PROFILE_EXPIRED),
    ],
)
def test_a_profile_must_fit(changes: dict[str, object], sentence: Said | None):
    """A profile of a newer contract, another station, an unknown zone or past its date is refused in its own words."""
    refusal = judge(make_profile(AUTHORITY, **changes), named="hall-0007", own=None, used=NOTHING, floor=NOW)
    assert refusal == (sentence and sentence.about(station="hall-0007"))


def test_a_newer_epoch_replaces_the_profile_and_an_older_does_not():
    """Only a profile made later than the box's own is applied over it."""
    own = make_profile(AUTHORITY, epoch=3)
    for epoch, sentence in ((2, said.PROFILE_OLDER), (3, said.PROFILE_OLDER), (4, None)):
        refusal = judge(make_profile(AUTHORITY, epoch=epoch), named="hall-0007", own=own, used=NOTHING, floor=NOW)
        assert refusal == (sentence and sentence.about(station="hall-0007"))


def test_a_profile_is_applied_once():
    """After a reset the same profile does not work again."""
    used = frozenset({("hall-0007", 1)})
    refusal = judge(make_profile(AUTHORITY), named="hall-0007", own=None, used=used, floor=NOW - timedelta(days=1))
    assert refusal == said.PROFILE_USED.about(station="hall-0007")
