from __future__ import annotations

import random

from estation_wire import infrared, infrared_seen, supervisor_heard
from estation_wire import supervisor_words as words
from estation_wire.supervisor_frame import MAX_PAYLOAD, Decoder, encode
from tests.support.supervisor import noise

from estation_mcu import kept, policy  # isort: skip
from estation_mcu.simulated import Board  # isort: skip
from estation_mcu.supervisor import Supervisor  # isort: skip

TURN_MS = 50
BEAT_S = words.DEFAULTS[1]
PHASE = {name: place for place, name in enumerate(words.PHASES)}


class NotedBoard(Board):
    """Notes what was kept at the moment of each switch."""

    def power(self, *, on: bool) -> None:
        self.kept_then = [*getattr(self, "kept_then", []), kept.unpacked(self.memory)]
        super().power(on=on)


class Carrier:
    """A supervisor on a simulated board, and the Pi's end of its line; time goes on in turns."""

    def __init__(self, memory: bytes = b"", start_ms: int = 0, cause: int = words.CAUSE_POWER) -> None:
        self.now_ms = start_ms
        self.heard = []
        self._decoder = Decoder()
        self._line = bytearray()
        self.board = NotedBoard(self._read, self._write, lambda: self.now_ms & policy.TICKS, memory, cause)
        self.supervisor = Supervisor(self.board)

    def _read(self) -> bytes:
        data = bytes(self._line)
        self._line.clear()
        return data

    def _write(self, data: bytes) -> None:
        self.heard += self._decoder.feed(data)

    def raw(self, data: bytes) -> None:
        self._line += data
        self.wait(0.1)

    def say(self, kind: int, *numbers: int, number: int = 0) -> None:
        self.raw(encode(kind, words.say(kind, *numbers), number))

    def beat(self, pause_s: int = 0) -> None:
        self.say(words.BEAT, words.HEALTH_PLAYING, 1000, pause_s)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 1000 / TURN_MS)):
            self.now_ms += TURN_MS
            self.supervisor.turn()

    def last(self, kind: int):
        return words.read(kind, next(frame.payload for frame in reversed(self.heard) if frame.kind == kind))

    def kinds(self) -> list[int]:
        return [frame.kind for frame in self.heard]

    @property
    def phase(self) -> int:
        return self.supervisor.policy.phase


def test_it_says_hello_until_it_is_heard():
    """A Pi that starts later than the supervisor still learns that there is one."""
    carrier = Carrier()
    carrier.wait(9)
    assert carrier.kinds().count(words.HELLO) == 5
    carrier.beat()
    carrier.heard.clear()
    carrier.wait(9)
    assert words.HELLO not in carrier.kinds()
    assert carrier.last(words.STATUS) == (PHASE["WATCH"], 0, 0, 1, 0)


def test_a_hello_is_answered():
    """The box asks who is there, and hears version, start and cause."""
    carrier = Carrier(cause=words.CAUSE_WATCHDOG)
    carrier.beat()
    carrier.heard.clear()
    carrier.say(words.HELLO, 1, 1, 1)
    assert carrier.last(words.HELLO) == (1, 1, words.CAUSE_WATCHDOG)


def test_a_silent_box_loses_its_power_for_five_seconds():
    """Warned, cut, given back: the switch follows the policy, and the Pi hears why."""
    carrier = Carrier()
    carrier.beat()
    carrier.wait(BEAT_S + 1)
    assert carrier.last(words.WARNING) == (10,)
    carrier.wait(40)
    (_, on), (cut_ms, off), (back_ms, again) = carrier.board.switched
    assert (on, off, again) == (True, False, True)
    assert 5000 <= back_ms - cut_ms <= 5000 + TURN_MS
    assert carrier.last(words.STATUS)[:3] == (PHASE["BOOT"], 1, 1)
    lines = [supervisor_heard.read_line(frame.payload) for frame in carrier.heard if frame.kind == words.LOG]
    assert (30, "WARNED, cuts 0") in lines
    assert (30, "BOOT, cuts 1") in lines


def test_the_cut_is_written_down_before_it_is_made():
    """A supervisor that starts anew while the power is off still knows of the cut."""
    carrier = Carrier()
    carrier.beat()
    while carrier.board.powered:
        carrier.wait(0.1)
    assert carrier.board.kept_then[-1] == (1, 1, 1)
    again = Carrier(memory=carrier.board.memory)
    assert again.board.powered
    again.wait(2)
    assert again.last(words.STATUS)[:3] == (PHASE["BOOT"], 1, 1)
    assert again.supervisor.starts == 2


def test_damaged_memory_is_a_new_start():
    """What cannot be read is not believed, and harms nobody."""
    packed = kept.packed(7, 8, 2)
    assert kept.unpacked(packed) == (7, 8, 2)
    assert len(packed) == kept.SIZE
    for memory in (b"", packed[:-1], bytes((packed[0] ^ 1,)) + packed[1:]):
        assert kept.unpacked(memory) == (0, 0, 0)
        assert Carrier(memory=memory).supervisor.starts == 1


def test_the_flash_is_written_when_something_changed_only():
    """A healthy day costs the flash one write."""
    carrier = Carrier()
    for _ in range(300):
        carrier.beat()
        carrier.wait(2)
    assert carrier.board.remembered == 1
    assert carrier.board.fed > 10_000


def test_the_pi_sets_the_times():
    """Times come from the profile; those outside their limits are refused, and the Pi is told."""
    carrier = Carrier()
    carrier.say(words.PARAMETERS, 300, 90, 10, 7, 2, 3600)
    assert carrier.supervisor.policy.times == (300, 90, 10, 7, 2, 3600)
    assert carrier.last(words.STATUS)[3] == 1
    carrier.say(words.PARAMETERS, 300, 60, 10, 7, 200, 3600)
    assert carrier.supervisor.policy.times == (300, 90, 10, 7, 2, 3600)
    assert carrier.last(words.STATUS)[3] == 0
    carrier.beat()
    carrier.wait(89)
    assert carrier.phase == PHASE["WATCH"]
    carrier.wait(2)
    assert carrier.phase == PHASE["WARNED"]


def test_only_health_is_a_beat():
    """A Pi that says it is not well is not taken for one that is."""
    carrier = Carrier()
    for health in (0, 4, 255):
        carrier.say(words.BEAT, health, 0, 0)
        assert carrier.phase == PHASE["BOOT"]
    carrier.say(words.BEAT, words.HEALTH_SAFE, 0, 0)
    assert carrier.phase == PHASE["WATCH"]


def test_goodbye_is_kept_to():
    """A wanted halt is not cut, a wanted restart has its boot time, an unknown goodbye is none."""
    carrier = Carrier()
    carrier.beat()
    carrier.say(words.GOODBYE, 9)
    assert carrier.phase == PHASE["WATCH"]
    carrier.say(words.GOODBYE, words.HALTING)
    carrier.wait(600)
    assert carrier.phase == PHASE["GONE"]
    assert len(carrier.board.switched) == 1
    carrier.say(words.HELLO, 1, 1, 1)
    assert carrier.phase == PHASE["BOOT"]
    carrier.beat()
    carrier.say(words.GOODBYE, words.REBOOTING)
    carrier.wait(100)
    assert carrier.phase == PHASE["BOOT"]


def test_while_the_pi_has_no_power_nothing_is_said_to_it():
    """The serial line does not feed a Pi that was cut."""
    carrier = Carrier()
    carrier.beat()
    while carrier.board.powered:
        carrier.wait(0.1)
    said = len(carrier.heard)
    carrier.beat()
    carrier.wait(4)
    assert not carrier.board.powered
    assert len(carrier.heard) == said
    assert carrier.phase == PHASE["OFF"]


def test_a_code_leaves_the_led_and_is_learnt_again():
    """The TV gets its code; what a remote sends comes to the box."""
    carrier = Carrier()
    carrier.say(words.IR_LEARN, 5000)
    carrier.raw(encode(words.IR_SEND, infrared_seen.order(infrared.NEC, 0x20DF10EF), 77))
    assert carrier.last(words.IR_SENT) == (77, 1)
    assert carrier.board.sent[-1] == (38_000, infrared.distance(0x20DF10EF))
    learnt = next(frame.payload for frame in carrier.heard if frame.kind == words.IR_LEARNT)
    assert infrared_seen.understood(list(memoryview(learnt).cast("H"))) == (infrared.NEC, 0x20DF10EF)
    carrier.raw(encode(words.IR_SEND, b"\x63", 78))
    assert carrier.last(words.IR_SENT) == (78, 0)
    assert len(carrier.board.sent) == 1


def test_learning_ends_without_a_remote():
    """Nobody pressed a button: the box is told so, once."""
    carrier = Carrier()
    carrier.say(words.IR_LEARN, 60_000)
    carrier.wait(19)
    assert words.IR_LEARNT not in carrier.kinds()
    carrier.wait(5)
    assert [frame.payload for frame in carrier.heard if frame.kind == words.IR_LEARNT] == [b""]


def test_a_code_longer_than_a_frame_is_not_told_in_part():
    """Half a code would be worse than none."""
    for pulses in ([500] * 117, [70_000]):
        carrier = Carrier()
        carrier.say(words.IR_LEARN, 5000)
        carrier.board.seen = pulses
        carrier.wait(1)
        assert [frame.payload for frame in carrier.heard if frame.kind == words.IR_LEARNT] == [b""]
    assert MAX_PAYLOAD >= 2 * infrared.MAX_PULSES


def test_a_lost_frame_loses_no_passage():
    """The counter is cumulative: every frame of it says everything."""
    carrier = Carrier()
    seen = None
    total = 0
    for turn in range(20):
        carrier.board.door += turn
        carrier.wait(2)
        if turn % 3:
            continue  # this frame was lost
        starts, passages, *_ = carrier.last(words.COUNTERS)
        total += supervisor_heard.gained(seen, (starts, passages))
        seen = (starts, passages)
    assert total == sum(range(1, 19))
    assert carrier.last(words.COUNTERS)[2:] == (5100, 5050)


def test_the_time_is_noted_once_and_decides_nothing():
    """A wild clock of the Pi cuts nothing."""
    carrier = Carrier()
    carrier.beat()
    for utc_ms in (0, 2**64 - 1, 1_795_615_200_000):
        carrier.say(words.TIME, utc_ms)
    assert carrier.phase == PHASE["WATCH"]
    lines = [supervisor_heard.read_line(frame.payload)[1] for frame in carrier.heard if frame.kind == words.LOG]
    assert [line.startswith("time 0 at tick") for line in lines].count(True) == 1


def test_the_lights_show_the_phase_unless_the_pi_says_a_colour():
    """Blue while it starts, green while all is well, blinking where somebody should look."""
    carrier = Carrier()
    carrier.wait(1)
    assert carrier.board.colours == [(0, 0, 24), (0, 0, 0)]
    carrier.beat()
    assert carrier.board.colours == [(0, 12, 0), (0, 0, 0)]
    carrier.say(words.LIGHT, 1, 9, 8, 7)
    carrier.say(words.LIGHT, 0, 1, 2, 3)
    carrier.say(words.LIGHT, 2, 1, 2, 3)
    assert carrier.board.colours == [(1, 2, 3), (9, 8, 7)]
    carrier.say(words.LIGHT, 0, 0, 0, 0)
    carrier.wait(BEAT_S + 1)
    assert carrier.phase == PHASE["WARNED"]
    shown = set()
    for _ in range(30):
        carrier.wait(0.1)
        shown.add(carrier.board.colours[0])
    assert shown == {(24, 12, 0), (0, 0, 0)}


def test_words_of_a_newer_box_are_skipped():
    """A frame that this program does not know changes nothing."""
    carrier = Carrier()
    carrier.beat()
    before = len(carrier.heard)
    carrier.raw(encode(99, b"news") + encode(words.BEAT, b"short") + encode(words.STATUS, bytes(8)))
    assert carrier.phase == PHASE["WATCH"]
    assert len(carrier.heard) - before <= 2


def test_noise_neither_cuts_nor_keeps():
    """An hour of noise on the line: the switch keeps its promises, and the supervisor goes on turning."""
    carrier = Carrier()
    frames = tuple(encode(kind, words.say(kind, *[1] * (len(form) - 1))) for kind, form in words.FORMS.items())
    streams, chance = noise(4, frames), random.Random(4)
    cuts = []
    for _ in range(18_000):
        carrier._line += next(streams) if chance.random() < 0.02 else b""
        before = carrier.board.powered
        carrier.now_ms += 200
        carrier.supervisor.turn()
        assert carrier.board.powered == (carrier.phase != PHASE["OFF"])
        if before and not carrier.board.powered:
            cuts.append(carrier.now_ms)
    offs = [at for at, on in carrier.board.switched if not on]
    backs = [at for at, on in carrier.board.switched[1:] if on]
    assert all(back - off <= 30_200 for off, back in zip(offs, backs, strict=False))
    assert len(cuts) <= words.HIGHEST[4]
    carrier.beat()
    assert carrier.last(words.STATUS)[4] > 0
