"""The supervisor's pure modules on any Python: raises at the first broken promise, and digests all that came out.

Run on CPython, on MicroPython's unix port and on its WebAssembly port, which is of another version and has words of
32 bits as the Pico has: the three digests must be the same. Chance is a generator of our own, the same everywhere.
"""

from binascii import crc32

from estation_mcu import kept, lights, policy
from estation_wire import infrared
from estation_wire import supervisor_words as words
from estation_wire.supervisor_frame import Decoder, encode

STEPS = 30_000
EVENTS = (policy.BEAT,) * 4 + (policy.HELLO,) * 2 + (policy.REBOOTING, policy.HALTING)
FRAMES = 400
SLACK_MS = 1000  # the longest step below


class Chance:
    """Numbers of 24 bits, small on every port."""

    def __init__(self, seed):
        self._state = seed

    def below(self, most):
        self._state = (self._state * 1_103 + 12_345) & 0xFFFFFF
        return (self._state >> 4) % most


class Digest:
    def __init__(self):
        self.value = 0

    def add(self, *numbers):
        self.value = crc32(repr(numbers).encode(), self.value) & 0xFFFFFFFF


def check_frames(chance, digest):
    """Each frame comes back whole after noise; a lone changed byte is never believed."""
    decoder = Decoder()
    for number in range(FRAMES):
        payload = bytes([chance.below(256) for _ in range(chance.below(200))])
        line = encode(chance.below(256), payload, number)
        decoder.feed(bytes([chance.below(256) for _ in range(chance.below(30))]) + b"\0")
        (frame,) = decoder.feed(line)
        assert (frame.number, frame.payload) == (number, payload)
        place = 1 + chance.below(len(line) - 2)
        wrong = bytearray(line)
        wrong[place] ^= 1 + chance.below(255)
        assert not [each for each in Decoder().feed(bytes(wrong)) if each.payload == payload]
        digest.add(crc32(line) & 0xFFFFFFFF)
    digest.add(decoder.dropped)


def check_policy(chance, digest):
    """The three promises of the switch, over the wrap of the clock and restarts."""
    now, cuts_at, off_since = policy.TICKS - 600_000, [], None
    mind = policy.Policy(now & policy.TICKS)
    for _ in range(STEPS):
        now += chance.below(SLACK_MS)
        event = EVENTS[chance.below(8)] if chance.below(300) == 0 else policy.NOTHING
        if chance.below(500) == 0:
            now += chance.below(900) * 1000 if mind.power else 0
        before = mind.cuts
        mind.step(event, now & policy.TICKS, chance.below(3000))
        if chance.below(3000) == 0:
            mind = policy.Policy(now & policy.TICKS, *kept.unpacked(kept.packed(1, mind.cuts, mind.recent))[1:])
        if mind.cuts != before:
            cuts_at.append(now)
        off_since = None if mind.power else now if off_since is None else off_since
        assert off_since is None or now - off_since <= words.DEFAULTS[3] * 1000 + SLACK_MS
        assert len([at for at in cuts_at if now - at < policy.HOUR_MS]) <= words.DEFAULTS[4]
        assert mind.phase != policy.LOCKOUT or mind.power
        digest.add(mind.phase, mind.cuts, mind.recent)
    assert cuts_at


def check_infrared(chance, digest):
    """Every code is whole: it begins and ends with a pulse, and what would harm the LED is refused."""
    for _ in range(300):
        codes = (
            infrared.distance(chance.below(1 << 24) << 8 | chance.below(256)),
            infrared.rc5(chance.below(2), chance.below(32), chance.below(128)),
            infrared.rc6(chance.below(2), chance.below(256), chance.below(256)),
        )
        for pulses in codes:
            assert len(pulses) & 1
            assert min(pulses) > 0
            digest.add(*pulses)
        order = bytes([chance.below(6)] + [chance.below(256) for _ in range(chance.below(12))])
        ordered = infrared.ordered(order)
        assert ordered is None or sum(ordered[1]) <= infrared.LONGEST_CODE_US
        digest.add(ordered)


def check_rest(chance, digest):
    """What is kept and said comes back; damage is noticed; the lights follow the phase."""
    shown = lights.Lights()
    for now in range(0, 4000, 100):
        phase = chance.below(6)
        digest.add(shown.changed(phase, now), *shown.colours)
        data = kept.packed(chance.below(1 << 16), chance.below(1 << 24), chance.below(256))
        assert kept.packed(*kept.unpacked(data)) == data
        assert kept.unpacked(data[:-1]) == (0, 0, 0)
        digest.add(*kept.unpacked(data))
        for kind in sorted(words.FORMS):
            form = words.FORMS[kind]
            numbers = words.read(kind, words.say(kind, *[chance.below(256) for _ in form[1:]]))
            digest.add(kind, *numbers)
        digest.add(words.parameters(words.say(words.PARAMETERS, *[chance.below(400) for _ in range(4)], 3, 3600)))


def main():
    """The digest of everything."""
    digest = Digest()
    for number, check in enumerate((check_frames, check_policy, check_infrared, check_rest)):
        check(Chance(2026 + number), digest)
    return f"OK {digest.value:08x}"


if __name__ == "__main__":
    print(main())
