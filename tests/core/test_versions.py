"""The same film for people who do not hear or do not see: which version a place gets, and by one key another one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from estation_box.library.rules import Demand, with_versions
from estation_box.playout.engine import Layer
from estation_box.remote.keys import Key
from estation_box.remote.pages import Act
from estation_wire import versions
from estation_wire.library import Track
from estation_wire.profile import Minimum
from estation_wire.records import ClipShown, SessionStarted
from tests.core.test_remote import ZONE, layer, press
from tests.support.box import SimulatedBox, TableShelf, item, profile, slot_of

PLAIN = Track(kind="audio", number=1, language="zh-Hans")
TOLD = Track(kind="audio", number=2, language="zh-Hans", use="description")
SIGNED = replace(item("b", 60.0), signed="csl", tracks=(PLAIN,))
FILM = replace(item("a", 60.0), tracks=(PLAIN, TOLD), versions=(SIGNED.id,))
OTHER = replace(item("c", 60.0), tracks=(PLAIN,))


def hall(folder, *access: str, slots=(), **changes) -> SimulatedBox:
    shelf = TableShelf((FILM, SIGNED, OTHER), [slot_of((FILM, OTHER), at) for at in slots])
    box = SimulatedBox(folder, shelf, profile(timezone=ZONE, access=access, **changes))
    box.world.knows = True
    box.run(5)
    return box


def shown(box: SimulatedBox) -> list[tuple[str, float, bool]]:
    told = box.centre.told(ClipShown)
    return [(clip.content[0], round(clip.shown), clip.counting) for clip in told if clip.shown > 0]


@pytest.mark.parametrize(("access", "first"), [((), "a"), (("signs",), "b"), (("captions", "signs"), "b")])
def test_a_planned_session_shows_the_version_that_people_need(tmp_path, access, first):
    """What the programme plans counts as planned, whichever version of it is shown."""
    box = hall(tmp_path, *access, slots=(200.0,), minimum=Minimum(sessions=1, seconds=100))
    box.run(400)
    assert shown(box) == [(first, 60, True), ("c", 60, True)]


def test_a_version_that_is_not_held_is_waited_for_by_nobody(tmp_path):
    """Where the stick has not brought it yet, the film is shown; and where only the version is there, the version."""
    box = hall(tmp_path, "signs")
    box.shelf.missing = {SIGNED.id}
    assert [clip.content[0] for clip in box.rooms.sessions.asked((FILM.id,), "keeper").clips] == ["a"]
    box.shelf.missing = {FILM.id}
    assert [clip.content[0] for clip in box.rooms.sessions.asked((FILM.id,), "keeper").clips] == ["b"]


def test_the_menu_offers_a_film_once_and_says_that_there_are_signs(tmp_path):
    box = hall(tmp_path)
    press(box, Key.OK)
    (films,) = [shelf.films for shelf in box.core._hands.remote.known.shelves]
    assert [(film.content[0], film.signed) for film in films] == [("a", True), ("c", False)]


def test_one_key_goes_through_all_the_ways_to_follow_a_film(tmp_path):
    """Told what is seen, in sign language, plain again: from where the film was left, and for this showing alone."""
    box = hall(tmp_path)
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(10)
    press(box, Key.UP)
    box.run(1)
    assert box.player.engine.heard[0] == 2
    assert press(box, Key.UP) is Act.LANGUAGE
    box.run(20)
    assert layer(box, Layer.COVER) == ""
    assert box.playout.show.current.content == SIGNED.id
    press(box, Key.UP)
    box.run(60)
    told = shown(box)
    assert [content for content, _, _ in told] == ["a", "b", "a"]
    assert sum(seconds for _, seconds, _ in told) == pytest.approx(60, abs=3)
    assert [clip.resumed for clip in box.centre.told(ClipShown)] == [False, True, True]
    assert len({begun.session for begun in box.centre.told(SessionStarted)}) == 1
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(5)
    assert box.playout.show.current.content == FILM.id


def test_a_place_whose_people_do_not_see_hears_the_description(tmp_path):
    box = hall(tmp_path, "description")
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(5)
    assert box.playout.show.current.audio == 2
    press(box, Key.UP)
    box.run(1)
    assert box.playout.show.current.content == SIGNED.id


@pytest.mark.parametrize(
    ("access", "languages", "chosen"),
    [
        ((), ("zh-Hans",), "a"),
        (("signs",), ("zh-Hans",), "b"),
        (("description",), ("zh-Hans",), "a"),
        (("description",), ("ug",), "a"),
        (("signs", "description"), ("ug",), "b"),
    ],
)
def test_which_version_meets_most_of_what_people_need(access, languages, chosen):
    assert versions.best(FILM, (SIGNED,), access, languages).id[0] == chosen


def test_signs_that_people_know_go_before_others_and_a_version_cut_short_never_costs_the_minimum():
    other = replace(SIGNED, id="d" * 64, signed="ase")
    film = replace(FILM, versions=(other.id, SIGNED.id))
    assert versions.best(film, (other, SIGNED), ("signs",), ("csl", "zh-Hans")) is SIGNED
    assert versions.best(film, (other, SIGNED), ("signs",), ("zh-Hans",)) is other
    assert versions.best(film, (replace(SIGNED, seconds=50.0),), ("signs",), ("zh-Hans",)) is film


def test_a_needed_version_is_copied_right_behind_its_film():
    demand = Demand(this_week=("a",), due=("a", "b"), named=("a", "b", "c"))
    wanted = with_versions(demand, {"a": "signed-a", "c": "signed-c"})
    assert wanted.this_week == ("a", "signed-a")
    assert wanted.due == ("a", "signed-a", "b")
    assert wanted.named == ("a", "signed-a", "b", "c", "signed-c")
