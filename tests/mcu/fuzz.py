"""Random streams into the decoder, on either Python: `fuzz.py SEED COUNT` prints what went wrong, or `OK` and figures.

Each stream is noise of one kind, then two whole frames: the second must come out, whatever the noise was. `random` of
MicroPython is another than CPython's, so that the two see other streams.
"""

import gc
import random
import sys

from estation_wire.supervisor_frame import MAX_PAYLOAD, Decoder, encode

MOST_KEPT = MAX_PAYLOAD + 16


def chance_bytes(most):
    return bytes([random.getrandbits(8) for _ in range(random.getrandbits(16) % most)])


def stream(frames):
    frame = bytearray(frames[random.getrandbits(8) % len(frames)])
    kind = random.getrandbits(8) % 6
    if kind == 0:
        return chance_bytes(32)
    if kind == 1:
        frame[random.getrandbits(8) % len(frame)] ^= 1 << random.getrandbits(3)
        return bytes(frame)
    if kind == 2:
        return bytes(frame[: random.getrandbits(8) % len(frame)])
    if kind == 3:
        return b"\xff" * (random.getrandbits(16) % 600)
    if kind == 4:
        return bytes([0, 1, 255, 2][random.getrandbits(2)] for _ in range(random.getrandbits(5)))
    return bytes(frame) + chance_bytes(8)


def main(seed, count):
    random.seed(seed)
    frames = [encode(2, b"\x01" * 7, 3), encode(13, b"\0\0\0\0\0\0\0\0", 4), encode(6, bytes(range(40)), 5), encode(1)]
    decoder = Decoder()
    wanted = encode(99, b"first", 1) + encode(99, b"second", 2)
    lost = 0
    gc.collect()
    before = gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0
    for number in range(count):
        decoder.feed(stream(frames))
        kept = len(decoder._block)
        found = [frame.payload for frame in decoder.feed(wanted) if frame.kind == 99]
        if found[-1:] != [b"second"] or kept > MOST_KEPT or decoder._block:
            print("stream", number, found, kept)
            return 1
        lost += len(found) == 1
    gc.collect()
    grown = gc.mem_alloc() - before if hasattr(gc, "mem_alloc") else 0
    print("OK", count, "first frame lost", lost, "dropped", decoder.dropped, "heap grown", grown)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
