"""The cache: nothing unproved ever gets its name, and an interrupted copy goes on where it was good."""

from __future__ import annotations

import random
import resource
from pathlib import Path

import pytest

from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.folder import Folder
from estation_box.library.interfaces import CardError, RefusedError, Wanted
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


@pytest.mark.parametrize("harm", ["one bit", "shorter"])
def test_damage_is_refused_and_leaves_nothing(store, wanted, stick, data, tmp_path, *, harm):
    """A wrong bit or a missing byte anywhere, and no file stays."""
    wrong = bytearray(data)
    wrong[17 * BLOCK_BYTES + 5] ^= 1
    (stick / "film").write_bytes(bytes(wrong) if harm == "one bit" else data[:-1])
    with pytest.raises(RefusedError):
        take(store, wanted, stick)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_full_card_is_the_cards_fault(store: ContentStore, wanted: Wanted, stick: Path, tmp_path: Path):
    """A card that takes no more says so, and nothing half has a content's name."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5 * BLOCK_BYTES, hard))
    try:
        with pytest.raises(CardError):
            take(store, wanted, stick)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [f"{wanted.id}.part"]
    assert take(store, wanted, stick)[0] == SIZE - 5 * BLOCK_BYTES


def test_the_reserve_stays_free(tmp_path: Path):
    """Room for the journal and an update is never given to videos."""
    free = ContentStore(tmp_path / "cache", reserve=0).room()
    assert ContentStore(tmp_path / "cache", reserve=free // 2).room() < free
    assert ContentStore(tmp_path / "cache", reserve=2**60).room() == 0


def test_copies_of_nothing_are_cleaned_away(store: ContentStore, tmp_path: Path):
    """An interrupted copy of what no catalogue names any more goes; a wanted one stays."""
    for name in ("a" * 64, "b" * 64):
        (tmp_path / "cache" / f"{name}.part").touch()
    store.clean(frozenset({"a" * 64}))
    assert [path.stem for path in (tmp_path / "cache").iterdir()] == ["a" * 64]


def test_a_folder_is_no_film(store: ContentStore, wanted: Wanted, stick: Path):
    """The real stick and the simulated one open the same way."""
    with Folder(stick) as real, real.open("film") as source:
        store.take(wanted, source, lambda _: None)
