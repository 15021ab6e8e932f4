from __future__ import annotations

import pytest

from estation_box.apps.events import StickMoved, SyncSays
from estation_box.journal.interfaces import CardBrokenError, CardFullError, CardReadOnlyError
from estation_box.library.sync_words import Ask, Progress, Synced
from estation_box.playout.engine import Layer
from estation_box.simulated.journal_store import SimulatedJournalStore
from estation_wire.planner import Slot
from estation_wire.records import ClipShown, Fault, LibraryChanged, SessionEnded, StickSeen
from tests.support.box import SimulatedBox, TableShelf, item, slot_of

FILMS = tuple(item(name) for name in "abc")


def slot(seconds: float) -> Slot:
    return slot_of(FILMS, seconds)


def banner(box: SimulatedBox) -> str:
    """The words over the picture, as the player has them."""
    return box.player.engine.layers.get(Layer.BANNER, "")


def say(box: SimulatedBox, word) -> list[bytes]:
    answers: list[bytes] = []
    box.core.handle(SyncSays(word, answers.append), box.clock.moment())
    return answers


@pytest.fixture
def box(tmp_path) -> SimulatedBox:
    return SimulatedBox(tmp_path, TableShelf(FILMS, [slot(60)]))


@pytest.mark.parametrize("error", [CardFullError(), CardReadOnlyError(), CardBrokenError("input/output error")])
def test_a_card_that_refuses_never_stops_the_picture_and_is_told(tmp_path, error):
    """Full, read-only or broken in mid-session: the films go on, the screen says it, the centre hears it afterwards."""
    store = SimulatedJournalStore(lambda: "7" * 32)
    box = SimulatedBox(tmp_path, TableShelf(FILMS, [slot(60)]), store=store)
    box.run(65)
    store.refusal = error
    box.run(15)
    assert box.playout.on_screen
    assert error.said.zh[:8] in banner(box)
    assert box.healths()[-1].fault == str(error)
    box.run(30)
    store.refusal = None
    box.run(30)
    assert [clip.completed for clip in box.centre.told(ClipShown)] == [True, True, True]
    assert [ended.reason for ended in box.centre.told(SessionEnded)] == ["completed"]
    (fault,) = box.centre.told(Fault)
    assert (fault.what, fault.detail) == ("journal-unavailable", str(error))
    assert error.said.zh[:8] not in banner(box)


def test_a_stick_is_told_with_its_progress_and_then_with_what_became_of_it(box):
    """The technician sees how far it is, then that the stick may be pulled, and why something was refused."""
    box.run(2)
    say(box, Progress(words="科普天地 1/3", fraction=0.4))
    assert "科普天地 1/3" in banner(box)
    reason = "签名不对，没有使用"
    done = Synced(source="stick", taken=2, refused=1, reasons=(reason,), catalogue=2, programme=3, changed=True)
    say(box, done)
    assert reason in banner(box)
    assert "可以拔出" in banner(box)
    box.run(20)
    assert banner(box) == ""
    (seen,), (changed,) = box.centre.told(StickSeen), box.centre.told(LibraryChanged)
    assert (seen.taken, seen.refused, seen.reasons) == (2, 1, (reason,))
    assert (changed.catalogue, changed.programme) == (2, 3)


@pytest.mark.parametrize("ready", [False, True])
def test_a_stick_that_is_read_is_told_with_its_speed_and_the_time_left(box, ready):
    """What the technician waits for is on the screen whole, before the word and after it."""
    box.run(2)
    say(box, Progress(words="正在装载 3/12 种子", fraction=0.4, ready=ready))
    assert ("可以拔出" in banner(box)) is ready
    assert ("请勿拔出" in banner(box)) is not ready
    pace = {"bytes_per_second": 18_400_000, "seconds_left": 1500}
    say(box, Progress(words="正在装载 3/12 种子", fraction=0.5, ready=ready, **pace))
    assert "18.4 MB/s" in banner(box)
    assert "还要 25 分钟" in banner(box)
    say(box, Progress(words="正在装载 3/12 种子", fraction=0.9, ready=ready, bytes_per_second=999, seconds_left=59))
    assert "还要 59 秒" in banner(box)


def test_a_card_that_rots_is_reported_to_the_centre(box):
    """What the nightly look at the card found goes home as a fault, long before the card is dead."""
    box.run(2)
    found = "卡上有 2 个节目坏了"
    say(box, Synced(source="timer", taken=0, refused=1, reasons=(found,), changed=True, rotten=2))
    box.run(20)
    (fault,) = box.centre.told(Fault)
    assert (fault.what, fault.detail) == ("card-rots", found)


def test_a_stick_that_is_refused_in_a_session_leaves_the_session_alone(box):
    """What played before goes on, and the words stand over it."""
    box.run(65)
    say(box, Synced(source="stick", taken=0, refused=1, reasons=("这个 U 盘没有签名",)))
    assert "没有签名" in banner(box)
    box.run(60)
    assert [ended.reason for ended in box.centre.told(SessionEnded)] == ["completed"]


def test_films_that_did_not_come_are_left_out_of_the_session(box):
    box.shelf.missing = {FILMS[1].id}
    box.run(120)
    assert [clip.content for clip in box.centre.told(ClipShown)] == [FILMS[0].id, FILMS[2].id]


def test_a_session_of_which_no_film_came_is_told_as_missing(box):
    box.shelf.missing = {film.id for film in FILMS}
    box.run(120)
    assert [ended.reason for ended in box.centre.told(SessionEnded)] == ["missing"]


def test_every_decision_can_be_asked_for_its_reason(box):
    box.run(2)
    (why,) = say(box, Ask(question="why"))
    assert b"Rule weekly says 2026-11-23T00:01:00" in why
    (status,) = say(box, Ask(question="status"))
    assert b'"phase":"countdown"' in status or b'"phase":"resting"' in status


def test_another_profile_makes_core_begin_anew_with_it(box):
    """A box that is moved reports under its new name: the old core makes way, the session goes on in the player."""
    box.run(65)
    assert not box.core.renewed
    say(box, Synced(source="stick", taken=1, refused=0, provisioned=True))
    assert box.core.renewed
    box.core.close(box.clock.moment())
    box.start_core()
    box.run(60)
    assert [ended.reason for ended in box.centre.told(SessionEnded)] == ["completed"]


def test_what_comes_by_network_or_not_is_no_news_on_the_screen(box):
    """A village without a network sees no error each hour; what did come is written down for the centre alone."""
    box.run(2)
    say(box, Synced(source="network", taken=0, refused=1, reasons=("连不上节目库的服务器，稍后再试",)))
    assert banner(box) == ""
    say(box, Synced(source="network", taken=3, refused=0, catalogue=2, programme=1, changed=True))
    assert banner(box) == ""
    box.run(20)
    assert box.centre.told(StickSeen) == []
    assert [changed.source for changed in box.centre.told(LibraryChanged)] == ["network"]


def test_the_nightly_expansion_is_no_stick_and_says_nothing(box):
    """Nobody put anything in: no word on the screen, no record of a stick, and the new table is read at once."""
    box.run(2)
    box.shelf.table = [slot(90)]
    say(box, Synced(source="timer", taken=0, refused=0, catalogue=1, programme=1, changed=True))
    assert banner(box) == ""
    box.run(30)
    assert box.centre.told(StickSeen) == []
    assert box.centre.told(LibraryChanged) == []
    (why,) = say(box, Ask(question="why"))
    assert b"00:01:30" in why


def test_a_stick_that_is_pulled_takes_its_progress_off_the_screen(box):
    box.run(2)
    say(box, Progress(words="科普天地 1/3", fraction=0.4))
    box.core.handle(StickMoved(None), box.clock.moment())
    assert banner(box) == ""


def test_nobody_is_told_to_pull_a_stick_that_is_pulled(box):
    """In the midst of reading, or after the word: what was wrong stays to be read, the word to pull it goes."""
    box.run(2)
    say(box, Progress(words="科普天地 1/3", fraction=0.4))
    box.core.handle(StickMoved(None), box.clock.moment())
    say(box, Synced(source="stick", taken=0, refused=1, reasons=("读不了",)))
    assert "读不了" in banner(box)
    assert "pull" not in banner(box)
    box.run(20)
    say(box, Progress(words="科普天地 1/3", fraction=0.4))
    say(box, Synced(source="stick", taken=3, refused=0))
    assert "pull" in banner(box)
    box.core.handle(StickMoved(None), box.clock.moment())
    assert banner(box) == ""
