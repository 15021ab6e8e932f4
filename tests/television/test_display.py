"""What hangs on the HDMI plug, as far as the kernel tells."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from estation_box.drivers.display import plugged, screen_name


def edid(maker: str = "TCL", name: bytes = b"TV-32\n       ") -> bytes:
    """A base block as a TV gives it: header, maker, one name, checksum."""
    packed = 0
    for letter in maker:
        packed = packed << 5 | (ord(letter) - 64)
    block = bytearray(128)
    block[0:8] = bytes.fromhex("00ffffffffffff00")
    block[8:10] = packed.to_bytes(2, "big")
    block[72:90] = b"\x00\x00\x00\xfc\x00" + name
    block[127] = -sum(block) % 256
    return bytes(block)


def plug(folder: Path, name: str, status: str, bytes_of: bytes = b"") -> None:
    place = folder / name
    place.mkdir()
    (place / "status").write_text(status + "\n")
    (place / "edid").write_bytes(bytes_of)


def test_the_screen_on_the_second_plug_is_named(tmp_path):
    plug(tmp_path, "card1-HDMI-A-1", "disconnected")
    plug(tmp_path, "card1-HDMI-A-2", "connected", edid())
    plug(tmp_path, "card1-Composite-1", "unknown")
    assert plugged(tmp_path) == "TCL TV-32"


def test_a_screen_without_a_word_of_itself_is_still_a_screen(tmp_path):
    plug(tmp_path, "card0-HDMI-A-1", "connected", b"")
    assert plugged(tmp_path) == "?"


def test_no_screen_is_not_the_same_as_no_plug(tmp_path):
    assert plugged(tmp_path) is None
    assert plugged(tmp_path / "none") is None
    plug(tmp_path, "card0-HDMI-A-1", "disconnected")
    assert plugged(tmp_path) == ""


def test_one_wrong_bit_of_it_is_noticed():
    whole = edid()
    for bit in range(8 * 128):
        wrong = bytearray(whole)
        wrong[bit // 8] ^= 1 << bit % 8
        assert screen_name(bytes(wrong)) == ""


def signed(raw: bytes) -> bytes:
    """A block with a good head and sum, and anything between."""
    block = bytes.fromhex("00ffffffffffff00") + b"\x50" + raw
    return block + bytes((-sum(block) % 256,))


@given(st.binary(max_size=600) | st.binary(min_size=118, max_size=118).map(signed))
def test_whatever_a_screen_says_is_read_or_left(raw):
    name = screen_name(raw)
    assert len(name) <= 17
    assert name.isprintable()
