from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from estation_wire import supervisor_heard
from estation_wire import supervisor_words as words
from estation_wire.supervisor_frame import MAX_PAYLOAD, Decoder, encode, stuffed, unstuffed
from tests.support.supervisor import TOOLS, fetch_tools, micropython

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "frames.json").read_text(encoding="utf-8"))
CI_STREAMS = 8_000


def payloads(frames):
    return [(frame.kind, frame.number, frame.payload) for frame in frames]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["what"])
def test_a_frame_is_what_it_has_always_been(golden):
    """A board that was built years ago understands the box of today."""
    payload = bytes.fromhex(golden["payload"])
    line = bytes.fromhex(golden["line"])
    assert encode(golden["kind"], payload, golden["number"]) == line
    assert payloads(Decoder().feed(line)) == [(golden["kind"], golden["number"], payload)]


def test_micropython_makes_the_same_frames():
    """The Pico and the Pi write the same bytes."""
    fetch_tools()
    program = (
        "import sys, json\nfrom estation_wire.supervisor_frame import encode, Decoder\n"
        f"for golden in json.load(open({str(HERE / 'frames.json')!r})):\n"
        " line = encode(golden['kind'], bytes.fromhex(golden['payload']), golden['number'])\n"
        " print(line.hex(), Decoder().feed(line)[0].payload.hex() == golden['payload'])\n"
    )
    assert micropython("-c", program).split() == [word for golden in GOLDEN for word in (golden["line"], "True")]


@pytest.mark.parametrize("size", [0, 1, 7, 100, MAX_PAYLOAD])
@pytest.mark.parametrize("fill", [b"\0", b"\1", b"\xff"])
def test_every_payload_comes_through_byte_by_byte(size, fill):
    """However the line cuts it, a frame comes whole."""
    decoder = Decoder()
    found = [frame for byte in encode(200, fill * size, 70_000) for frame in decoder.feed(bytes((byte,)))]
    assert payloads(found) == [(200, 70_000 & 0xFFFF, fill * size)]
    assert decoder.dropped == 0


def test_a_payload_that_is_too_long_is_refused():
    """Nothing leaves that the other side would drop."""
    with pytest.raises(ValueError, match="241 bytes"):
        encode(1, b"x" * (MAX_PAYLOAD + 1))


@pytest.mark.parametrize(
    "noise",
    {
        "bytes of chance": b"noise on the line",
        "a flood without a zero": b"\xff" * 5000,
        "half a frame": encode(2, b"1234567")[:9],
        "a frame of another version": b"\0" + stuffed(bytearray(b"\x02" + encode(2)[2:])) + b"\0",
        "only zeros": b"\0" * 300,
        "a step beyond the end": b"\0\x05\x01\0",
        "a frame too short for a checksum": b"\0" + stuffed(bytearray(b"\x01\x02")) + b"\0",
    }.values(),
)
def test_after_noise_the_next_frame_is_heard(noise):
    """Noise costs no frame that comes after it."""
    decoder = Decoder()
    assert decoder.feed(noise) == []
    assert payloads(decoder.feed(encode(2, b"beat", 9))) == [(2, 9, b"beat")]


@pytest.mark.parametrize("place", range(len(encode(2, b"1234567"))))
def test_a_changed_bit_is_noticed(place):
    """A frame with one wrong bit is not believed."""
    line = bytearray(encode(2, b"1234567", 5))
    for bit in range(8):
        changed = bytearray(line)
        changed[place] ^= 1 << bit
        believed = payloads(Decoder().feed(bytes(changed) + b"\0"))
        at_the_ends = place in {0, len(line) - 1}
        assert believed == [] or (at_the_ends and believed == [(2, 5, b"1234567")])


def test_stuffing_is_that_of_another_hand():
    """Our COBS is everybody's COBS: 4,000 blocks of chance against the package `cobs`."""
    fetch_tools()
    chance = random.Random(8)
    blocks = [bytes(chance.choice((0, 0, 1, 2, 255, chance.randrange(256))) for _ in range(chance.randrange(1, 254)))
              for _ in range(4000)]  # fmt: skip
    program = (
        "import sys\nfrom cobs import cobs\nfor line in sys.stdin:\n print(cobs.encode(bytes.fromhex(line)).hex())"
    )
    asked = "\n".join(block.hex() for block in blocks)
    done = subprocess.run([TOOLS / "python", "-c", program], input=asked, capture_output=True, text=True, check=True)
    theirs = [bytes.fromhex(line) for line in done.stdout.split()]
    assert [stuffed(bytearray(block)) for block in blocks] == theirs
    assert [unstuffed(bytearray(block)) for block in theirs] == blocks


@pytest.mark.parametrize("which", ["CPython", "MicroPython"])
def test_no_stream_of_chance_upsets_a_decoder(which):
    """Thousands of noisy streams: the second frame after the noise always arrives, and nothing piles up."""
    fetch_tools()
    assert fuzzed(which, 1, CI_STREAMS).startswith(f"OK {CI_STREAMS} ")


@pytest.mark.soak
@pytest.mark.parametrize("which", ["CPython", "MicroPython"])
def test_no_stream_of_a_million_upsets_a_decoder(which):
    """A million noisy streams, as above."""
    fetch_tools()
    assert fuzzed(which, 2, 1_000_000).startswith("OK 1000000 ")


def fuzzed(which: str, seed: int, count: int) -> str:
    if which == "MicroPython":
        return micropython(str(HERE / "fuzz.py"), str(seed), str(count), timeout=3600)
    code = f"import sys; sys.path[:0] = {[str(HERE)]!r}; import fuzz; sys.exit(fuzz.main({seed}, {count}))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


class TestWords:
    @pytest.mark.parametrize("kind", sorted(words.FORMS))
    def test_numbers_come_back(self, kind):
        """What one side says the other understands, at the least and at the most."""
        for fill in (b"\0", b"\xff"):
            payload = fill * len(words.say(kind, *([0] * (len(words.FORMS[kind]) - 1))))
            assert words.say(kind, *words.read(kind, payload)) == payload

    def test_what_has_no_form_is_skipped(self):
        """A word of a newer box is no fault."""
        assert words.read(77, b"") is None
        assert words.read(words.BEAT, b"short") is None
        assert words.parameters(b"short") is None

    def test_times_outside_their_limits_are_refused_whole(self):
        """A slip of the finger cannot make the supervisor cut a healthy box."""
        assert words.parameters(words.say(words.PARAMETERS, *words.DEFAULTS)) == words.DEFAULTS
        for limits, step in ((words.LOWEST, -1), (words.HIGHEST, 1)):
            assert words.parameters(words.say(words.PARAMETERS, *limits)) == limits
            for place in range(len(limits)):
                wrong = [*limits]
                wrong[place] += step
                assert words.parameters(words.say(words.PARAMETERS, *wrong)) is None

    def test_a_line_of_the_log(self):
        """A line that is too long is cut; a letter that was cut in two is left out."""
        assert supervisor_heard.read_line(words.line(30, "断电 1")) == (30, "断电 1")
        level, text = supervisor_heard.read_line(words.line(20, "电" * 100))
        assert (level, text) == (20, "电" * 66)
        assert supervisor_heard.read_line(b"") is None
        assert supervisor_heard.read_line(bytes(words.MAX_TEXT + 2)) is None

    def test_passages_are_counted_once(self):
        """Neither a lost frame nor a supervisor that started anew loses what was counted, or counts it twice."""
        assert supervisor_heard.gained(None, (4, 100)) == 0
        assert supervisor_heard.gained((4, 100), (4, 130)) == 30
        assert supervisor_heard.gained((4, 0xFFFFFFFF), (4, 1)) == 2
        assert supervisor_heard.gained((4, 100), (5, 3)) == 3
