"""A film's small picture: made by the studio, carried beside the film, proved, and gone with it."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path

import pytest

from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.drivers.picture_store import PictureStore, on_the_card
from estation_box.library import gallery, said
from estation_box.library.interfaces import UnreadableError
from estation_box.remote.offer import offered
from estation_wire import stick as layout
from estation_wire.errors import MalformedError, TooLargeError
from estation_wire.library import Poster
from estation_wire.picture import HEIGHT, LIMIT_BYTES, PALETTE_BYTES, WIDTH, Picture, decode, encode, scaled
from studio import workshop
from studio.publishing import publish
from studio.stick import signed_items, write_stick
from tests.support.library import NOW, Made, make_stick, make_video
from tests.support.sync_box import Box


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Made:
    """Two films, published twice in a folder that has a workshop, as the studio's command makes one."""
    made = make_stick(tmp_path_factory.mktemp("pictured"), videos=2)
    make_video(made.source / "video-1.mp4", pattern=5, seconds=2.0)
    (made.source / workshop.FOLDER).mkdir()
    assert [publish(made.studio, made.source, now=NOW).changed for _ in range(2)] == [True, False]
    write_stick(made.studio, made.stick)
    return made


@pytest.fixture
def stick(library, tmp_path) -> Path:
    """A stick of its own: a profile serves once."""
    return Path(shutil.copytree(library.stick, tmp_path / "stick"))


@pytest.fixture
def box(library, stick, tmp_path) -> Box:
    return Box(tmp_path / "box", library.root)


def posters(box: Box) -> dict[str, Poster]:
    with LibraryStore(box.state / "library.db") as shelf:
        return shelf.posters()


def test_the_picture_of_a_film_is_on_the_card_and_shows_what_the_film_shows(box, stick):
    """Both films have theirs; the colours are the film's, within what two conversions round."""
    box.visit(stick)
    assert on_the_card(box.state / "pictures") == {each.id for each in posters(box).values()}
    assert len(posters(box)) == 2
    with LibraryStore(box.state / "library.db") as shelf:
        items = shelf.items(tuple(posters(box)))
    (shelf,) = offered(items.values(), ("zh-Hans",), frozenset(), on_the_card(box.state / "pictures"))
    assert all(film.picture for film in shelf.films)
    (shelf,) = offered(items.values(), ("zh-Hans",))
    assert not any(film.picture for film in shelf.films)
    seen = {scaled(decode((box.state / "pictures" / each.id).read_bytes()), 2, 2)[:3] for each in posters(box).values()}
    for number in (5, 1):
        colour = (number * 2654435761) % 0xFFFFFF
        wanted = bytes((colour & 255, colour >> 8 & 255, colour >> 16))
        assert min(max(abs(a - b) for a, b in zip(wanted, each, strict=True)) for each in seen) <= 8


def test_a_picture_that_was_altered_is_not_kept_and_nothing_else_is_lost(box, stick, library):
    one, other = sorted(each.poster.id for each in signed_items(library.studio).values())
    path = stick / layout.content(one)
    whole, path_of_other = path.read_bytes(), stick / layout.content(other)
    path.write_bytes(whole[:-1] + b"\0")
    kept = path_of_other.rename(stick / "aside")
    synced = box.visit(stick)
    assert (synced.refused, len(box.held())) == (0, 2)
    assert on_the_card(box.state / "pictures") == frozenset()
    path.write_bytes(whole)
    kept.rename(path_of_other)
    box.visit(stick)  # the next stick has them
    assert on_the_card(box.state / "pictures") == {one, other}


def test_a_picture_goes_with_its_film(box, stick):
    box.visit(stick)
    with LibraryWriter(box.state / "library.db") as books:
        books.forget(tuple(posters(box)))
    gallery.tend(PictureStore(box.state / "pictures"), Pulled(), posters(box))
    assert on_the_card(box.state / "pictures") == frozenset()


class Pulled:
    """A stick that is gone."""

    def read(self, name: str, limit: int) -> bytes:
        raise UnreadableError(said.BOX_FAULT, name)


def test_a_picture_is_read_back_as_it_was_written_and_larger_or_smaller():
    points = bytes(x % 256 for _ in range(HEIGHT) for x in range(WIDTH))
    palette = b"".join(bytes((n, 255 - n, 7, 0)) for n in range(256))
    made = Picture(palette, points)
    assert decode(encode(made)) == made
    small = scaled(made, 3, 1)
    assert small == b"".join(bytes((x, 255 - x, 7, 255)) for x in (0, 106, 213))
    assert len(scaled(made, 660, 372)) == 660 * 372 * 4


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"EPIC\x01",
        b"EPIC\x01not zlib",
        b"EPIC\x02" + zlib.compress(bytes(PALETTE_BYTES + WIDTH * HEIGHT)),
        b"EPIC\x01" + zlib.compress(bytes(PALETTE_BYTES + WIDTH * HEIGHT - 1)),
        b"EPIC\x01" + zlib.compress(bytes(PALETTE_BYTES + WIDTH * HEIGHT + 1)),
        b"EPIC\x01" + zlib.compress(bytes(64 * 1024 * 1024)),
        encode(Picture(bytes(PALETTE_BYTES), bytes(WIDTH * HEIGHT)))[:-3],
    ],
)
def test_what_is_no_picture_is_said_to_be_none(raw):
    """A stream that would fill the memory is left after its first hundred kilobytes."""
    with pytest.raises((MalformedError, TooLargeError)):
        decode(raw)
    with pytest.raises(TooLargeError):
        decode(bytes(LIMIT_BYTES + 1))
