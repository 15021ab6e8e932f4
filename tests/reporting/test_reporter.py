from __future__ import annotations

import errno
import itertools
from datetime import timedelta

import msgspec
import pytest

from estation_box.reporting.interfaces import Arrived
from estation_box.reporting.rules import KNOWN_COMMANDS, RESEND_LIMIT_SECONDS, Phase
from estation_box.reporting.service import CommandHeard, TimeHeard, WeekHeard, status, subscriptions
from estation_box.simulated.link import Weather
from estation_wire import codec
from estation_wire.messages import REPLY_LIMIT_BYTES, Ack, Health, Identify, Picture, Playing, Status, Stored, WeekMet
from estation_wire.topics import Leaf, Topic
from estation_wire.values import Trust, Tv
from tests.journal.values import START
from tests.reporting.world import IDENTITY, World

NEVER = Weather(lost=2.0)  # QoS 1 is lost half as often


def command(number: int = 1, *, expires: float = 3600.0) -> Identify:
    return Identify(v=1, id=f"{number:032x}", issued=START, expires=START + timedelta(seconds=expires))


def test_a_box_says_hello_and_waits_for_the_answer_before_it_sends_records():
    world = World()
    world.write(3)
    world.connect(NEVER)
    world.run(10)
    assert (world.reporter.phase, world.batches) == (Phase.GREETING, [])
    world.link.weather = Weather()
    world.run(30)
    assert world.stored() == [1, 2, 3]
    assert world.journal.undelivered() == 0


def test_the_hello_tells_what_the_journal_holds_and_what_the_clock_is_worth():
    world = World(trust=Trust.RTC)
    world.write(3)
    world.connect()
    world.run(1)
    (hello,) = world.hellos
    (state,) = hello.journals
    assert (state.first, state.last, state.watermark, state.hash) == (1, 3, 0, None)
    assert (hello.trust, hello.up, hello.boot) == (Trust.RTC, 0.0, IDENTITY.boot)


def test_who_is_online_is_seen_by_a_retained_word():
    world = World()
    world.connect()
    world.run(1)
    told = codec.decode_message(Leaf.STATUS, world.link.retained[Leaf.STATUS])
    assert told == Status(v=1, online=True, boot=IDENTITY.boot, firmware="0.1.0")
    topic, payload = status(IDENTITY, online=False)
    assert (topic, codec.decode_message(Leaf.STATUS, payload).online) == ("estation/v1/653101/hall-0007/status", False)
    assert subscriptions(IDENTITY) == (
        "estation/v1/653101/hall-0007/ack",
        "estation/v1/653101/hall-0007/command",
    )


def test_one_batch_is_on_its_way_at_a_time_and_none_is_larger_than_a_hundred():
    world = World()
    world.write(250)
    world.connect()
    world.run(5)
    assert [len(batch.records) for batch in world.batches] == [100, 100, 50]
    assert world.stored() == list(range(1, 251))


def test_records_that_come_together_travel_together():
    world = World()
    world.connect()
    world.run(5)
    world.write(2)
    world.run(1)
    world.write(1)
    world.run(5)
    assert [len(batch.records) for batch in world.batches] == [3]


def test_a_batch_without_an_answer_is_sent_again_and_then_the_centre_is_greeted():
    """After 30 s the same again; after twice in vain hello, for the centre may be another; and ever more rarely."""
    world = World()
    world.connect()
    world.run(5)
    world.centre._store = lambda _batch: False  # a centre that takes nothing
    world.write(1)
    sent = []
    for _ in range(6 * 3600):
        before = len(world.batches)
        world.run(1)
        if len(world.batches) > before:
            sent.append(world.up)
    gaps = [round(after - before) for before, after in itertools.pairwise(sent)]
    assert gaps[:5] == pytest.approx([30, 60, 120, 240, 480], abs=3)
    assert max(gaps) <= RESEND_LIMIT_SECONDS + 3
    assert len(world.hellos) == len(sent) - 1
    del world.centre._store
    world.run(RESEND_LIMIT_SECONDS + 5)
    assert world.stored() == [1]


def test_a_centre_restored_while_the_line_is_up_gets_everything_again():
    """The centre's disk broke in the night; the box notices that its batch finds no answer, and sends all again."""
    world = World()
    world.connect()
    world.write(5)
    world.run(10)
    backup = world.centre.backup()
    world.write(5)
    world.run(10)
    world.centre.restore(backup)
    world.write(1)
    world.run(300)
    assert world.stored() == list(range(1, 12))


def test_an_answer_to_an_earlier_hello_lowers_nothing():
    world = World()
    world.connect()
    world.write(5)
    world.run(10)
    late = Ack(
        v=1, time=START, nonce=world.hellos[0].nonce, journals=(Stored(journal=world.batches[0].journal, watermark=2),)
    )
    for answer in world.centre.hear(world.hellos[0], START):
        assert answer[0] is Leaf.ACK
    world.take(_arrived(Leaf.ACK, late))
    assert world.journal.undelivered() == 0


def test_an_answer_that_comes_twice_sends_nothing_twice():
    """While a batch is on its way, a repetition of the answer to the one before does not send it again."""
    world = World()
    world.connect()
    world.write(3)
    world.run(10)
    world.link.weather = NEVER
    world.write(2)
    world.run(5)
    assert world.reporter.phase is Phase.DELIVERING
    sent = world.reporter._attempts
    old = Ack(v=1, time=START, journals=(Stored(journal=world.batches[0].journal, watermark=3),))
    for _ in range(5):
        world.take(_arrived(Leaf.ACK, old))
    assert world.reporter._attempts == sent == 1
    world.link.weather = Weather()
    world.run(40)
    assert world.stored() == [1, 2, 3, 4, 5]


def test_the_line_breaks_in_the_middle_of_a_batch_and_nothing_is_lost_or_doubled():
    world = World()
    world.write(150)
    world.connect()
    world.link.carry(0, world.moment.at, world.take)
    world.disconnect()
    assert world.reporter.phase is Phase.OFFLINE
    world.run(5)
    world.connect()
    world.run(5)
    assert world.stored() == list(range(1, 151))


def test_the_centres_time_is_heard_from_a_fresh_answer_only():
    world = World(trust=Trust.GUESS)
    world.connect()
    world.run(2)
    (heard,) = world.heard
    assert isinstance(heard, TimeHeard)
    assert abs(heard.time - START) <= timedelta(seconds=2)
    world.heard.clear()
    world.disconnect()
    world.connect()
    world.up += 25.0  # the answer takes longer than that it could set a clock
    world.run(1)
    assert (world.reporter.phase, world.heard) == (Phase.READY, [])


def test_a_school_hears_that_its_week_is_met():
    world = World()
    world.connect()
    world.run(1)
    week = WeekMet(week="2026-W48", met=True)
    world.heard.clear()
    world.take(_arrived(Leaf.ACK, Ack(v=1, time=START, journals=(), week=week)))
    assert world.heard == [WeekHeard(week)]


def test_health_is_told_every_five_minutes_and_at_once_when_something_changed():
    world = World(health=300.0)
    world.connect()
    world.run(601)
    assert len(world.heard_by_centre(Health)) == 3
    world.condition = {"playing": Playing(session="a" * 32, content="b" * 64)}
    world.run(2)
    assert len(world.heard_by_centre(Health)) == 3  # not more often than every ten seconds
    world.run(10)
    assert len(world.heard_by_centre(Health)) == 4
    world.condition = {
        "playing": Playing(session="a" * 32, content="b" * 64, position=9.0),
        "temperature_celsius": 50.0,
    }
    world.run(60)
    assert len(world.heard_by_centre(Health)) == 4


def test_a_tv_that_flickers_does_not_fill_the_line():
    world = World()
    world.connect()
    for second in range(100):
        world.condition = {"tv": Tv.ON if second % 2 else Tv.OFF}
        world.run(1)
    assert len(world.heard_by_centre(Health)) <= 11


def test_a_command_is_followed_once_and_answered_again_when_it_comes_again():
    """A lost reply makes the centre ask again: the box answers, and does not do it twice, not even after a restart."""
    world = World()
    world.centre.commands = [command()]
    world.connect()
    world.run(3)
    assert [heard for heard in world.heard if isinstance(heard, CommandHeard)] == [CommandHeard(command())]
    world.take(_arrived(Leaf.COMMAND, command()))  # before it is answered
    world.reporter.reply(command().id, "done")
    world.run(2)
    world.disconnect()
    world.restart()
    world.heard.clear()
    world.connect()
    world.run(3)
    assert [heard for heard in world.heard if isinstance(heard, CommandHeard)] == []
    assert [(reply.command, reply.outcome) for reply in world.replies] == [(command().id, "done")] * 2


def test_a_picture_that_did_not_arrive_is_made_again():
    """The line broke while the picture was on its way: asked again, the box sends it again, not only «done»."""
    picture = Picture(v=1, id="1" * 32, issued=START, expires=START + timedelta(hours=1))
    world = World()
    world.connect()
    for _ in range(2):  # the second time it is still under way
        world.take(_arrived(Leaf.COMMAND, picture))
    assert world.heard == [CommandHeard(picture)]
    world.reporter.reply(picture.id, "done", media_type="image/jpeg", attachment=b"jpeg")
    world.take(_arrived(Leaf.COMMAND, picture))
    assert world.heard == [CommandHeard(picture)] * 2


def test_a_command_that_a_restart_interrupted_is_not_begun_again():
    world = World()
    world.connect()
    world.take(_arrived(Leaf.COMMAND, command()))
    world.disconnect()
    world.restart()
    world.heard.clear()
    world.connect()
    world.take(_arrived(Leaf.COMMAND, command()))
    world.run(2)
    assert not [heard for heard in world.heard if isinstance(heard, CommandHeard)]
    assert world.replies[-1].outcome == "refused"


@pytest.mark.parametrize(("trust", "followed"), [(Trust.NETWORK, False), (Trust.RTC, True), (Trust.GUESS, True)])
def test_a_late_command_is_refused_where_the_clock_can_tell(trust, followed):
    world = World(trust=trust)
    world.connect()
    world.run(5)
    world.heard.clear()
    world.take(_arrived(Leaf.COMMAND, command(expires=4)))
    world.run(1)
    assert (world.heard == [CommandHeard(command(expires=4))]) is followed
    assert [reply.outcome for reply in world.replies] == ([] if followed else ["refused"])


def test_known_commands_are_bounded():
    world = World()
    world.connect()
    for number in range(1, KNOWN_COMMANDS + 20):
        world.take(_arrived(Leaf.COMMAND, command(number)))
        world.reporter.reply(command(number).id, "done")
    assert len(msgspec.json.decode(world.memory.data)) == KNOWN_COMMANDS
    assert len(world.memory.data) < 4000


def test_commands_are_followed_even_where_they_cannot_be_noted(caplog):
    world = World()
    world.memory.data = b"{not ours"

    def refuse(_data):
        raise OSError(errno.EROFS, "read-only")

    world.memory.write = refuse
    world.restart()
    world.connect()
    world.take(_arrived(Leaf.COMMAND, command()))
    assert CommandHeard(command()) in world.heard
    assert "not noted" in caplog.text


def test_a_picture_travels_in_the_reply_and_one_that_is_too_large_is_refused():
    world = World()
    world.connect()
    world.run(1)
    for size in (40_000, REPLY_LIMIT_BYTES + 1):
        world.reporter.reply(command().id, "done", media_type="image/jpeg", attachment=b"j" * size)
        world.run(1)
    small, large = world.replies
    assert (small.outcome, small.media_type, len(small.attachment)) == ("done", "image/jpeg", 40_000)
    assert (large.outcome, large.attachment, large.reason) == ("refused", None, "the answer is too large")


def test_certificates_are_checked_in_full_once_the_time_is_known():
    world = World(trust=Trust.GUESS)
    world.run(1)
    assert not world.link.checks_time
    world.trust = Trust.NETWORK
    world.run(1)
    assert world.link.checks_time


def test_a_centre_that_holds_more_than_the_card_begins_a_new_journal():
    """A card was put back to last month's copy: what happens from now on is counted under a new journal."""
    world = World()
    world.write(3)
    world.connect()
    world.run(5)
    (journal,) = world.centre.records
    world.centre.records[journal] += world.centre.records[journal]
    world.disconnect()
    world.connect()
    world.run(5)
    world.write(2)
    world.run(40)
    assert len(world.centre.records) == 2
    assert world.stored()[-2:] == [4, 5]


def _arrived(leaf, message):
    return Arrived(str(Topic(*IDENTITY[:2], leaf)), codec.encode(message))
