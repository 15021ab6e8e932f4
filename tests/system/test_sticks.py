"""Sticks as people bring them, on the real kernel: what is read, what is refused in plain words, what is pulled early.

One box, one boot, one story: each test goes on where the one before it ended. The box begins bare.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from estation_box.library import said
from estation_box.library.said import Said
from studio import profiles as signing
from studio.publishing import publish
from studio.stick import write_stick
from tests.library.hostile import CORPUS
from tests.library.hostile.scene import STATION, Scene, says
from tests.support import machine, machine_inside, machine_sticks
from tests.support.library import NOW, Made, make_profile, make_stick, make_video, padded, wall, write_source
from tests.support.machine_box import BoxInside
from tests.system import pictures

pytestmark = [pytest.mark.system, pytest.mark.soak]
BOOT_WITHIN = 420.0
STICK_WITHIN = 240.0
VIDEOS = 2
LARGE = 24 << 20  # bytes of a film that is copied for half a minute
SLOW = 2 << 20  # bytes a second of a stick that gives time to pull it
# Of the sticks that mean harm, those that a FAT can carry and that bring a bare box nothing: a good library on one of
# them would be believed, and the good profile on the next with it.
HOSTILE = {
    "a_file_for_everything",
    "a_file_for_the_library",
    "a_timestamp_nested_without_end",
    "another_publishers_key",
    "nothing_but_empty_files",
}
ATTACKS = [each for each in CORPUS if each.name in HOSTILE]


class Port:
    """A box that is on, its publisher, and its USB port."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.made = make_stick(folder / "made", videos=VIDEOS)
        card = machine.card(folder, self.made.root, inside=True)
        words = machine_sticks.exfat_workshop(folder, self.made.stick)
        more = [*machine_inside.arguments(folder), "-rtc", f"base={NOW:%Y-%m-%dT%H:%M:%S}"]
        self.tv = stack.enter_context(machine.booted(folder, card, {}, *words, *more))
        self.inside = machine_inside.Inside(folder)
        self.box = BoxInside(self.inside)
        self.tv.see("the welcome", pictures.welcome, BOOT_WITHIN)

    def seen(self) -> list[dict]:
        """What the journal says of sticks so far."""
        return [each for each in self.box.records() if each["kind"] == "stick.seen"]

    def visit(self, stick: Path) -> tuple[str, ...]:
        """A stick goes in, is read and is pulled; what the box had against it."""
        before = len(self.seen())
        self.tv.put_in(stick)
        self.tv.see("words about the stick", pictures.notice, STICK_WITHIN, every=0.5)
        self.box.wait("the stick in the journal", lambda: len(self.seen()) > before, STICK_WITHIN)
        self.tv.pull_out()
        return tuple(self.seen()[-1].get("reasons", ()))


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    folder = tmp_path_factory.mktemp("sticks")
    with ExitStack() as stack:
        yield Port(folder, stack)
    shutil.rmtree(folder)


def spoiled(made: Made, folder: Path) -> Scene:
    """A copy of the good stick that may be spoiled."""
    copy = made._replace(studio=folder / "studio", source=folder / "source", stick=folder / "stick")
    for whence, where in zip(made[:3], copy[:3], strict=True):
        shutil.copytree(whence, where)
    (folder / "outside").mkdir()
    return Scene(copy, folder / "outside")


KINDS: list[tuple[str, Said]] = [
    ("ntfs", said.NTFS),
    ("ext4", said.STRANGE_FILE_SYSTEM),
    ("unformatted", said.NO_FILE_SYSTEM),
]


@pytest.mark.parametrize(("kind", "sentence"), KINDS, ids=[kind for kind, _ in KINDS])
def test_a_stick_of_another_kind_is_refused_with_what_to_do(port: Port, tmp_path: Path, kind: str, sentence: Said):
    """NTFS, ext4 (where links may lie) and nothing at all: the TV says how to format it; none of them is mounted."""
    (tmp_path / "content/ESTATION").mkdir(parents=True)
    (tmp_path / "content/ESTATION/library").symlink_to("/var/lib/estation")
    stick = {
        "ntfs": lambda: machine_sticks.ntfs(tmp_path),
        "ext4": lambda: machine_sticks.ext4(tmp_path, tmp_path / "content"),
        "unformatted": lambda: machine_sticks.unformatted(tmp_path),
    }[kind]()
    before = stick.read_bytes()
    assert says(port.visit(stick), sentence)
    assert stick.read_bytes() == before


@pytest.mark.parametrize("attack", ATTACKS, ids=[each.name for each in ATTACKS])
def test_a_stick_that_means_harm_gets_nowhere(port: Port, tmp_path: Path, attack):
    """On a real FAT, mounted by the real unit: the box says what is wrong, and is as bare as before."""
    scene = spoiled(port.made, tmp_path)
    attack.build(scene)
    assert says(port.visit(machine_sticks.fat(tmp_path, scene.stick)), attack.said)
    port.tv.see("the welcome, still", pictures.welcome, STICK_WITHIN)


def test_an_exfat_stick_is_read_and_gets_its_receipt(port: Port):
    """The kind that a shop sells: the box becomes a station, and the receipt stands on the stick."""
    stick = machine_sticks.exfat(port.folder, port.inside)
    assert port.visit(stick) == ()
    provisioned = port.box.record("provisioned", 60.0)
    assert provisioned["station"] == STATION
    assert machine_sticks.exfat_names(port.folder, port.inside, stick) >= {"receipt.html", "receipt.json"}


def test_a_stick_that_was_never_unmounted_is_read_all_the_same(port: Port, tmp_path: Path):
    """People pull sticks out of computers: the FAT says that it is dirty, and the films on it are good."""
    assert port.visit(machine_sticks.fat(tmp_path, port.made.stick, dirty=True)) == ()


def test_a_stick_that_is_pulled_too_early_goes_on_when_it_comes_again(port: Port, tmp_path: Path):
    """In the middle of a large film: the TV says so, nothing is harmed; put in again, it ends what it had begun."""
    made = port.made
    for number in range(VIDEOS, VIDEOS + 2):
        padded(make_video(made.source / f"video-{number}.mp4", pattern=number + 1), LARGE)
    write_source(made.source, videos=VIDEOS + 2, start=wall(NOW), shows=VIDEOS + 2)
    published = publish(made.studio, made.source, now=NOW)
    write_stick(made.studio, made.stick)
    stick = machine_sticks.fat(tmp_path, made.stick)
    port.tv.put_in(stick, SLOW)
    port.tv.see("that it copies", pictures.copying, STICK_WITHIN, every=0.5)
    half = port.box.wait("half a film", lambda: partly(port) > 4 << 20, STICK_WITHIN) and partly(port)
    before = len(port.seen())
    port.tv.pull_out()
    port.box.wait("the word that it was pulled", lambda: len(port.seen()) > before, STICK_WITHIN)
    assert says(tuple(port.seen()[-1]["reasons"]), said.UNREADABLE)
    assert partly(port) >= half
    assert port.visit(stick) == ()
    held = port.inside.run("ls /var/lib/estation/cache").split()
    assert set(held) == set(published.contents.values())


def partly(port: Port) -> int:
    """Bytes in the cache, of whole films and of those that are still being copied."""
    return int(port.inside.run("du -sb /var/lib/estation/cache").split()[0])


def test_a_stick_that_retires_the_station_makes_the_box_bare(port: Port, tmp_path: Path):
    """The station is given up: its signed stick goes in, and the box asks for a new one as on its first day."""
    made = port.made
    signing.sign(made.studio, make_profile(made.authority.pem, STATION, epoch=2, retire=True))
    write_stick(made.studio, made.stick, profiles=[signing.path_of(made.studio, STATION)])
    port.tv.put_in(machine_sticks.fat(tmp_path, made.stick))
    port.tv.see("the welcome", pictures.welcome, STICK_WITHIN)
    port.tv.pull_out()
    state = set(port.inside.run("ls -A /var/lib/estation").split())
    assert not {"profile.json", "key.pem", "certificate.pem"} & state
