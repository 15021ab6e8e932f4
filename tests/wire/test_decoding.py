"""Two threads may ask for a type in the same first moment."""

from __future__ import annotations

import subprocess
import sys

ROUNDS = 400
RACE = """
import sys, threading
import msgspec
from estation_wire.decoding import decoder

sys.setswitchinterval(1e-6)

def fresh():
    class Inner(msgspec.Struct):
        name: str = ""
        words: dict[str, int] = {}
    return msgspec.defstruct("Outer", [("many", tuple[Inner, ...], ()), ("words", dict[str, str], {})])

for _ in range(int(sys.argv[1])):
    kind, barrier, read = fresh(), threading.Barrier(4), []
    def ask():
        barrier.wait()
        read.append(decoder(kind).decode(b'{"many": [{"name": "q"}], "words": {"k": "v"}}'))
    threads = [threading.Thread(target=ask) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert [each.many[0].name for each in read] == ["q"] * 4
    assert all(decoder(kind) is decoder(kind) for _ in range(2))
print("alive")
"""


def test_threads_that_decode_a_new_type_at_once_live():
    """With msgspec's own function in its place this process dies within some hundred rounds."""
    done = subprocess.run(
        [sys.executable, "-c", RACE, str(ROUNDS)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done
