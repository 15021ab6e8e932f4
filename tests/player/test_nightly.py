"""A player that is a day old makes way for a new one at night, while nobody looks; nobody is told of a fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from estation_box.apps.core_ladder import CoreLadder
from estation_box.apps.events import PlayerLost
from estation_box.apps.player import Inbox, Leads, Player
from estation_box.drivers.last_boot import BootMarks
from estation_box.drivers.systemd import Notifier
from estation_box.drivers.unix_socket import Server
from estation_box.playout.nightly import Nightly
from estation_box.playout.player_words import MAX_LINE_BYTES, Phase, State, decode_telling
from estation_box.settings import Lead
from estation_box.simulated.player import SimulatedPlayer
from estation_wire.records import Fault
from tests.support.box import SimulatedBox, TableShelf
from tests.support.player import Hand
from tests.support.supervisor_line import OnPython, Pi

EVENING = datetime(2026, 11, 29, 19, 0, tzinfo=UTC)  # the player starts; wall time is local


def first_leave(began: datetime, phases: dict[int, Phase], hours: int = 72) -> datetime | None:
    """When a player leaves that is at the phase of the last hour named, sampled each minute."""
    nightly, phase = Nightly(0.0), Phase.CARD
    for minute in range(hours * 60):
        phase = phases.get(minute // 60, phase) if minute % 60 == 0 else phase
        wall = began + timedelta(minutes=minute)
        if nightly.makes_way(phase, minute * 60.0, wall):
            return wall
    return None


@pytest.mark.parametrize(
    ("began", "phases", "leaves"),
    [
        (EVENING, {}, "01 01:00"),
        (datetime(2026, 11, 29, 6, 0, tzinfo=UTC), {}, "30 01:00"),
        (datetime(2026, 11, 29, 6, 0, tzinfo=UTC), {18: Phase.PLAYING, 20: Phase.ENDED}, "30 02:29"),
        (datetime(2026, 11, 29, 6, 0, tzinfo=UTC), {0: Phase.PLAYING}, None),
        (datetime(2026, 11, 29, 6, 0, tzinfo=UTC), {0: Phase.PREPARED}, None),
    ],
)
def test_it_leaves_once_it_is_a_day_old_at_night_and_half_an_hour_behind_a_session(began, phases, leaves):
    """A long film at two in the morning is played to its end; a box that is on by day alone is left alone."""
    at = first_leave(began, phases)
    assert (f"{at:%d %H:%M}" if at else None) == leaves


def test_its_last_word_says_that_it_leaves_in_order(tmp_path):
    """Whoever listens knows that this is no crash, and PID 1 starts another."""
    simulated, inbox = SimulatedPlayer(0.0), Inbox()
    turns = iter([False, False, True])
    with Server(tmp_path / "player.sock", inbox.heard, max_line=MAX_LINE_BYTES) as server, Notifier({}) as notifier:
        hand = Hand(tmp_path / "player.sock")
        try:
            hand.await_connection()
            Player(
                simulated._screen, inbox, server, notifier,
                makes_way=lambda phase, now: next(turns), outlets=Leads(Lead(), None),
            ).run()  # fmt: skip
            assert hand.state(lambda state: state.leaving, within=5).phase is Phase.CARD
        finally:
            hand.close()
    assert next(turns, None) is None


def test_a_word_of_before_says_nothing_of_leaving():
    """A core that is newer than its player, and one that is older, understand each other."""
    state = State(player="p", phase=Phase.CARD, at=1.0)
    assert b"leaving" not in msgspec.json.encode(state)
    assert decode_telling(msgspec.json.encode(msgspec.structs.replace(state, leaving=True))).leaving


@pytest.mark.parametrize("in_order", [True, False])
def test_only_a_player_that_went_without_a_word_is_a_fault(tmp_path, in_order):
    """The centre is not told each morning that a box was mended which was well."""
    box = SimulatedBox(tmp_path, TableShelf([]))
    marks = BootMarks(tmp_path, status=tmp_path / "bootstatus", register=tmp_path / "rsts")
    box.core._parts = box.core._parts._replace(ladder=CoreLadder(marks, Pi(OnPython()).guard, lambda: 0.0))
    box.run(2)
    box.core.handle(PlayerLost(in_order=in_order), box.clock.moment())
    box.run(20)
    assert [fault.what for fault in box.centre.told(Fault)] == ([] if in_order else ["player-gone"])
