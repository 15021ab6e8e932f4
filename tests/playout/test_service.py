from __future__ import annotations

import pytest

from estation_box.playout.player_words import Phase as PlayerPhase
from estation_box.playout.rules import Phase
from estation_wire.records import Fault, Recovered, SessionEnded, SessionStarted
from estation_wire.values import Tv
from tests.playout.stage import Stage
from tests.playout.values import clip, show


def test_a_planned_session_starts_on_time_and_is_told_as_it_was():
    stage = Stage()
    stage.plan(show(planned=stage.moment.at), 20)
    stage.run(14)
    assert stage.playout.phase is Phase.COUNTDOWN
    stage.run(3)
    assert stage.playout.phase is Phase.PREPARED
    assert stage.player.state(100 + stage.now).phase is PlayerPhase.PREPARED
    stage.run(40)
    assert stage.playout.idle
    assert [c.completed for c in stage.clips] == [True, True, True]
    assert stage.ended.reason == "completed"
    assert 29.0 < stage.ended.counting <= 30.0
    assert abs((stage.ended.began - stage.of(SessionStarted)[0].at).total_seconds()) < 0.01
    assert stage.document == b""


def test_the_signal_rests_on_the_card_after_a_session():
    stage = Stage()
    stage.playout.play(show(clip("a", has=3.0)), stage.moment)
    stage.run(6)
    assert stage.player.state(100 + stage.now).phase is PlayerPhase.CARD


def test_a_killed_player_comes_back_where_the_film_was_and_nothing_is_counted_twice():
    """The picture is there again at the same place; ten seconds of film are ten seconds in the journal."""
    stage = Stage()
    stage.playout.play(show(clip("a"), clip("b")), stage.moment)
    stage.run(4)
    stage.crash()
    assert stage.playout.phase is Phase.REPAIRING
    stage.run(0.5)
    stage.restart_player("p2")
    stage.run(1)
    state = stage.player.state(100 + stage.now)
    assert state.phase is PlayerPhase.PLAYING
    assert 3.5 < state.entries[0].position < 5.5
    stage.run(30)
    assert stage.ended.reason == "completed"
    assert 9.0 <= stage.clips[0].shown <= 10.0
    assert stage.clips[0].completed


def test_a_lost_connection_to_a_living_player_changes_nothing():
    """Core lost the socket, not the player: it takes the session up and does not begin the film again."""
    stage = Stage()
    stage.playout.play(show(clip("a")), stage.moment)
    stage.run(4)
    stage.playout.gone(stage.moment)
    stage.run(8)
    assert stage.ended.reason == "completed"
    assert len(stage.clips) == 1


@pytest.mark.parametrize("killed_after", [0.0, 0.3, 4.0, 9.9, 10.1, 15.0, 19.9, 20.2])
def test_a_killed_core_finds_its_session_and_writes_everything_once(killed_after):
    """The picture went on without core; its successor writes each film and the session's end exactly once."""
    stage = Stage()
    stage.playout.play(show(clip("a"), clip("b")), stage.moment)
    stage.run(killed_after)
    stage.new_core()
    stage.run(40)
    assert [record.part for record in stage.of(SessionStarted)] == [1]
    assert [c.content[0] for c in stage.clips] == ["a", "b"]
    assert stage.ended.reason == "completed"
    assert stage.ended.counting > 18.5


def test_core_and_player_killed_together_go_on_from_the_checkpoint():
    stage = Stage()
    stage.playout.play(show(clip("a", has=90.0)), stage.moment)
    stage.run(40)
    stage.crash()
    stage.new_core()
    stage.restart_player("p2")
    stage.run(80)
    assert stage.ended.reason == "completed"
    assert 85.0 <= stage.ended.counting <= 90.0


def test_a_broken_film_is_skipped_and_told_with_its_fault():
    stage = Stage(broken={"/cache/b": "unrecognized file format"})
    stage.playout.play(show(), stage.moment)
    stage.run(30)
    assert [(c.shown > 9, bool(c.fault), c.completed) for c in stage.clips] == [
        (True, False, True), (False, True, False), (True, False, True),
    ]  # fmt: skip
    assert 18.5 < stage.ended.counting <= 20.0


def test_a_cut_film_counts_only_what_was_there():
    stage = Stage(cut={"/cache/a": 4.0})
    stage.playout.play(show(clip("a")), stage.moment)
    stage.run(15)
    assert not stage.clips[0].completed
    assert 3.7 < stage.ended.counting <= 4.0


def test_a_session_of_nothing_but_broken_films_ends_at_once():
    stage = Stage(broken={"/cache/a": "x", "/cache/b": "x", "/cache/c": "x"})
    stage.playout.play(show(), stage.moment)
    stage.run(5)
    assert stage.playout.idle
    assert (stage.ended.shown, len(stage.clips)) == (0.0, 3)


def test_a_session_whose_films_are_all_missing_is_told_as_missing():
    stage = Stage()
    stage.plan(show().__class__(session="6" * 32, origin="planned", clips=(), planned=stage.moment.at), 6)
    stage.run(8)
    assert stage.ended.reason == "missing"
    assert stage.playout.idle


def test_a_picture_that_stands_still_is_begun_again_then_skipped():
    """First the same film again at its place; if that does not help, the next one. Both are written down."""
    stage = Stage()
    stage.playout.play(show(clip("a", has=60.0), clip("b")), stage.moment)
    stage.run(5)
    stage.player.stand_still()
    stage.run(5.5)
    assert [f.detail for f in stage.of(Fault)] == ["the same clip again"]
    stage.run(6)
    assert [f.detail for f in stage.of(Fault)] == ["the same clip again", "the next clip"]
    stage.player.stand_still(standing=False)
    stage.run(15)
    assert stage.of(Recovered)
    assert 4.0 < stage.clips[0].shown < 6.5


def test_a_screen_that_shows_no_film_at_all_gets_another_player():
    """The third repair: no clip moves in this player, so it makes way for another, and the session goes on there."""
    stage = Stage()
    stage.playout.play(show(clip("a", has=60.0), clip("b", has=60.0)), stage.moment)
    stage.run(5)
    stage.player.stand_still()
    stage.run(16)
    assert [f.detail for f in stage.of(Fault)] == ["the same clip again", "the next clip", "another player"]
    assert stage.player.crashed
    stage.playout.gone(stage.moment)
    stage.restart_player("p2")
    stage.player.stand_still(standing=False)
    stage.run(10)
    assert [clip.content[:1] for clip in stage.clips] == ["a"]
    assert stage.playout.on_screen
    assert len(stage.of(Recovered)) == 1


def test_a_hiccup_an_hour_after_another_is_a_first_one_again():
    """A film is not skipped because another one stood still for a moment long ago."""
    stage = Stage()
    stage.playout.play(show(clip("a", has=300.0), clip("b")), stage.moment)
    for _ in range(3):
        stage.run(70)
        stage.player.stand_still()
        stage.run(5.5)
        stage.player.stand_still(standing=False)
    stage.run(5)
    assert [f.detail for f in stage.of(Fault)] == ["the same clip again"] * 3
    assert stage.clips == []


def test_a_stopped_session_keeps_the_seconds_that_were_shown():
    stage = Stage()
    stage.playout.play(show(), stage.moment)
    stage.run(13)
    assert stage.playout.stop("command", stage.moment)
    assert not stage.playout.stop("command", stage.moment)
    assert stage.ended.reason == "command"
    assert 12.0 < stage.ended.counting < 13.5
    assert [c.completed for c in stage.clips] == [True, False]


def test_nothing_is_started_over_a_running_session():
    stage = Stage()
    stage.playout.play(show(), stage.moment)
    assert not stage.playout.play(show(session="7" * 32), stage.moment)
    stage.plan(show(session="7" * 32), 1)
    stage.run(40)
    assert len(stage.of(SessionEnded)) == 1


def test_a_start_that_was_withdrawn_does_not_happen():
    stage = Stage()
    stage.plan(show(), 8)
    stage.run(5)
    stage.playout.withdraw()
    stage.run(10)
    assert stage.records == []


def test_a_player_killed_in_the_countdown_is_prepared_again():
    stage = Stage()
    stage.plan(show(clip("a")), 10)
    stage.run(6)
    stage.crash()
    stage.run(0.5)
    stage.restart_player("p2")
    stage.run(20)
    assert stage.ended.reason == "completed"
    assert stage.ended.counting > 9


def test_a_session_due_while_no_player_is_there_begins_when_one_comes():
    stage = Stage()
    stage.plan(show(clip("a")), 6)
    stage.run(3)
    stage.crash()
    stage.run(4)
    stage.restart_player("p2")
    stage.run(15)
    assert stage.ended.counting > 9


def test_a_tv_that_was_off_for_a_while_is_off_for_the_session():
    """Whatever was shown to a dark screen is never called confirmed."""
    stage = Stage()
    stage.tv = Tv.ON
    stage.playout.play(show(clip("a")), stage.moment)
    stage.run(3)
    stage.tv = Tv.OFF
    stage.run(2)
    stage.tv = Tv.ON
    stage.run(10)
    assert stage.ended.tv is Tv.OFF


def test_a_film_recalled_while_it_is_shown_is_broken_off_and_the_session_goes_on():
    """What must not be shown any more leaves the screen at once; the other films of the session are shown."""
    stage = Stage()
    films = show(clip("a"), clip("b"), clip("c"))
    stage.playout.play(films, stage.moment)
    stage.run(4)
    gone = frozenset({films.clips[0].content, films.clips[2].content})
    assert stage.playout.recall(frozenset({"f" * 64}), stage.moment) is False
    assert stage.clips == []
    assert stage.playout.recall(gone, stage.moment) is False
    stage.settle()
    stage.run(15)
    assert [(one.content, one.completed, one.fault) for one in stage.clips] == [
        (films.clips[0].content, False, "recalled"),
        (films.clips[2].content, False, "recalled"),
        (films.clips[1].content, True, None),
    ]
    assert stage.ended.reason == "completed"


def test_the_last_film_recalled_ends_the_session_and_an_announced_one_is_made_anew():
    """With nothing left to show the card comes back; before the start the session is put together again."""
    stage = Stage()
    alone = show(clip("a"))
    stage.plan(alone, 20)
    assert stage.playout.recall(frozenset({alone.clips[0].content}), stage.moment) is True
    stage.playout.withdraw()
    stage.playout.play(alone, stage.moment)
    stage.run(3)
    stage.playout.recall(frozenset({alone.clips[0].content}), stage.moment)
    stage.run(1)
    assert stage.playout.idle
    assert stage.player.state(100 + stage.now).phase is PlayerPhase.CARD
