"""A stick as a block device: mounted harmless, writable for moments, read by a process that is nobody. Needs root."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec
import pytest

from estation_box.apps import stick as app
from estation_box.apps.sync import attend
from estation_box.drivers import mount, stick_broker
from estation_box.drivers.folder import Folder
from estation_box.drivers.mount import HARMLESS, RDONLY, Mount, fault_of
from estation_box.drivers.stick_broker import Broker, BrokeredStick
from estation_box.drivers.sync_request import asked
from estation_box.drivers.unprivileged import become, remains
from estation_box.library import said
from estation_box.library.interfaces import NotPlainError, UnreadableError, UnwritableError
from estation_box.library.sync_words import SyncRequest
from estation_box.settings import Folders
from tests.support.block_stick import FILESYSTEM, MIB, NOBODY, OPTIONS, apart, block_stick
from tests.support.library import make_stick
from tests.support.sync_box import Box, receipt_of

LINE = "63 43 8:1 / /media/estation {flags} - {kind} /dev/sda1 {inner}\n"
GOOD = "ro,nosuid,nodev,noexec,relatime,nosymfollow"
WHERE = Path("/media/estation")


@pytest.fixture
def place():
    """A folder that also a process without rights may enter."""
    folder = Path(tempfile.mkdtemp(prefix="estation-stick-"))
    folder.chmod(0o755)
    (folder / "at").mkdir()
    yield folder
    shutil.rmtree(folder)


def opened(device: str, where: Path) -> Mount:
    return Mount(device, where, FILESYSTEM, OPTIONS)


@pytest.mark.parametrize(
    ("flags", "kind", "inner", "fault"),
    [
        (GOOD, "exfat", "ro,uid=990", ""),
        (GOOD.replace(",nosymfollow", ""), "exfat", "ro", "mounted without nosymfollow"),
        (GOOD.replace("nosuid,nodev,", ""), "exfat", "ro", "mounted without nodev, nosuid"),
        (GOOD, "ext4", "ro", "mounted as ext4, not as exfat"),
        (GOOD.replace("ro,", "rw,"), "exfat", "ro", "mounted rw,"),
        (GOOD, "exfat", "rw", "mounted ro,"),
        (GOOD + " shared:5", "exfat", "ro", "the mount is not private: shared:5"),
    ],
)
def test_a_mount_that_is_not_harmless_is_refused(flags: str, kind: str, inner: str, fault: str):
    """The kernel's own word is read after mounting, and one missing flag is enough."""
    found = fault_of(LINE.format(flags=flags, kind=kind, inner=inner), WHERE, "exfat", writable=False)
    assert found.startswith(fault)
    assert bool(found) == bool(fault)
    assert fault_of("", WHERE, "exfat", writable=False) == f"nothing is mounted at {WHERE}"


@pytest.mark.parametrize("missing", [2, 4, 8, 256])
@pytest.mark.root
def test_a_flag_that_the_kernel_left_out_is_noticed(place: Path, missing: int):
    """Mounted for real without one of the four flags: refused."""

    def work() -> None:
        mount.mount(device, place / "at", FILESYSTEM, (HARMLESS | RDONLY) & ~missing, OPTIONS)
        mountinfo = Path("/proc/self/mountinfo").read_text()
        assert fault_of(mountinfo, place / "at", FILESYSTEM, writable=False).startswith("mounted without no")

    with block_stick(place / "image") as device:
        apart(work)


@pytest.mark.root
def test_what_a_stranger_put_on_the_stick_does_nothing(place: Path):
    """No program of the stick runs, no device node or pipe is opened, no link is followed, even by the kernel."""
    tree = place / "tree"
    tree.mkdir()
    shutil.copy("/bin/true", tree / "program")
    (tree / "program").chmod(0o4755)
    os.mknod(tree / "null", 0o666 | 0o020000, os.makedev(1, 3))
    os.mkfifo(tree / "pipe")
    (tree / "link").symlink_to("/etc/passwd")
    (tree / "plain").write_text("plain")

    def work() -> None:
        at = place / "at"
        with opened(device, at):
            with pytest.raises(PermissionError):
                subprocess.run([at / "program"], check=False)
            with pytest.raises(PermissionError):
                (at / "null").read_bytes()
            with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
                (at / "link").read_bytes()
            with Folder(at) as stick:
                for name in ("null", "pipe", "link"):
                    with pytest.raises(NotPlainError):
                        stick.read(name, 10)
                assert stick.read("plain", 10) == b"plain"
        assert not any(at.iterdir()), "it was unmounted"

    with block_stick(place / "image", tree) as device:
        apart(work)
        assert str(place / "at") not in Path("/proc/self/mountinfo").read_text(), "nobody else saw it"


@pytest.mark.root
def test_a_stick_is_writable_for_moments_only(place: Path):
    """Read-only at first, writable when asked, and read-only again with everything written."""

    def work() -> None:
        at = place / "at"
        with opened(device, at) as mounted, Folder(at) as stick:
            with pytest.raises(UnwritableError) as caught:
                stick.write("ESTATION/receipt", b"1")
            assert caught.value.said == said.READ_ONLY
            mounted.writable()
            stick.write("ESTATION/receipt", b"1")
            with (at / "open").open("wb"), pytest.raises(OSError, match=os.strerror(errno.EBUSY)):
                mounted.read_only()
            mounted.read_only()
            with pytest.raises(OSError, match=os.strerror(errno.EROFS)):
                (at / "more").write_bytes(b"")
            mounted.writable()
            with pytest.raises(UnwritableError) as full:
                stick.write("ESTATION/large", bytes(30 * MIB))
            assert full.value.said == said.STICK_FULL
            mounted.read_only()
        with opened(device, at):
            assert (at / "ESTATION/receipt").read_bytes() == b"1"

    with block_stick(place / "image") as device:
        apart(work)


@pytest.mark.root
def test_a_stick_that_is_pulled_or_still_in_use_holds_nothing_up(place: Path):
    """Pulled while it is read: told at once. A file that is still open does not keep the stick in its place."""
    tree = place / "tree"
    tree.mkdir()
    (tree / "film").write_bytes(os.urandom(8 * MIB))

    def work() -> None:
        at = place / "at"
        began = time.monotonic()
        with opened(device, at), Folder(at) as stick, stick.open("film") as film:
            os.truncate(place / "image", 64 * 1024)
            film.seek(7 * MIB)
            with pytest.raises(UnreadableError):
                film.readinto(memoryview(bytearray(MIB)))
            held = (at / "film").open("rb")
        assert not any(at.iterdir()), "unmounted, though a file is open"
        held.close()
        assert time.monotonic() - began < 10

    with block_stick(place / "image", tree) as device:
        apart(work)


@pytest.mark.root
def test_who_reads_is_nobody(place: Path):
    """The reader has no rights left: it can neither mount, nor make the stick writable, nor become root again."""

    def work() -> None:
        with opened(device, place / "at") as mounted:

            def lowly() -> int:
                status = Path("/proc/self/status").read_text()
                assert remains(status, NOBODY, NOBODY) == ""
                for attempt in (
                    mounted.writable,
                    mount.private_namespace,
                    lambda: mount.mount(device, place / "at", FILESYSTEM, 0, None),
                    lambda: os.setuid(0),
                    lambda: become("root", os.getppid()),
                ):
                    with pytest.raises(PermissionError):
                        attempt()
                return 42

            assert app._alone("nobody", lowly) == 42

    with block_stick(place / "image") as device:
        apart(work)


def test_what_is_left_of_root_is_noticed():
    """A process that still has a capability does not read a stick."""
    status = Path("/proc/self/status").read_text()
    assert "Uid" in remains(status, NOBODY, NOBODY)
    assert "NoNewPrivs" in remains(status, 0, 0)
    assert remains("", NOBODY, NOBODY)


class Switch:
    """A stick that counts how it is turned; ``refuses`` with an errno."""

    def __init__(self, refuses: int = 0) -> None:
        self.turned: list[str] = []
        self.refuses = refuses

    def writable(self) -> None:
        if self.refuses:
            raise OSError(self.refuses, "no")
        self.turned.append("writable")

    def read_only(self) -> None:
        self.turned.append("read-only")


def brokered(switch, work, *, visit: float = 20.0) -> int | None:
    """What became of a reader that does ``work(its end)`` under a broker."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        pid = os.fork()
        if pid == 0:
            code = 99
            try:
                ours.close()
                code = work(theirs) or 0
            finally:
                os._exit(code)
        theirs.close()
        return Broker(ours, switch, pid, visit=visit).serve()


def chatter(way: socket.socket) -> None:
    for _ in range(stick_broker.MAX_WORDS + 1):
        way.send(stick_broker.READ_ONLY)
        way.recv(16)
    time.sleep(60)


def say(word: bytes):
    def work(way: socket.socket) -> None:
        way.send(word)
        time.sleep(60)

    return work


@pytest.mark.parametrize("work", [say(b"mount /etc"), say(b"writable" * 1000), say(bytes(16)), chatter])
def test_a_reader_that_says_what_it_may_not_is_ended(work):
    """Two words, a bounded number of times: a reader that was taken over gets no further."""
    switch = Switch()
    assert brokered(switch, work) is None
    assert "writable" not in switch.turned


def test_a_reader_that_hangs_is_ended():
    """A visit has an end."""
    assert brokered(Switch(), lambda _: time.sleep(60), visit=0.2) is None
    assert brokered(Switch(), lambda _: 7) == 7
    assert brokered(Switch(), lambda _: os.kill(os.getpid(), 9)) == -9


def test_each_file_is_written_in_its_own_moment(tmp_path: Path):
    """Writable before each file, read-only after it; a stick with a lock on its side says so."""

    def writes(way: socket.socket) -> int:
        with BrokeredStick(tmp_path, way) as stick:
            stick.write("ESTATION/a", b"a")
            stick.write("ESTATION/b", b"b")
        return 0

    def locked(way: socket.socket) -> int:
        with BrokeredStick(tmp_path, way) as stick, pytest.raises(UnwritableError):
            stick.write("ESTATION/c", b"c")
        return 0

    switch = Switch()
    assert brokered(switch, writes) == 0
    assert switch.turned == ["writable", "read-only"] * 2
    assert brokered(Switch(errno.EROFS), locked) == 0
    assert not (tmp_path / "ESTATION/c").exists()


def box_of(place: Path, root: Path) -> tuple[Box, Folders]:
    box = Box(place / "box", root)
    return box, Folders(state=box.state, runtime=box.runtime, configuration=box.configuration)


def give(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


@pytest.mark.root
def test_a_box_is_provisioned_from_a_block_device(place: Path, tmp_path: Path):
    """Mounted by root, read by nobody: name, library and films are taken, and the receipt is on the stick."""
    made = make_stick(tmp_path)
    box, folders = box_of(place, made.root)
    request = SyncRequest(source="stick", root="", device="/dev/sda1", filesystem="exfat")
    folders.stick_request.write_bytes(msgspec.json.encode(request))
    give(place / "box")
    give(made.stick)
    assert callable(attend)  # the heavy part is loaded before this process gives up the right to read it

    def work() -> None:
        given = asked(folders.stick_request)
        assert app.run(folders, given, lambda _: opened(device, place / "at"), "nobody") == 0

    with block_stick(place / "image", made.stick) as device:
        apart(work)

        def look() -> None:
            with opened(device, place / "at"):
                assert all(line.ok for line in receipt_of(place / "at").lines)

        apart(look)
    assert not folders.stick_request.exists()
    assert box.profile.station == "hall-0007"
    assert box.held() == set(made.published.contents.values())
    assert {path.stat().st_uid for path in box.state.rglob("*")} == {NOBODY}


@pytest.mark.parametrize("how", ["no file system", "gone", "nonsense", "not on USB"])
@pytest.mark.root
def test_a_stick_that_cannot_be_mounted_is_answered(place: Path, tmp_path: Path, how: str):
    """Core hears why, nothing is tried for ever, and no other disk of the box is ever mounted."""
    made = make_stick(tmp_path, videos=1)
    box, folders = box_of(place, made.root)
    device = "/dev/loop99" if how != "not on USB" else "/dev/mmcblk0p1"
    request = SyncRequest(source="stick", root="", device=device, filesystem="vfat")
    folders.stick_request.write_bytes(b"{" if how == "nonsense" else msgspec.json.encode(request))
    give(place / "box")
    attach = app._attach if how == "not on USB" else lambda _: opened(str(place / "blank"), place / "at")
    if how == "no file system":
        (place / "blank").write_bytes(bytes(MIB))
    apart(lambda: app.run(folders, asked(folders.stick_request), attach, "nobody"))
    assert not folders.stick_request.exists()
    assert box.held() == set()


def test_only_a_disk_on_usb_is_a_stick(tmp_path: Path):
    """The box's own card and its inner disk are never mounted, whoever asks."""
    blocks = tmp_path / "class/block"
    blocks.mkdir(parents=True)
    for name, way in {"sda": "pci0/usb1/1-1/block/sda", "sdb": "pci0/ata1/block/sdb", "mmcblk0": "mmc0/usb1"}.items():
        (tmp_path / "devices" / way).mkdir(parents=True)
        (blocks / name).symlink_to(tmp_path / "devices" / way)
    assert mount.on_usb("/dev/sda", tmp_path)
    assert mount.on_usb("/dev/sda15", tmp_path)
    for device in ("/dev/sda16", "/dev/sdb1", "/dev/sdc1", "/dev/mmcblk0", "/dev/../dev/sda", "/dev/sda1\n", ""):
        assert not mount.on_usb(device, tmp_path)
