"""A whole box and a remote: from the card to a film, and everything that people do with the menu."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from estation_box.apps.events import KeyPressed, TvSays
from estation_box.playout.engine import Layer
from estation_box.programme.courtesy import Act as Button
from estation_box.programme.courtesy import Press
from estation_box.remote.keys import Key
from estation_box.remote.pages import Act, Scene
from estation_box.television.interfaces import KeyTold
from estation_wire.audience import Topic
from estation_wire.library import Track
from estation_wire.profile import Minimum
from estation_wire.records import (
    AttendanceCounted,
    ClipShown,
    ClockSet,
    Postponed,
    SessionEnded,
    SessionStarted,
    WeekClosed,
)
from estation_wire.values import Origin, Trust
from tests.core.test_starts import NOON, ZONE
from tests.support.box import START, SimulatedBox, TableShelf, item, profile, slot_of

TRACKS = (Track(kind="audio", number=1, language="zh-Hans"), Track(kind="audio", number=2, language="ug"))
TOPICS = (Topic.HEALTH, Topic.HEALTH, Topic.RURAL, Topic.RURAL, Topic.GENERAL, Topic.GENERAL)
FILMS = tuple(
    replace(item(name, 60.0), topic=topic, tracks=TRACKS) for name, topic in zip("abcdef", TOPICS, strict=True)
)


def hall(folder, *slots: float, **changes) -> SimulatedBox:
    shelf = TableShelf(FILMS, [slot_of(FILMS[:2], at) for at in slots])
    box = SimulatedBox(folder, shelf, profile(timezone=ZONE, **changes))
    box.world.knows = True
    box.run(5)
    return box


def press(box: SimulatedBox, *keys: Key) -> Act | None:
    act = None
    for key in keys:
        act = box.core.key(key, box.clock.moment())
    return act


def layer(box: SimulatedBox, which: Layer) -> str:
    return box.player.engine.layers.get(which, "")


def shown(box: SimulatedBox) -> list[str]:
    return [clip.content[0] for clip in box.centre.told(ClipShown) if clip.shown > 0]


def test_a_film_of_a_wanted_topic_plays_after_a_few_keys_and_is_told_as_the_keepers_own(tmp_path):
    box = hall(tmp_path)
    assert press(box, Key.OK) is None
    assert "乡村振兴" in layer(box, Layer.COVER)
    assert press(box, Key.DIGIT_2) is None
    assert "影片d" in layer(box, Layer.COVER)
    assert press(box, Key.DOWN, Key.OK) is Act.PLAY
    box.run(70)
    assert [started.origin for started in box.centre.told(SessionStarted)] == [Origin.KEEPER]
    assert shown(box) == ["d"]


def test_the_keys_come_by_the_tvs_own_remote_too(tmp_path):
    box = hall(tmp_path)
    for key in (Key.OK, Key.DIGIT_1, Key.DIGIT_1):
        box.core.handle(TvSays(KeyTold(key)), box.clock.moment())
    box.run(1)
    box.core.handle(KeyPressed(Key.OK), box.clock.moment())
    assert "影片a" in layer(box, Layer.BANNER)


def test_a_paused_film_goes_on_where_it_was_and_the_session_is_one(tmp_path):
    box = hall(tmp_path)
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(20)
    assert press(box, Key.PAUSE) is Act.PAUSE
    assert "影片a" in layer(box, Layer.COVER)
    box.run(100)
    assert "影片a" in layer(box, Layer.COVER)
    assert press(box, Key.OK) is Act.RESUME
    box.run(60)
    first, second = box.centre.told(SessionEnded)
    assert first.session == second.session
    assert (first.part, second.part) == (1, 2)
    assert first.shown + second.shown == pytest.approx(60, abs=1.5)
    assert [(clip.completed, clip.resumed) for clip in box.centre.told(ClipShown)] == [(False, False), (True, True)]


def test_a_pause_of_half_an_hour_is_the_end(tmp_path):
    box = hall(tmp_path)
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(20)
    press(box, Key.PAUSE)
    box.idle_step = 20.0
    box.run(1900)
    assert not box.core._hands.remote.paused
    assert len(box.centre.told(SessionEnded)) == 1


def test_ten_seconds_back_show_them_again(tmp_path):
    box = hall(tmp_path)
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(30)
    assert press(box, Key.REWIND) is Act.REWIND
    box.run(60)
    assert sum(ended.shown for ended in box.centre.told(SessionEnded)) == pytest.approx(70, abs=2)
    assert [clip.resumed for clip in box.centre.told(ClipShown)] == [False, True]


def test_another_language_for_this_showing_alone(tmp_path):
    box = hall(tmp_path)
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(10)
    assert press(box, Key.UP) is Act.LANGUAGE
    box.run(1)
    assert box.player.engine.heard[0] == 2
    assert layer(box, Layer.COVER) == ""
    box.run(70)
    (shown,) = box.centre.told(ClipShown)
    assert (shown.language, shown.shown) == ("ug", pytest.approx(60, abs=1))
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(70)
    assert box.centre.told(ClipShown)[-1].language == "zh-Hans"


def test_two_quick_presses_of_the_button_are_the_next_film_and_never_at_its_beginning(tmp_path):
    """Who has no remote leaves a film that nobody wants; who presses twice to begin sees the first film."""
    box = hall(tmp_path, minimum=Minimum(sessions=1, seconds=100))
    assert box.core.press(Press.SHORT, box.clock.moment()) is Button.PLAY
    assert box.core.press(Press.DOUBLE, box.clock.moment()) is None
    box.run(10)
    assert box.centre.told(ClipShown) == []
    assert box.core.press(Press.DOUBLE, box.clock.moment()) is Button.NEXT
    box.run(5)
    (first,) = box.centre.told(ClipShown)
    assert 8 < first.shown < 12
    assert box.playout.on_screen


def test_the_next_film(tmp_path):
    box = hall(tmp_path)
    press(box, Key.PLAY)
    box.run(10)
    assert press(box, Key.NEXT) is Act.NEXT
    box.run(5)
    (first,) = box.centre.told(ClipShown)
    assert 8 < first.shown < 12
    assert box.playout.on_screen


def test_people_are_counted_and_the_class_is_remembered(tmp_path):
    box = hall(tmp_path)
    press(box, Key.OK, Key.DIGIT_1, Key.DIGIT_1)
    box.run(10)
    assert press(box, Key.DIGIT_4, Key.DIGIT_5) is None
    assert "45" in layer(box, Layer.BANNER)
    assert press(box, Key.OK) is Act.COUNTED
    box.run(60)
    (counted,) = box.centre.told(AttendanceCounted)
    (started,) = box.centre.told(SessionStarted)
    assert (counted.number, counted.source, counted.session) == (45, "keeper", started.session)
    box.cut_power(60)
    box.power_up()
    box.run(5)
    press(box, Key.OK, Key.DOWN, Key.DOWN, Key.LEFT, Key.OK)
    assert box.core._hands.remote.menu.number == 45


def test_closed_because_of_the_harvest(tmp_path):
    box = hall(tmp_path, NOON)
    press(box, Key.OK, Key.DOWN, Key.OK)
    assert box.core._hands.remote.menu.scene is Scene.CLOSED
    press(box, Key.DIGIT_3)
    box.run(NOON + 60)
    (closed,) = box.centre.told(WeekClosed)
    assert closed.reason == "农忙 · Harvest"
    assert box.centre.told(SessionStarted) == []


def test_while_a_countdown_runs_any_key_means_later(tmp_path):
    box = hall(tmp_path, NOON)
    box.run(NOON - 20)
    assert press(box, Key.BACK) is Act.LATER
    box.run(60)
    assert len(box.centre.told(Postponed)) == 1


def test_a_menu_that_nobody_uses_is_shut_and_an_announced_start_shuts_it(tmp_path):
    box = hall(tmp_path, NOON)
    press(box, Key.OK)
    box.run(65)
    assert box.core._hands.remote.menu.scene is Scene.SHUT
    box.run(NOON - 110)
    press(box, Key.OK)
    box.run(20)
    assert box.core._hands.remote.menu.scene is Scene.SHUT


def test_a_film_that_was_removed_since_it_was_offered_is_not_played_and_not_offered_again(tmp_path):
    box = hall(tmp_path)
    press(box, Key.OK, Key.DIGIT_1)
    box.shelf.missing.add(FILMS[0].id)
    press(box, Key.DIGIT_1)
    box.run(2)
    assert box.centre.told(SessionStarted) == []
    press(box, Key.OK, Key.DIGIT_1)
    assert "影片a" not in layer(box, Layer.COVER)
    assert "影片b" in layer(box, Layer.COVER)


def test_the_clock_is_set_on_the_screen(tmp_path):
    box = hall(tmp_path)
    box.world.knows = False
    box.centre.reachable = False
    box.cut_power(3600)
    box.power_up()
    box.run(5)
    press(box, Key.OK, Key.DOWN, Key.RIGHT, Key.OK)
    assert box.core._hands.remote.menu.scene is Scene.CLOCK
    assert press(box, Key.RIGHT, Key.UP, Key.OK) is Act.SET_CLOCK
    moment = box.clock.moment()
    assert moment.trust is Trust.HAND
    assert abs(moment.at - START) < timedelta(hours=3)
    assert any(isinstance(record, ClockSet) for record in box.journal.recent())


def test_the_info_page_says_why_nothing_plays(tmp_path):
    box = hall(tmp_path)
    press(box, Key.INFO)
    assert "Nothing is planned in the table" in layer(box, Layer.COVER)
    assert "节目表里没有安排" in layer(box, Layer.COVER)
    assert "estation-test" in layer(box, Layer.COVER)
