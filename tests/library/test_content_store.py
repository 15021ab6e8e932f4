"""The cache: nothing unproved ever gets its name, and an interrupted copy goes on where it was good."""

from __future__ import annotations

import random
import resource
from pathlib import Path

import pytest

from estation_box.drivers.content_scrub import CardFiles
from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.folder import Folder
from estation_box.library.card_interfaces import Place
from estation_box.library.interfaces import CardError, CardFullError, RefusedError, Wanted
from estation_wire.blocks import BLOCK_BYTES, content_id, digest
from tests.support.troubled_stick import TroubledStick

SIZE = 20 * BLOCK_BYTES + 17  # more than one flush


@pytest.fixture(scope="module")
def data() -> bytes:
    return random.Random(7).randbytes(SIZE)


@pytest.fixture
def wanted(data: bytes) -> Wanted:
    blocks = tuple(digest(data[at : at + BLOCK_BYTES]) for at in range(0, SIZE, BLOCK_BYTES))
    return Wanted(id=content_id(b"".join(blocks)), size=SIZE, blocks=blocks)


@pytest.fixture
def stick(data: bytes, tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick/film").write_bytes(data)
    return tmp_path / "stick"


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "cache", reserve=0)


def take(store: ContentStore, wanted: Wanted, stick: Path, **troubles) -> tuple[int, int]:
    """Bytes read from the stick, and bytes told as progress."""
    told: list[int] = []
    with TroubledStick(stick, **troubles) as simulated, simulated.open("film") as source:
        store.take(wanted, source, told.append)
        return simulated.bytes_read, sum(told)


def test_a_whole_file_is_kept(store: ContentStore, wanted: Wanted, stick: Path, data: bytes, tmp_path: Path):
    """What was read once and proved lies in the cache under its content id."""
    assert take(store, wanted, stick) == (SIZE, SIZE)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [wanted.id]
    assert (tmp_path / "cache" / wanted.id).read_bytes() == data


@pytest.mark.parametrize("blocks", [0, 1, 16, 20])
def test_a_cut_copy_goes_on(store, wanted, stick, data, tmp_path, *, blocks):
    """After a power cut only what is missing or doubtful is read again."""
    part = tmp_path / "cache" / f"{wanted.id}.part"
    part.write_bytes(data[: blocks * BLOCK_BYTES] + b"torn by the cut")
    assert store.partial(wanted.id) == part.stat().st_size
    read, told = take(store, wanted, stick)
    assert (read, told) == (SIZE - blocks * BLOCK_BYTES, SIZE)
    assert (tmp_path / "cache" / wanted.id).read_bytes() == data


def test_a_copy_that_no_record_tells_of_is_proved_again(
    store: ContentStore, wanted: Wanted, stick: Path, data: bytes, tmp_path: Path
):
    """Cut between the rename and the database, the file is proved from the card without reading the stick."""
    path = tmp_path / "cache" / wanted.id
    path.write_bytes(data)
    assert take(store, wanted, stick)[0] == 0
    path.write_bytes(data[: 3 * BLOCK_BYTES] + bytes(BLOCK_BYTES) + data[4 * BLOCK_BYTES :] + b"too long")
    assert take(store, wanted, stick)[0] == SIZE - 3 * BLOCK_BYTES
    assert path.read_bytes() == data


def damaged(data: bytes, block: int) -> bytes:
    """The film with one wrong bit."""
    wrong = bytearray(data)
    wrong[block * BLOCK_BYTES + 5] ^= 1
    return bytes(wrong)


@pytest.mark.parametrize("harm", ["one bit", "shorter"])
def test_damage_is_refused_and_what_was_good_is_kept(store, wanted, stick, data, tmp_path, *, harm):
    """A wrong bit or a missing byte, and the film is not taken; the next stick brings only what was not good."""
    (stick / "film").write_bytes(damaged(data, 17) if harm == "one bit" else data[:-1])
    good = (17 if harm == "one bit" else 20) * BLOCK_BYTES
    for _ in range(2):  # the same bad stick again: nothing more is taken, and nothing is lost
        with pytest.raises(RefusedError):
            take(store, wanted, stick)
        assert store.files() == {wanted.id: good}
        assert not (tmp_path / "cache" / wanted.id).exists()
    (stick / "film").write_bytes(data)
    assert take(store, wanted, stick)[0] == SIZE - good
    assert (tmp_path / "cache" / wanted.id).read_bytes() == data


def test_a_film_that_is_bad_from_the_beginning_leaves_nothing(store, wanted, stick, data, tmp_path):
    """Of a stick whose film is wrong in its first block nothing stays on the card."""
    (stick / "film").write_bytes(damaged(data, 0))
    with pytest.raises(RefusedError):
        take(store, wanted, stick)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_block_that_rots_in_an_interrupted_copy_is_fetched_again(store, wanted, stick, data, tmp_path):
    """What rotted on the card while a copy waited for its stick is found, and fetched again from there on."""
    (tmp_path / "cache" / f"{wanted.id}.part").write_bytes(damaged(data, 3)[: 9 * BLOCK_BYTES])
    assert take(store, wanted, stick)[0] == SIZE - 3 * BLOCK_BYTES
    assert (tmp_path / "cache" / wanted.id).read_bytes() == data


def test_single_blocks_are_mended(store: ContentStore, wanted: Wanted, stick: Path, data: bytes, tmp_path: Path):
    """Of a film with two rotten blocks those two are read from the stick, and nothing else."""
    path = tmp_path / "cache" / wanted.id
    wrong = bytearray(data)
    for block in (4, 20):
        wrong[block * BLOCK_BYTES] ^= 1
    path.write_bytes(wrong)
    with TroubledStick(stick) as simulated, simulated.open("film") as source:
        assert store.mend(wanted, (4, 20, 9999), source, lambda _: None)
        assert simulated.bytes_read == BLOCK_BYTES + 17
    assert path.read_bytes() == data


def test_a_block_that_stays_dead_costs_its_place_and_the_film_is_taken_anew(wanted, stick, data, tmp_path):
    """A card that answers wrong even after it was written: those cells stay taken, and the film gets others."""
    cache = tmp_path / "cache"

    class Dying(CardFiles):
        def block(self, place: Place, length: int) -> memoryview | None:
            return None if place.block == 4 else super().block(place, length)

    store = ContentStore(cache, reserve=0, files=Dying(cache))
    for number in range(2):
        (cache / wanted.id).write_bytes(damaged(data, 4))
        with TroubledStick(stick) as simulated, simulated.open("film") as source:
            assert not store.mend(wanted, (2, 4), source, lambda _: None)
        kept = cache / f"{wanted.id}.{number}.dead"
        assert BLOCK_BYTES <= kept.stat().st_blocks * 512 < 2 * BLOCK_BYTES
        assert store.files() == {}
    take(store, wanted, stick)
    assert (cache / wanted.id).read_bytes() == data
    store.clean(frozenset({wanted.id}), frozenset({wanted.id}))
    store.remove((wanted.id,))
    assert len(list(cache.iterdir())) == 2


def test_a_damaged_stick_mends_nothing(store: ContentStore, wanted: Wanted, stick: Path, data: bytes, tmp_path: Path):
    """A block that is wrong on the stick too is not written on the card."""
    path = tmp_path / "cache" / wanted.id
    path.write_bytes(damaged(data, 4))
    (stick / "film").write_bytes(damaged(data, 4)[:-1] + b"!")
    with TroubledStick(stick) as simulated, simulated.open("film") as source, pytest.raises(RefusedError):
        store.mend(wanted, (4,), source, lambda _: None)
    assert path.read_bytes() == damaged(data, 4)


@pytest.mark.parametrize("left", [None, 3 * BLOCK_BYTES])
def test_what_is_not_whole_is_not_mended_but_taken(store, wanted, stick, tmp_path, data, *, left):
    """A film that is gone from the card, or cut, is no case for single blocks."""
    if left is not None:
        (tmp_path / "cache" / wanted.id).write_bytes(data[:left])
    with TroubledStick(stick) as simulated, simulated.open("film") as source:
        assert not store.mend(wanted, (1,), source, lambda _: None)
        assert simulated.bytes_read == 0


def test_a_full_card_is_told_as_full(store: ContentStore, wanted: Wanted, stick: Path, tmp_path: Path):
    """A card that takes no more is called full and not broken, and what half a film took up is free again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5 * BLOCK_BYTES, hard))
    try:
        with pytest.raises(CardFullError):
            take(store, wanted, stick)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "cache").iterdir()) == []
    assert take(store, wanted, stick)[0] == SIZE


def test_a_card_that_is_broken_is_not_called_full(wanted: Wanted, stick: Path, tmp_path: Path):
    """Where the folder of the films is gone, that is no matter of room."""
    store = ContentStore(tmp_path / "cache", reserve=0)
    (tmp_path / "cache").rmdir()
    with pytest.raises(CardError) as refused:
        take(store, wanted, stick)
    assert not isinstance(refused.value, CardFullError)


def test_the_reserve_stays_free(tmp_path: Path):
    """Room for the journal and an update is never given to videos."""
    free = ContentStore(tmp_path / "cache", reserve=0).room()
    assert ContentStore(tmp_path / "cache", reserve=free // 2).room() < free
    assert ContentStore(tmp_path / "cache", reserve=2**60).room() < 0


def test_what_nobody_names_is_cleaned_away(store: ContentStore, tmp_path: Path):
    """What no catalogue names goes, whole or not; a film that no record tells of is an interrupted copy then."""
    wanted, gone, orphan, held = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
    for name in (f"{wanted}.part", f"{gone}.part", "e" * 64, orphan, held, "somebody's"):
        (tmp_path / "cache" / name).write_bytes(b"12")
    store.clean(frozenset({wanted, orphan, held}), frozenset({held}))
    left = {path.name for path in (tmp_path / "cache").iterdir()}
    assert left == {f"{wanted}.part", f"{orphan}.part", held, "somebody's"}
    assert store.files() == dict.fromkeys((wanted, orphan, held), 2)
    store.remove((orphan, held, gone))
    assert store.files() == {wanted: 2}


def test_a_folder_is_no_film(store: ContentStore, wanted: Wanted, stick: Path):
    """The real stick and the simulated one open the same way."""
    with Folder(stick) as real, real.open("film") as source:
        store.take(wanted, source, lambda _: None)
