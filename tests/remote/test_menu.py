"""The menu, key by key: every topic within six keys, by arrows alone, and no key that leads astray."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_box.remote import menu as rules
from estation_box.remote.keys import CEC_KEYS, Key
from estation_box.remote.offer import Film, Shelf, minutes_of, offered
from estation_box.remote.pages import COLUMNS, MAX_COUNT, ROWS, Act, Deed, Known, Menu, Reason, Scene, Stage
from estation_wire.audience import Topic
from estation_wire.library import Item, Track

ARROWS = (Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT, Key.OK)
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)


def film(topic: Topic, number: int, seconds: float = 200.0) -> Film:
    return Film(content=f"{topic.value}-{number}", title=f"{topic.value} {number}", series="", seconds=seconds)


def holding(topics: int, films: int = 7) -> Known:
    shelves = tuple(
        Shelf(topic=topic, films=tuple(film(topic, n) for n in range(films))) for topic in list(Topic)[:topics]
    )
    return Known(shelves=shelves, counted=40, local=NOW, turn=3)


def keys(*pressed: Key, known: Known | None = None, stage: Stage = Stage.CARD, menu: Menu | None = None):
    menu, deed = menu or Menu(), None
    for key in pressed:
        menu, deed = rules.pressed(menu, key, stage, known or holding(10))
    return menu, deed


def reached(known: Known, most: int) -> dict[str, int]:
    """Each film that plays, with the fewest arrows and OKs that lead there from the card."""
    found: dict[str, int] = {}
    seen, queue = {Menu()}, deque([(Menu(), 0)])
    while queue:
        menu, count = queue.popleft()
        if count == most:
            continue
        for key in ARROWS:
            after, deed = rules.pressed(menu, key, Stage.CARD, known)
            if deed is not None and deed.act is Act.PLAY and len(deed.contents) == 1:
                found.setdefault(deed.contents[0], count + 1)
            elif deed is None and after not in seen:
                seen.add(after)
                queue.append((after, count + 1))
    return found


@pytest.mark.parametrize("topics", range(1, len(Topic) + 1))
def test_a_film_of_every_topic_plays_after_six_keys_at_most(topics):
    found = reached(holding(topics), 6)
    assert {content.rpartition("-")[0] for content in found} == {topic.value for topic in list(Topic)[:topics]}


def test_with_digits_three_keys_are_enough():
    _, deed = keys(Key.OK, Key.DIGIT_7, Key.DIGIT_2)
    assert deed == Deed(act=Act.PLAY, contents=("ecology-and-environment-1",))


def test_every_film_and_every_tool_can_be_reached_by_arrows():
    found = reached(holding(10, films=12), 30)
    assert len(found) == 120
    menu, _ = keys(Key.OK, Key.DOWN, Key.DOWN, Key.LEFT, Key.LEFT)
    scenes = []
    for _ in range(4):
        menu, _ = rules.pressed(menu, Key.RIGHT, Stage.CARD, holding(10))
        scenes.append(rules.pressed(menu, Key.OK, Stage.CARD, holding(10))[0].scene)
    assert scenes == [Scene.COUNT, Scene.CLOSED, Scene.CLOCK, Scene.INFO]


def test_five_minutes_now_are_two_films_and_another_day_begins_with_another():
    _, deed = keys(Key.PLAY)
    assert deed == Deed(act=Act.PLAY, contents=("health-3", "health-4"))
    _, deed = keys(Key.OK, Key.RIGHT, Key.PLAY)
    assert deed.contents == ("emergency-preparedness-3", "emergency-preparedness-4")
    assert minutes_of([], 300, 5) == ()


def test_the_class_of_yesterday_is_counted_with_one_key_and_another_one_with_its_digits():
    menu = Menu(scene=Scene.COUNT, number=40)
    assert keys(Key.OK, menu=menu)[1] == Deed(act=Act.COUNTED, number=40)
    assert keys(Key.UP, Key.UP, Key.OK, menu=menu)[1].number == 42
    assert keys(Key.DIGIT_5, Key.DIGIT_3, Key.OK, menu=menu)[1].number == 53
    assert keys(*[Key.DIGIT_9] * 9, Key.OK, menu=menu)[1].number == MAX_COUNT
    assert keys(*[Key.LEFT] * 9, Key.OK, menu=menu)[1].number == 0


def test_a_digit_while_a_film_runs_begins_to_count():
    menu, deed = keys(Key.DIGIT_3, Key.DIGIT_8, Key.OK, stage=Stage.SESSION)
    assert (menu.scene, deed) == (Scene.SHUT, Deed(act=Act.COUNTED, number=38))


@pytest.mark.parametrize(
    ("pressed", "act"),
    [
        ([Key.PAUSE], Act.PAUSE), ([Key.OK, Key.OK], Act.PAUSE), ([Key.RIGHT], Act.NEXT), ([Key.LEFT], Act.REWIND),
        ([Key.UP], Act.LANGUAGE), ([Key.STOP], Act.STOP),
    ],
)  # fmt: skip
def test_keys_steer_the_film_and_one_ok_alone_only_says_what_is_playing(pressed, act):
    assert keys(*pressed, stage=Stage.SESSION)[1].act is act
    menu, deed = keys(Key.OK, stage=Stage.SESSION)
    assert (menu.scene, deed) == (Scene.BAR, None)


def test_a_stopped_picture_goes_on_with_ok():
    assert keys(Key.OK, stage=Stage.PAUSED)[1].act is Act.RESUME
    assert keys(Key.BACK, stage=Stage.PAUSED)[1].act is Act.STOP


@pytest.mark.parametrize("key", list(Key))
def test_while_a_countdown_runs_every_key_means_later(key):
    assert keys(key, stage=Stage.COUNTDOWN)[1] == Deed(act=Act.LATER)


@pytest.mark.parametrize("key", list(Key))
def test_no_key_takes_an_emergency_away(key):
    assert keys(key, stage=Stage.OTHER) == (Menu(), None)


def test_a_week_is_closed_for_a_reason_that_has_a_picture():
    menu = Menu(scene=Scene.CLOSED)
    assert keys(Key.RIGHT, Key.RIGHT, Key.OK, menu=menu)[1] == Deed(act=Act.CLOSE, reason=Reason.HARVEST)
    assert keys(Key.DIGIT_2, menu=menu)[1].reason is Reason.EXAMS
    assert keys(Key.DIGIT_9, menu=menu)[1] is None


def test_the_clock_is_set_by_day_hour_and_minute():
    menu = Menu(scene=Scene.CLOCK, clock=NOW)
    _, deed = keys(Key.UP, Key.RIGHT, Key.DOWN, Key.DOWN, Key.RIGHT, Key.UP, Key.OK, menu=menu)
    assert deed == Deed(act=Act.SET_CLOCK, at=NOW + timedelta(days=1, hours=-2, minutes=1))


def test_back_leads_from_the_films_to_their_topic_and_from_there_to_the_card():
    menu, _ = keys(Key.OK, Key.DIGIT_4, Key.BACK)
    assert menu == Menu(scene=Scene.TOPICS, at=3)
    assert rules.pressed(menu, Key.BACK, Stage.CARD, holding(10))[0].scene is Scene.SHUT


def test_back_leads_from_a_tool_to_its_tile_and_from_the_counting_of_a_session_to_its_film():
    for scene, at in ((Scene.COUNT, 11), (Scene.CLOSED, 12), (Scene.CLOCK, 13), (Scene.INFO, 14)):
        assert keys(Key.BACK, menu=Menu(scene=scene))[0] == Menu(scene=Scene.TOPICS, at=at)
    menu, _ = keys(Key.DIGIT_4, Key.BACK, stage=Stage.SESSION)
    assert menu == Menu()
    assert keys(Key.PAUSE, menu=menu, stage=Stage.SESSION)[1].act is Act.PAUSE


def test_a_box_without_films_still_has_its_tools():
    menu, _ = keys(Key.OK, known=Known(local=NOW))
    assert menu.scene is Scene.TOPICS
    menu, _ = keys(Key.DOWN, known=Known(local=NOW), menu=menu)
    assert menu.at >= COLUMNS * ROWS
    assert keys(Key.PLAY, known=Known(local=NOW))[1] is None


def test_what_is_offered_is_what_is_held_by_topic_in_the_stations_words():
    def item(name: str, topic: Topic, *languages: str) -> Item:
        tracks = tuple(Track(kind="audio", number=n, language=one) for n, one in enumerate(languages, 1))
        return Item(id=name * 64, size=1, kind="video", titles={"zh-Hans": f"影片{name}", "ug": "kino"}, seconds=60,
                    topic=topic, counts=True, tracks=tracks)  # fmt: skip

    shelves = offered([item("a", Topic.GENERAL, "zh-Hans", "ug"), item("b", Topic.HEALTH)], ("ug", "zh-Hans"))
    assert [shelf.topic for shelf in shelves] == [Topic.HEALTH, Topic.GENERAL]
    assert shelves[1].films[0].title == "kino"
    assert shelves[1].films[0].languages == ("zh-Hans", "ug")


def test_every_key_of_a_cec_remote_that_is_ours_is_a_key():
    assert {CEC_KEYS[0x20 + digit].digit for digit in range(10)} == set(range(10))
    assert set(ARROWS) <= set(CEC_KEYS.values())


@settings(max_examples=200, deadline=None)
@given(
    topics=st.integers(0, 10), films=st.integers(1, 12),
    doings=st.lists(st.tuples(st.sampled_from(list(Key)), st.sampled_from(list(Stage))), max_size=60),
)  # fmt: skip
def test_whatever_is_pressed_the_menu_stays_within_what_there_is(topics, films, doings):
    known = holding(topics, films)
    held = {one.content for shelf in known.shelves for one in shelf.films}
    menu = Menu()
    for key, stage in doings:
        menu, deed = rules.pressed(menu, key, stage, known)
        assert deed is None or set(deed.contents) <= held
        assert 0 <= menu.number <= MAX_COUNT
        if menu.scene is Scene.TOPICS and menu.at < COLUMNS * ROWS:
            assert menu.at < max(topics, 1)
        if menu.scene is Scene.FILMS:
            assert menu.at < len(known.shelves[menu.shelf].films)
