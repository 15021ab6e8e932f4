"""Content ids and block lists."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_wire import blocks
from estation_wire.errors import MalformedError, TooLargeError
from tests.support.wire_values import steady


@steady
@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=5), st.integers(1, blocks.BLOCK_BYTES))
def test_a_block_list_gives_back_its_digests(digests, last):
    """Each block of a video can be proved alone, in its place."""
    listed = b"".join(digests)
    size = (len(digests) - 1) * blocks.BLOCK_BYTES + last
    assert blocks.split(listed, content=blocks.content_id(listed), size=size) == tuple(digests)


def test_ids_are_plain_sha_256():
    """Another maker computes the same id with the tools of every system."""
    assert blocks.digest(b"abc") == blocks.digest(memoryview(b"abc")) == hashlib.sha256(b"abc").digest()
    assert blocks.content_id(blocks.digest(b"abc")) == hashlib.sha256(hashlib.sha256(b"abc").digest()).hexdigest()


@pytest.mark.parametrize(
    ("size", "count"),
    [
        (0, 0),
        (1, 1),
        (blocks.BLOCK_BYTES, 1),
        (blocks.BLOCK_BYTES + 1, 2),
        (blocks.MAX_BLOCKS << 20, blocks.MAX_BLOCKS),
    ],
)
def test_the_last_block_may_be_short(size, count):
    """A file has as many blocks as are begun."""
    assert blocks.block_count(size) == count


LIST = blocks.digest(b"one") + blocks.digest(b"two")
GOOD = {"content": blocks.content_id(LIST), "size": blocks.BLOCK_BYTES + 5}


@pytest.mark.parametrize(
    ("listed", "changed"),
    [
        (LIST[:-1], {}),
        (LIST[:32], {}),
        (LIST + bytes(32), {}),
        (LIST[32:] + LIST[:32], {}),
        (b"", {}),
        (LIST, {"size": blocks.BLOCK_BYTES}),
        (LIST, {"size": 2 * blocks.BLOCK_BYTES + 1}),
        (LIST, {"content": "0" * 64}),
    ],
)
def test_another_block_list_is_refused(listed, changed):
    """A cut, swapped or foreign list is never used to judge a video."""
    with pytest.raises(MalformedError, match="not the one that was signed"):
        blocks.split(listed, **{**GOOD, **changed})


def test_a_file_beyond_reason_is_refused_before_its_list_is_hashed():
    """A size of many terabytes costs no memory."""
    with pytest.raises(TooLargeError, match="at most 65536"):
        blocks.split(b"", content="0" * 64, size=2**62)
