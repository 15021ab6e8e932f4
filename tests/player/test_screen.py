"""The player's mind where the engine behaves oddly, told in simulated time."""

from __future__ import annotations

import time

import pytest

from estation_box.playout.engine import Drawn, Gone, Layer, Opened
from estation_box.playout.player_words import Banner, Cover, Entry, Phase, Prepare, Start
from estation_box.playout.screen import EngineGoneError, Screen
from estation_box.simulated.player import SimulatedEngine, SimulatedPlayer


def clip(name, seconds=10.0):
    return Entry(id=name, path=f"/{name}.mp4", kind="video", seconds=seconds)


@pytest.fixture
def player():
    player = SimulatedPlayer(0.0)
    player.ask(Prepare(n=1, session="s", entries=(clip("a"), clip("b"))), 1.0)
    player.run_until(2.0)
    player.ask(Start(n=2, session="s"), 2.0)
    player.run_until(5.0)
    return player


def test_a_first_picture_told_twice_does_not_count_anew(player):
    """Libmpv tells it again behind a damaged part: what was shown before stays shown."""
    player._screen.happened(Drawn(5.0))
    assert player.state(5.2).entries[0].shown == pytest.approx(3.2, abs=0.25)


def test_a_hung_display_is_told_and_not_counted(player):
    """The picture stands: the seconds stop, and the stall is told until it moves again."""
    before = player.state(5.0).entries[0].shown
    player.stand_still()
    stalled = player.state(8.0)
    assert stalled.still_for == pytest.approx(3.0, abs=0.25)
    assert stalled.entries[0].shown == pytest.approx(before, abs=0.25)
    player.stand_still(standing=False)
    assert player.state(8.5).still_for == 0


def test_a_file_that_nobody_asked_for_is_left_at_once(player):
    """A play list in disguise cannot bring anything onto the screen: the next clip comes."""
    player._screen.happened(Opened(999, 5.0))
    assert player.state(5.5).current == "b"


def test_word_of_an_older_list_changes_nothing(player):
    """What the engine still reports of the session before is not taken for this one's."""
    player._screen.happened(Opened(1, 5.0))
    assert player.state(5.2).current == "a"


def test_an_engine_that_is_gone_ends_the_process(player):
    """Without libmpv only a new process helps."""
    with pytest.raises(EngineGoneError):
        player._screen.happened(Gone(5.0))


def test_an_empty_list_is_filled_with_the_card_once_a_second():
    """Where not even the card could be drawn it is tried again, and not in a frenzy."""

    class Empty(SimulatedEngine):
        queued = 0

        def queue(self, entries):
            self.queued += 1
            return super().queue(entries)

        def sample(self):
            return super().sample()._replace(idle=True, output=False)

    engine = Empty(0.0, {}, {})
    screen = Screen(engine, engine, "p", "card")
    for n in range(1, 51):
        engine.advance(10.0 + n / 5)
        screen.tick()
    assert 9 <= engine.queued <= 12
    assert not screen.state(20.0).frames_ok


def test_a_new_card_is_drawn_only_where_the_card_is(player):
    """During a session a new cover waits; a banner is drawn at once."""
    player.ask(Cover(n=3, ass="{new}"), 5.0)
    assert player.engine.layers[Layer.COVER] == ""
    player.ask(Banner(n=4, ass="{word}"), 5.0)
    assert player.engine.layers[Layer.BANNER] == "{word}"
    player.run_until(60.0)
    assert player.state(60.0).phase is Phase.ENDED
    assert player.engine.layers[Layer.COVER] == "{new}"


def test_a_crashed_or_hung_player_says_nothing_until_it_is_started_again(player):
    """The simulation fails as the real one does: no answer, no state; then a new process that knows nothing."""
    player.hang()
    assert player.state(6.0) is None
    player.hang(hung=False)
    assert player.state(6.5).session == "s"
    player.crash()
    assert player.ask(Start(n=9, session="s"), 7.0) is None
    player.restart(8.0, player="second")
    state = player.state(9.0)
    assert (state.player, state.session, state.phase) == ("second", None, Phase.CARD)


def test_a_day_passes_in_seconds():
    """Ten sessions of ten minutes with three clips each, in less time than it takes to tell."""
    player, begun = SimulatedPlayer(0.0), time.monotonic()
    for hour in range(10):
        at = 3600.0 * (hour + 1)
        assert player.skip_to(at).phase in {Phase.CARD, Phase.ENDED}
        player.ask(Prepare(n=1, session=f"s{hour}", entries=(clip("a", 200), clip("b", 200), clip("c", 200))), at)
        player.run_until(at + 5)
        player.ask(Start(n=2, session=f"s{hour}"), at + 5)
        ended = player.run_until(at + 610)[-1]
        assert ended.phase is Phase.ENDED
        assert sum(entry.shown for entry in ended.entries) == pytest.approx(600, abs=1)
    assert time.monotonic() - begun < 20
