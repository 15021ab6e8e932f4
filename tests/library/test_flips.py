"""Whatever single bit of a stick is wrong: nothing wrong is ever held or applied."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from estation_box.drivers.http import HttpSource, Server
from estation_box.drivers.library_writer import LibraryWriter
from estation_wire.library import CATALOGUE_NAME, Catalogue
from estation_wire.profile import Profile, decode_envelope
from studio.keyring import Keyring
from studio.repository import Repository
from tests.support.http_server import WebServer
from tests.support.library import Made, make_stick
from tests.support.sync_box import Box
from tests.support.trusting import fetched


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("small"), videos=2)


def files(stick: Path) -> list[str]:
    return sorted(str(path.relative_to(stick)) for path in stick.rglob("*") if path.is_file())


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # each example is a whole visit; shrinking a bit's place tells nothing
    suppress_health_check=list(HealthCheck),
)
@given(which=st.integers(0, 10**6), at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_wrong_bit_is_never_held_nor_applied(small: Made, tmp_path_factory, which: int, at: float, bit: int):
    """One wrong bit anywhere on the stick: what is held and applied is exactly what was signed, or nothing."""
    folder = tmp_path_factory.mktemp("flip")
    stick = folder / "stick"
    shutil.copytree(small.stick, stick)
    names = files(stick)
    path = stick / names[which % len(names)]
    data = bytearray(path.read_bytes())
    data[int(at * len(data))] ^= 1 << bit
    path.write_bytes(data)
    box = Box(folder / "box", small.root)

    box.visit(stick)

    signed, _ = decode_envelope((small.stick / "ESTATION/profiles/hall-0007.json").read_bytes())
    assert box.profile in {None, msgspec.json.decode(signed, type=Profile)}
    assert box.held() <= set(small.published.contents.values())
    raw = Repository(small.studio / "repository", Keyring(small.studio / "keys")).document(CATALOGUE_NAME)
    genuine = {item.id: item for item in msgspec.json.decode(raw, type=Catalogue).items}
    with LibraryWriter(box.state / "library.db") as books:
        loaded = books.items(tuple(books.contents()))
    assert loaded in ({}, genuine)
    shutil.rmtree(folder)


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(which=st.integers(0, 10**6), at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_wrong_bit_on_a_server_is_never_held(small: Made, tmp_path_factory, which: int, at: float, bit: int):
    """One wrong bit anywhere at a mirror: what is held and applied is exactly what was signed, or nothing."""
    folder = tmp_path_factory.mktemp("flip")
    shutil.copytree(small.studio / "repository", folder / "mirror")
    names = files(folder / "mirror")
    path = folder / "mirror" / names[which % len(names)]
    data = bytearray(path.read_bytes())
    data[int(at * len(data))] ^= 1 << bit
    path.write_bytes(data)
    box = Box(folder / "box", small.root)

    with WebServer(folder / "mirror") as web:
        server = Server(web.url)
        with HttpSource(server, random.Random(1), now=time.monotonic, wait=lambda _: None) as source:
            fetched(box, source)

    assert box.held() <= set(small.published.contents.values())
    raw = Repository(small.studio / "repository", Keyring(small.studio / "keys")).document(CATALOGUE_NAME)
    genuine = {item.id: item for item in msgspec.json.decode(raw, type=Catalogue).items}
    with LibraryWriter(box.state / "library.db") as books:
        loaded = books.items(tuple(books.contents()))
    assert loaded in ({}, genuine)
    shutil.rmtree(folder)
