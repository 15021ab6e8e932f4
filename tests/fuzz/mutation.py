"""Right examples made wrong: by bytes, by structure, by encoding. What hypothesis draws is the way, not the bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from hypothesis import strategies as st

MOST_PLACES = 200
DEPTHS = (10, 300, 1500, 20_000)
WILD = (
    b"null", b"true", b"[]", b"{}", b'""', b"-1", b"0", b"1e400", b"-0", b"NaN", b"Infinity", b"9" * 25, b"9" * 5000,
    b'"\\u0000"', b'"\\ud800"', b'"../../etc/passwd"', b'"' + b"x" * 9000 + b'"', b'"0001-01-01T00:00:00Z"',
    b'"9999-12-31T23:59:59-23:59"', b'"0001-01-01T00:00:00+23:59"', b'"2026-11-23T08:00:00"', b'"Asia"',
    b'"AAAA"', b"[[[]]]", b'{"v":1,"v":2}', b'"\xff"', b'"\xe2\x80\xae"', b"18446744073709551616", b'"http://[bad"',
)  # fmt: skip
WAYS = ("flip", "cut", "double", "insert", "splice", "noise", "encode", "nest", "long", "wild")
ENCODINGS = ("utf-16", "utf-32", "utf-8-sig", "latin-1", "gb18030")


def _places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _places(inner, (*path, key))


def _structured(draw: Any, raw: bytes) -> bytes:
    """One value of a JSON document replaced, removed, doubled or nested."""
    document, line = raw, b""
    if b"\n" in raw:  # a sealed file: its first line is the document
        document, line = raw.split(b"\n", 1)[0], b"\n" + raw.split(b"\n", 1)[1]
    value = json.loads(document)
    places = list(islice(_places(value), MOST_PLACES))
    if not places:
        return raw
    *above, last = places[draw(st.integers(0, len(places) - 1))]
    holder = value
    for key in above:
        holder = holder[key]
    way = draw(st.sampled_from(["wild", "wild", "wild", "gone", "nested", "many"]))
    if way == "gone":
        del holder[last]
        return json.dumps(value).encode() + line
    inner = json.dumps(holder[last]).encode()
    depth = draw(st.sampled_from(DEPTHS))
    put = {
        "wild": draw(st.sampled_from(WILD)),
        "nested": b"[" * depth + inner + b"]" * depth,
        "many": b"[" + b",".join([inner] * min(depth, 100_000 // max(len(inner), 1) + 2)) + b"]",
    }[way]
    holder[last] = "@@here@@"
    return json.dumps(value, ensure_ascii=False).encode().replace(b'"@@here@@"', put) + line


def _bytes(draw: Any, raw: bytes, other: bytes) -> bytes:
    at = draw(st.integers(0, max(len(raw) - 1, 0)))
    way = draw(
        st.sampled_from(["flip", "cut", "double", "insert", "splice", "noise", "encode", "nest", "long", "wild"])
    )
    if way == "flip" and raw:
        return raw[:at] + bytes([raw[at] ^ (1 << draw(st.integers(0, 7)))]) + raw[at + 1 :]
    if way == "insert":
        return raw[:at] + draw(st.binary(min_size=1, max_size=8)) + raw[at:]
    if way == "wild":
        return raw[:at] + draw(st.sampled_from(WILD)) + raw[at:]
    depth = draw(st.sampled_from(DEPTHS))
    return {
        "flip": b"",
        "cut": raw[:at],
        "double": raw[:at] + raw + raw[at:],
        "splice": raw[:at] + other[at // 2 :],
        "noise": draw(st.binary(max_size=200)),
        "encode": raw.decode(errors="replace").encode(draw(st.sampled_from(ENCODINGS)), "replace"),
        "nest": draw(st.sampled_from([b"[", b'{"a":', b"{", b"<a>", b"BEGIN:VEVENT\r\n", b"(("])) * depth,
        "long": raw[:at] + draw(st.sampled_from([b"9", b"x", b"\0", b"\xff", b"\n", b"a=1\n"])) * depth + raw[at:],
    }[way]


@st.composite
def broken(draw: Any, examples: Sequence[bytes]) -> bytes:
    """One of the examples with one to three things wrong with it; seldom none."""
    raw = draw(st.sampled_from(examples))
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            try:
                raw = _structured(draw, raw)
                continue
            except (ValueError, RecursionError):  # it is no JSON, or none any more
                pass
        raw = _bytes(draw, raw, draw(st.sampled_from(examples)))
    return raw
