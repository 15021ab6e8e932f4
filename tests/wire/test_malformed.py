"""Ten thousand broken payloads and topics: a refusal of our own family each time, and soon."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from estation_wire import codec, library, profile, topics
from estation_wire.errors import WireError
from estation_wire.topics import Leaf
from tests.support import contract

SEED = 20261124
MOST_SECONDS = 0.050  # of processor time for one payload: a collector's share of a core stays bounded
PAYLOADS = 10_000
WILD = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "1" * 5000,
    "1.0",
    "9" * 20,
    "-0",
    '"\\ud800"',
    '"\\udc00\\ud800"',
]
WILD += [
    "null",
    "true",
    "[]",
    "{}",
    '""',
    '"\\u0000"',
    '"' + "x" * 9000 + '"',
    "0x10",
    "01",
    "'a'",
    "[[[]",
    '{"a":1,"a":2}',
]
EXAMPLES = [json.loads(path.read_text()) for path in sorted((contract.FOLDER / "examples" / "good").glob("*.json"))]
RIGHT = [json.dumps(example["value"], ensure_ascii=False) for example in EXAMPLES]


def cut(chance: random.Random, text: str) -> bytes:
    raw = text.encode()
    return raw[: chance.randrange(len(raw))]


def flip(chance: random.Random, text: str) -> bytes:
    raw = bytearray(text.encode())
    for _ in range(chance.randint(1, 8)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def noise(chance: random.Random, _text: str) -> bytes:
    return chance.randbytes(chance.choice([0, 1, 10, 1000, 100_000]))


def deep(chance: random.Random, text: str) -> bytes:
    depth = chance.choice([10, 500, 1000, 5000, 40_000])
    opening, closing = chance.choice([("[", "]"), ('{"a":', "}")])
    nest = opening * depth + "1" + closing * (depth if chance.random() < 0.7 else 0)
    return f'{text[:-1]},"later":{nest}}}'.encode()


def wild(chance: random.Random, text: str) -> bytes:
    """One value of a right message replaced by something wild, as text, so that it need not be JSON."""
    fields = json.loads(text)
    key = chance.choice(sorted(fields))
    fields[key] = "@@"
    return json.dumps(fields).replace('"@@"', chance.choice(WILD)).encode()


def doubled(chance: random.Random, text: str) -> bytes:
    """The same key twice, the second time with another value."""
    key = chance.choice(sorted(json.loads(text)))
    return f'{text[:-1]},"{key}":{chance.choice(WILD)}}}'.encode()


def spliced(chance: random.Random, text: str) -> bytes:
    other = chance.choice(RIGHT).encode()
    raw = text.encode()
    return raw[: chance.randrange(len(raw))] + other[chance.randrange(len(other)) :]


DAMAGE = [cut, flip, noise, deep, wild, doubled, spliced]
READERS: dict[str, Callable[[bytes], object]] = {
    **{leaf.value: lambda raw, leaf=leaf: codec.decode_message(leaf, raw) for leaf in Leaf},
    "head": codec.decode_head,
    "record": codec.decode_record,
    "catalogue": lambda raw: library.decode_document(library.Catalogue, raw),
    "profile": lambda raw: library.decode_document(profile.Profile, raw),
    "envelope": profile.decode_envelope,
}


def outcome(read: Callable[[object], object], what: object) -> str:
    """What came of reading, with a failure of the test where it took too long."""
    before = time.thread_time()
    try:
        read(what)
        result = "taken"
    except WireError as error:
        result = type(error).__name__
        str(error).encode()  # whoever logs it must be able to write it
    assert time.thread_time() - before < MOST_SECONDS
    return result


def test_ten_thousand_broken_payloads_are_refused_in_order():
    """Whatever arrives at either end, it is dropped with one kind of error; nothing crashes and nothing hangs."""
    chance = random.Random(SEED)
    seen: Counter[str] = Counter()
    for number in range(PAYLOADS):
        at = chance.randrange(len(RIGHT))
        payload = chance.choice(DAMAGE)(chance, RIGHT[at])
        own = contract.READERS[EXAMPLES[at]["schema"]]  # the reader that expects just this message, or any
        seen[outcome(own if number % 2 else chance.choice(list(READERS.values())), payload)] += 1
    assert sum(seen.values()) == PAYLOADS
    assert set(seen) == {"taken", "MalformedError", "TooLargeError", "NewerContractError"}
    assert seen["MalformedError"] > PAYLOADS / 2, "the damage is not what this test means"


def test_ten_thousand_broken_topics_are_refused():
    """A stray topic is dropped, however it is made."""
    chance = random.Random(SEED)
    right = "estation/v1/653101/hall-0007/events"
    seen: Counter[str] = Counter()
    for _ in range(10_000):
        letters = list(right)
        for _ in range(chance.randint(1, 5)):
            letters[chance.randrange(len(letters))] = chance.choice(
                ["", "/", "+", "#", "\n", "\0", "\ud800", "Ⅷ", "é", "x", "x" * 200]
            )
        seen[outcome(topics.parse, "".join(letters))] += 1
    assert seen["MalformedError"] > 9_000


@pytest.mark.parametrize("leaf", Leaf)
def test_the_largest_payloads_are_read_in_time(leaf: Leaf):
    """Even a payload that fills its limit with the costliest bytes is done with in a moment."""
    limit = codec.LIMIT_BYTES[leaf]
    for filler in (b"[", b'{"a":', b"1,", b'"\\u00e9",', b'{"v":1},', b"9" * 50 + b","):
        outcome(READERS[leaf.value], (b"[" + filler * limit)[:limit])
        outcome(READERS[leaf.value], (b'{"v":1,"later":[' + filler * limit)[:limit])
