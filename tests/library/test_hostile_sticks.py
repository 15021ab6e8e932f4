"""Sticks that were made to do harm. Whatever is on them: nothing outside is touched, nothing that was there is lost."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from estation_box.drivers.folder import Folder, StickFile
from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.library import said
from estation_box.library.interfaces import not_plain
from estation_box.library.sync_words import Synced, decode_word
from estation_wire import stick as layout
from tests.library.hostile import CORPUS
from tests.library.hostile.scene import FILM_BYTES, STATION, VIDEOS, Attack, Scene, says
from tests.support.library import Made, make_stick
from tests.support.sync_box import Box

SOON_SECONDS = 10.0
SNAPSHOT_DEPTH = 6
RSS_LIMIT_BYTES = 90 * 1000 * 1000
STATE = {
    "cache",
    "key.pem",
    "library.db",
    "pictures",
    "profile.json",
    "profile-box",
    "sync.lock",
    "tuf",
    "tuf-mark",
    "used-profiles",
}


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=VIDEOS, size=FILM_BYTES)


@pytest.fixture(scope="module")
def filled(publisher: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of a box that holds the good library."""
    folder = tmp_path_factory.mktemp("filled")
    box = Box(folder, publisher.root)
    box.visit(shutil.copytree(publisher.stick, folder / "stick"))
    assert box.held() == set(publisher.published.contents.values())
    shutil.rmtree(folder / "stick")
    return folder


@pytest.fixture
def scene(publisher: Made, tmp_path: Path):
    """A good stick that may be spoiled, and the box's own secrets beside it."""
    made = publisher._replace(studio=tmp_path / "studio", source=tmp_path / "source", stick=tmp_path / "stick")
    for whence, where in zip(publisher[:3], made[:3], strict=True):
        shutil.copytree(whence, where)
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "secret").write_bytes(b"the box's own\n")
    yield Scene(made._replace(root=made.studio / "root.json"), outside)
    subprocess.run(["rm", "-rf", str(tmp_path)], check=False)  # pytest's own way ends at a thousand folders deep


def picture(folder: Path, *, without: Path | None = None, depth: int = SNAPSHOT_DEPTH) -> dict[str, object]:
    """Everything in a folder as it is: kinds, rights, sizes, times, links and the bytes of small files."""
    found: dict[str, object] = {}
    waiting = [(os.fsencode(folder), 0)]
    while waiting:
        here, deep = waiting.pop()
        entries = list(os.scandir(here))
        if len(entries) > 1000:
            found[os.fsdecode(here)] = len(entries)
            continue
        for entry in entries:
            path = Path(os.fsdecode(entry.path))
            if path == without:
                continue
            status = entry.stat(follow_symlinks=False)
            what: list[object] = [status.st_mode, status.st_size if stat.S_ISREG(status.st_mode) else 0]
            if stat.S_ISLNK(status.st_mode):
                what.append(path.readlink())
            elif stat.S_ISREG(status.st_mode) and status.st_size < 4_000_000:
                what += [status.st_mtime_ns, path.read_bytes()]
            elif stat.S_ISDIR(status.st_mode) and deep < depth:
                waiting.append((entry.path, deep + 1))
            found[str(path)] = what
    return found


def filled_box(filled: Path, folder: Path, made: Made) -> Box:
    shutil.copytree(filled, folder)
    return Box(folder, made.root)


def attacked(box: Box, scene: Scene, attack: Attack) -> Synced:
    """One visit of the hostile stick; what it may not touch is as it was, and soon over it is."""
    returned = scene.stick / layout.RETURNED
    own = None if returned.exists() and (returned.is_symlink() or not returned.is_dir()) else returned
    if not scene.root.exists():
        own = scene.root  # a station leaves its receipt on any stick
    before = picture(scene.outside), picture(scene.stick, without=own), box.held(), box.profile
    began = time.monotonic()
    synced = box.visit(scene.stick, floor=attack.floor)
    assert time.monotonic() - began < SOON_SECONDS
    assert picture(scene.outside) == before[0], "something outside the stick was touched"
    assert picture(scene.stick, without=own) == before[1], "something else on the stick was touched"
    assert box.held() >= before[2], "what was held before is lost"
    assert box.profile == before[3] or before[3] is None
    assert {path.name for path in box.state.iterdir()} <= STATE
    assert {path.name for path in (box.state / "cache").iterdir()} == box.held()
    assert decode_word(msgspec.json.encode(synced)) == synced  # core understands what it is told
    assert all(reason and reason.isprintable() and len(reason) <= 96 for reason in synced.reasons)
    return synced


def playable(box: Box, contents: set[str]) -> bool:
    """Whether core finds each of these, to play it."""
    with LibraryStore(box.state / "library.db") as shelf:
        return all(shelf.held(content) is not None for content in contents)


@pytest.mark.parametrize("attack", CORPUS, ids=[each.name for each in CORPUS])
def test_a_hostile_stick_gets_nowhere(attack: Attack, scene: Scene, publisher: Made, filled: Path, tmp_path: Path):
    """A bare box says in plain words what is wrong and stays bare; a filled one goes on playing; both take the next."""
    bare, full = Box(tmp_path / "bare", publisher.root), filled_box(filled, tmp_path / "full", publisher)
    good = shutil.copytree(publisher.stick, tmp_path / "good")
    attack.build(scene)
    newest = tmp_path / "newest"
    if newest.exists():
        full.visit(newest)
        good = newest
    held = full.held()

    told = {"bare": attacked(bare, scene, attack), "full": attacked(full, scene, attack)}

    speaker = told["full" if attack.before else "bare"]
    if attack.said is None:
        assert (speaker.reasons, speaker.provisioned) == ((), attack.takes)
    else:
        assert says(speaker.reasons, attack.said), speaker.reasons
    assert attack.takes or bare.profile is None
    assert held <= full.held()
    assert playable(full, held)
    assert full.profile.station == STATION

    bare.visit(good)  # whatever the stick was: a good one is taken as if nothing had been
    assert bare.profile.station == STATION
    with LibraryWriter(bare.state / "library.db") as books:
        assert bare.held() >= books.contents().keys() & set(publisher.published.contents.values())


HEAVY = (
    "a_catalogue_above_its_limit",
    "a_film_of_a_terabyte",
    "metadata_of_empty_heaps",
    "metadata_of_one_wide_word",
    "ten_thousand_delegates",
    "ten_thousand_signatures_of_strangers",
)


@pytest.mark.parametrize("attack", [each for each in CORPUS if each.name in HEAVY], ids=lambda each: each.name)
def test_the_heaviest_sticks_do_not_fill_the_memory(attack: Attack, scene: Scene, publisher: Made, tmp_path: Path):
    """The real process ends well, in time and below 90 MB, whatever a stick piles up before it."""
    box = Box(tmp_path / "bare", publisher.root)
    attack.build(scene)
    began = time.monotonic()
    process = box.start(scene.stick, module="tests.support.weigh_sync")
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error.decode()
    assert time.monotonic() - began < SOON_SECONDS
    assert attack.said is None or attack.said.zh.partition("{")[0].lstrip("“") in error.decode()
    assert int(out) * 1024 < RSS_LIMIT_BYTES


DOCUMENTS = ("timestamp.json", "snapshot.json", "targets.json", "catalogue.json", "programme.json", "provisioners.json")


@pytest.mark.parametrize("name", [*DOCUMENTS, "bulletins.json", f"{STATION}.json", "block list", "film"])
def test_a_file_that_is_cut_anywhere_is_said_to_be(name: str, scene: Scene, publisher: Made, tmp_path: Path):
    """Half copied at the first byte, in the middle or at the last: told in words, and nothing of it is taken."""
    special = {"block list": scene.at(layout.block_list(scene.films[0])), "film": scene.film}
    (path,) = [special[name]] if name in special else scene.root.rglob(f"*{name}")
    whole = path.read_bytes()
    for number, length in enumerate((0, 1, len(whole) // 2, len(whole) - 1)):
        path.write_bytes(whole[:length])
        shutil.rmtree(scene.at(layout.RETURNED), ignore_errors=True)
        box = Box(tmp_path / f"box-{number}", publisher.root)
        synced = box.visit(scene.stick)
        assert synced.reasons
        assert box.held() <= set(publisher.published.contents.values())
        assert synced.provisioned == (name in special)
        path.write_bytes(whole)
        assert box.visit(scene.stick).reasons == ()
        assert len(box.held()) == VIDEOS


class _Changing(StickFile):
    """A film that somebody writes over after its first block was read."""

    def readinto(self, buffer: memoryview, /) -> int:
        got = super().readinto(buffer)
        self.reads = getattr(self, "reads", 0) + 1
        if self.reads > 2:  # its head and its first block went before
            buffer[:1] = bytes([buffer[0] ^ 1])
        return got


class ChangingStick(Folder):
    """See `Stick`."""

    def open(self, name: str) -> StickFile:
        if not name.startswith(layout.CONTENT):
            return super().open(name)
        plain = super().open(name)
        return _Changing(os.dup(plain._file.fileno()), plain.size)


def test_a_film_that_changes_while_it_is_read_is_not_kept(scene: Scene, publisher: Made, tmp_path: Path):
    """Bytes that are others than were signed are never held, however late they come."""
    box = Box(tmp_path / "box", publisher.root)
    with ChangingStick(scene.stick) as stick:
        synced = box.visit(stick)
    assert says(synced.reasons, said.CONTENT_DAMAGED)
    assert box.held() == set()
    box.visit(scene.stick)
    assert len(box.held()) == VIDEOS


@pytest.mark.parametrize("how", ["cut", "replaced", "overwritten"])
def test_a_second_process_that_works_on_the_stick_does_no_harm(how: str, scene: Scene, publisher: Made, tmp_path: Path):
    """While sync reads, somebody cuts, replaces or overwrites the films: only what was signed is ever held."""
    box = Box(tmp_path / "box", publisher.root)
    harm = {
        "cut": "for n in range(9**9):\n for p in P: os.truncate(p, n % 7 * 200000)",
        "replaced": "while 1:\n for p in P: open(p + '~', 'wb').write(b'x' * 1053576), os.replace(p + '~', p)",
        "overwritten": "for n in range(9**9):\n for p in P: open(p, 'r+b').write(bytes([n % 256]) * 1053576)",
    }
    paths = [str(scene.at(layout.content(film))) for film in scene.films]
    villain = subprocess.Popen([sys.executable, "-c", f"import os\nP = {paths!r}\n{harm[how]}"])
    try:
        box.run(scene.stick)
    finally:
        villain.kill()
        villain.wait()
    assert box.profile.station == STATION
    assert box.held() <= set(publisher.published.contents.values())


def test_a_file_that_may_not_be_read_is_said(scene: Scene, publisher: Made, tmp_path: Path):
    """A stick that refuses single files is told of them, as of one that is broken."""

    class Refusing(Folder):
        def open(self, name: str) -> StickFile:
            if name.startswith(layout.CONTENT):
                raise not_plain(name)  # what the kernel's EACCES becomes; root itself is never refused
            return super().open(name)

    box = Box(tmp_path / "box", publisher.root)
    with Refusing(scene.stick) as stick:
        synced = box.visit(stick)
    assert says(synced.reasons, said.NOT_PLAIN)
    assert (synced.provisioned, box.held()) == (True, set())


def test_the_corpus_is_what_was_promised():
    """At least twenty-five hostile sticks, each with a name and one sentence that says what it tries."""
    assert len(CORPUS) >= 25
    assert len({each.name for each in CORPUS}) == len(CORPUS)
    for each in CORPUS:
        assert each.build.__doc__.startswith("Tries")
        assert each.build.__doc__.endswith(".")
