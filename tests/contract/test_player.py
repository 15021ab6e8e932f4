"""One suite for the player on a real screen and for the simulated one: what core may rely on."""

from __future__ import annotations

import msgspec
import pytest

from estation_box.playout import cards, still_cards
from estation_box.playout.player_words import Banner, Capture, Cover, Phase, Prepare, Rest, Skip, Speak, Start, Volume
from estation_box.simulated.player import CANNOT, SimulatedPlayer
from tests.support import clips
from tests.support.player import PlayerProcess, still, video
from tests.support.xvfb import Xvfb

STEP = 0.05


class RealRig:
    def __init__(self, player: PlayerProcess, folder) -> None:
        self._core = player.core
        self._folder = folder
        self.good, self.other = str(clips.flip("red")), str(clips.flip("green"))
        self.picture = str(clips.still("blue"))
        self.broken = str(clips.broken("random"))
        self.cut = str(clips.cut(clips.flip("cyan", 6), 0.3))
        self._core.await_connection()

    def ask(self, request, **fields):
        return self._core.ask(request, **fields)

    def until(self, wanted, within=20.0):
        return self._core.state(wanted, within)

    def new_path(self) -> str:
        return str(self._folder / "picture.jpg")


class SimulatedRig:
    good, other, picture, broken, cut = "/a.mp4", "/b.mp4", "/c.png", "/broken.mp4", "/cut.mp4"

    def __init__(self) -> None:
        self._now = 1000.0
        self._n = 0
        self._player = SimulatedPlayer(self._now, broken={self.broken: CANNOT}, cut={self.cut: 1.8})

    def ask(self, request, **fields):
        self._n += 1
        return self._player.ask(request(n=self._n, **fields), self._now)

    def until(self, wanted, within=20.0):
        end = self._now + within
        while self._now < end:
            self._now += STEP
            for state in self._player.run_until(self._now):
                if wanted(state):
                    return state
        raise AssertionError

    def new_path(self) -> str:
        return "picture.jpg"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    folder = tmp_path_factory.mktemp("player")
    with Xvfb(folder / "screen") as screen, PlayerProcess(folder, screen.display) as player:
        yield RealRig(player, folder)


@pytest.fixture(params=[pytest.param("real", marks=pytest.mark.screen), "simulated"])
def rig(request):
    if request.param == "simulated":
        return SimulatedRig()
    rig = request.getfixturevalue("real")
    assert rig.ask(Rest).ok
    return rig


def at(phase):
    return lambda state: state.phase is phase


def prepare(rig, *entries, session="s"):
    answer = rig.ask(Prepare, session=session, entries=entries)
    assert answer.ok, answer.error


def shown(state):
    return [round(entry.shown, 1) for entry in state.entries]


def ends(state):
    return [entry.end for entry in state.entries]


def test_a_session_runs_through_and_says_what_was_shown(rig):
    """Two clips and a picture: each is counted with the seconds that people saw it."""
    prepare(rig, video(rig.good, "0"), still(rig.picture, "1", 1.0), video(rig.other, "2"))
    prepared = rig.until(at(Phase.PREPARED))
    assert shown(prepared) == [0, 0, 0]
    assert rig.ask(Start, session="s").ok
    first = rig.until(lambda state: state.entries[0].started is not None)
    assert first.phase is Phase.PLAYING
    assert first.current == "0"
    ended = rig.until(at(Phase.ENDED))
    assert ends(ended) == ["eof", "eof", "eof"]
    assert [entry.shown for entry in ended.entries] == pytest.approx([2.0, 1.0, 2.0], abs=0.2)
    starts = [entry.started for entry in ended.entries]
    assert starts == sorted(starts)
    assert ended.current is None


def test_nothing_moves_before_the_start(rig):
    """A prepared session waits, behind the cover, however long the countdown is."""
    prepare(rig, video(rig.good))
    rig.until(lambda state: state.phase is Phase.PREPARED and state.current == "0")
    waited = [rig.until(lambda _: True) for _ in range(6)][-1]
    assert waited.phase is Phase.PREPARED
    assert shown(waited) == [0]
    assert waited.still_for == 0


def test_a_broken_first_file_costs_nothing(rig):
    """The start gives a picture at once though the first file is not a video."""
    prepare(rig, video(rig.broken, "0"), video(rig.good, "1"))
    rig.until(lambda state: state.current == "1")
    assert rig.ask(Start, session="s").ok
    state = rig.until(lambda state: state.entries[1].started is not None, within=2)
    assert state.entries[0].end == "error"
    assert state.entries[0].error == CANNOT


def test_a_broken_file_in_the_middle_is_skipped(rig):
    """The next clip comes, and the broken one is told with its fault and no seconds."""
    prepare(rig, video(rig.good, "0"), video(rig.broken, "1"), video(rig.other, "2"))
    assert rig.ask(Start, session="s").ok
    ended = rig.until(at(Phase.ENDED))
    assert ends(ended) == ["eof", "error", "eof"]
    assert ended.entries[1].shown == 0
    assert ended.entries[1].started is None


def test_a_session_of_broken_files_ends_on_the_card(rig):
    """Where nothing can be played the card stays, and core hears that the list is over."""
    prepare(rig, video(rig.broken, "0"), video(rig.broken, "1"))
    ended = rig.until(at(Phase.ENDED))
    assert ends(ended) == ["error", "error"]
    assert rig.ask(Start, session="s").ok


def test_a_file_cut_short_counts_what_was_there(rig):
    """A file that breaks off ends like a good one, but its seconds do not lie."""
    prepare(rig, video(rig.cut, "0", seconds=6.0))
    assert rig.ask(Start, session="s").ok
    ended = rig.until(at(Phase.ENDED))
    assert ends(ended) == ["eof"]
    assert ended.entries[0].shown < 2.5


def test_a_session_goes_on_where_it_was(rig):
    """After an interruption the clip begins at its position, and only the rest is counted."""
    prepare(rig, video(rig.good, position=1.0))
    assert rig.ask(Start, session="s").ok
    ended = rig.until(at(Phase.ENDED))
    assert ended.entries[0].shown == pytest.approx(1.0, abs=0.2)


def test_the_next_clip_on_request(rig):
    """A skip ends the clip as skipped and shows the next one."""
    prepare(rig, video(rig.good, "0"), video(rig.other, "1"))
    assert rig.ask(Start, session="s").ok
    rig.until(lambda state: state.entries[0].shown > 0.3)
    assert rig.ask(Skip, session="s").ok
    ended = rig.until(at(Phase.ENDED))
    assert ends(ended) == ["skipped", "eof"]
    assert 0.3 <= ended.entries[0].shown < 1.5


def test_rest_ends_the_session_and_keeps_what_was_shown(rig):
    """A stop shows the card at once, and the seconds before it are not lost."""
    prepare(rig, video(rig.good, "0"), video(rig.other, "1"))
    assert rig.ask(Start, session="s").ok
    rig.until(lambda state: state.entries[0].shown > 0.3)
    assert rig.ask(Rest).ok
    state = rig.until(lambda state: state.phase is Phase.CARD and state.entries[0].end is not None)
    assert ends(state) == ["rest", None]
    assert state.entries[0].shown > 0.3


def test_a_new_session_takes_the_screen(rig):
    """What is prepared while another session runs takes its place, with a count of its own."""
    prepare(rig, video(rig.good, "0"), session="old")
    assert rig.ask(Start, session="old").ok
    rig.until(lambda state: state.entries[0].shown > 0.3)
    prepare(rig, video(rig.other, "9"), session="new")
    state = rig.until(lambda state: state.session == "new" and state.current == "9")
    assert shown(state) == [0]
    assert state.phase is Phase.PREPARED


def test_a_session_that_is_not_prepared_is_refused(rig):
    """A start or a skip of another session changes nothing and says why."""
    prepare(rig, video(rig.good), session="this")
    assert "not prepared" in rig.ask(Start, session="other").error
    assert "not running" in rig.ask(Skip, session="other").error
    assert rig.until(lambda _: True).phase is Phase.PREPARED


def test_cover_banner_and_picture_are_taken(rig):
    """Cards and banners are drawn, and a picture of the screen can be had."""
    assert rig.ask(Cover, ass=cards.station_card(name="村", headline="下一场 19:30")).ok
    assert rig.ask(Banner, ass=cards.banner("一句话")).ok
    assert rig.ask(Banner, ass="").ok
    assert rig.ask(Capture, path=rig.new_path()).ok
    assert not rig.ask(Capture, path="").ok


def test_states_can_be_told_as_json(rig):
    """What is told fits the words that core reads."""
    assert b'"tell":"state"' in msgspec.json.encode(rig.until(lambda _: True))


def test_the_sound_and_its_language_change_while_a_film_runs(rig):
    """Quiet hours and another language cost no picture; a session that does not run is refused."""
    film = video(rig.good, seconds=2.0, gain=-3.5)
    assert not rig.ask(Speak, session="s", tracks={"0": (1, 0)}).ok
    assert rig.ask(Volume, decibels=-12.0).ok
    assert rig.ask(Prepare, session="s", entries=(film,)).ok
    assert rig.ask(Start, session="s").ok
    rig.until(lambda state: any(entry.shown > 0 for entry in state.entries))
    assert rig.ask(Speak, session="s", tracks={"0": (1, 0)}).ok
    ended = rig.until(at(Phase.ENDED))
    assert ended.entries[0].end == "eof"
    assert rig.ask(Volume, decibels=0.0).ok


def test_a_still_stands_with_its_words_for_its_own_time(rig):
    words = still_cards.over("discussion", "x", ("1?", "2?", "3?"), "tel:120")
    card = msgspec.structs.replace(still(rig.picture, seconds=1.0), words=words)
    assert rig.ask(Prepare, session="s", entries=(card, card)).ok
    assert rig.ask(Start, session="s").ok
    ended = rig.until(at(Phase.ENDED))
    assert [entry.shown for entry in ended.entries] == pytest.approx([1.0, 1.0], abs=0.2)
