"""A stick is hostile until proved otherwise: plain files beneath its root and nothing else."""

from __future__ import annotations

import errno
import os
import resource
import socket
import tempfile
from pathlib import Path

import pytest

from estation_box.drivers import beneath
from estation_box.drivers.folder import Folder
from estation_box.library import said
from estation_box.library.interfaces import (
    MissingError,
    NotPlainError,
    RefusedError,
    StickError,
    UnreadableError,
    UnwritableError,
)

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A stick with every trap that a file system can hold."""
    root = tmp_path / "stick"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"the box's own")
    (root / "good").write_bytes(b"good")
    (root / "sub/good").write_bytes(b"inner")
    (root / "link").symlink_to("../secret")
    (root / "inner-link").symlink_to("good")
    (root / "folder-link").symlink_to("..")
    os.mkfifo(root / "pipe")
    (root / "sparse").touch()
    os.truncate(root / "sparse", 2**40)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "socket"))
    return root


TRAPS = [
    "link",
    "inner-link",
    "folder-link/secret",
    "../secret",
    "/etc/hostname",
    "sub/../../secret",
    "pipe",
    "sub",
    "socket",
]


@pytest.mark.parametrize("name", TRAPS)
def test_nothing_but_plain_files_is_opened(tree: Path, name: str):
    """Links, pipes, sockets, folders and ways out of the stick are refused at once, none is followed."""
    with Folder(tree) as stick, pytest.raises(StickError):
        stick.read(name, 1000)


@pytest.mark.parametrize("name", ["missing", "sub/missing", "good/beneath", "n" * 300, "nul\0byte", "sub//", ""])
def test_what_is_not_there_is_missing(tree: Path, name: str):
    """A name that leads nowhere is a missing file, however odd it is."""
    with Folder(tree) as stick, pytest.raises((MissingError, NotPlainError)):
        stick.read(name, 1000)


def test_plain_files_are_read_within_their_limit(tree: Path):
    """Good files are read; one that is too large is refused before it is read."""
    with Folder(tree) as stick:
        assert stick.read("good", 4) == b"good"
        assert stick.read("sub/good", 10) == b"inner"
        with pytest.raises(RefusedError):
            stick.read("good", 3)
        with pytest.raises(RefusedError):
            stick.read("sparse", 2**20)


@pytest.mark.parametrize("name", ["link", "folder-link/secret", "../secret", "/etc/hostname", "sub/../good", "./good"])
def test_old_kernels_are_as_strict(tree: Path, name: str):
    """Where the kernel has no openat2, walking part by part follows no link and leaves by no way either."""
    root = os.open(tree, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with pytest.raises(OSError, match=" ") as caught:
            os.close(beneath.walk(root, name, READ))
        assert caught.value.errno in {errno.ELOOP, errno.EXDEV, errno.ENOTDIR}
        for good in ("good", "sub/good"):
            os.close(beneath.walk(root, good, READ))
    finally:
        os.close(root)


def test_old_kernels_stay_on_the_sticks_file_system():
    """What is mounted inside the stick is not the stick."""
    root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    try:
        with pytest.raises(OSError, match=" ") as caught:
            os.close(beneath.walk(root, "proc/version", READ))
        assert caught.value.errno == errno.EXDEV
        with pytest.raises(OSError, match=" ") as caught:
            os.close(beneath.open_beneath(root, "proc/version", READ))
        assert caught.value.errno == errno.EXDEV
    finally:
        os.close(root)


def test_names_are_bounded(tree: Path):
    """A folder with a million names does not fill the memory."""
    with Folder(tree) as stick:
        assert len(stick.names("sub", 10)) == 1
        assert len(stick.names("missing", 10)) == 0
        for number in range(50):
            (tree / "sub" / f"{number}").touch()
        assert len(stick.names("sub", 10)) == 10


def test_what_stands_in_a_folders_place_is_told(tree: Path):
    """A link or a file where a folder should be is a fault that people read, not an empty folder."""
    (tree / "file").touch()
    (tree / "dangling").symlink_to("nowhere")
    with Folder(tree) as stick:
        for name in ("folder-link", "dangling", "file"):
            with pytest.raises(NotPlainError, match=name):
                stick.names(name, 10)
        assert stick.names("file/below", 10) == ()


def test_a_receipt_is_written_whole_in_folders_made_for_it(tree: Path):
    """The box writes its own names, over what it left before, and leaves no crumbs."""
    with Folder(tree) as stick:
        stick.write("ESTATION/returned/hall/receipt.json", b"one")
        (tree / "ESTATION/returned/hall/.receipt.json.new").write_bytes(b"torn")
        stick.write("ESTATION/returned/hall/receipt.json", b"two")
    folder = tree / "ESTATION/returned/hall"
    assert [path.name for path in folder.iterdir()] == ["receipt.json"]
    assert (folder / "receipt.json").read_bytes() == b"two"


def test_a_link_in_the_way_is_not_written_through(tree: Path):
    """A stick cannot make the box write somewhere else."""
    with Folder(tree) as stick:
        with pytest.raises(StickError):
            stick.write("folder-link/receipt.json", b"x")
        stick.write("sub/inner-link", b"x")
        (tree / "sub/target").symlink_to("../../secret")
        stick.write("sub/target", b"mine")
    assert (tree.parent / "secret").read_bytes() == b"the box's own"
    assert not (tree.parent / "receipt.json").exists()


def test_a_full_stick_is_told_from_a_read_only_one(tree: Path):
    """The word on the TV says which of the two it is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Folder(tree) as stick:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        try:
            with pytest.raises(UnwritableError) as caught:
                stick.write("sub/receipt.html", bytes(5000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.said == said.STICK_FULL
    assert [path.name for path in (tree / "sub").iterdir()] == ["good"]


def test_a_stick_that_may_not_be_written_is_read_only():
    """Write protection is told in plain words."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "ESTATION").mkdir()
        (root / "ESTATION").chmod(0o555)
        root.chmod(0o555)
        before = os.geteuid()
        if before == 0:
            os.seteuid(65534)  # root may write everywhere
        try:
            with Folder(root) as stick, pytest.raises(UnwritableError) as caught:
                stick.write("ESTATION/returned/hall/receipt.json", b"x")
        finally:
            os.seteuid(before)
            root.chmod(0o755)
    assert caught.value.said == said.READ_ONLY


def test_a_stick_that_is_gone_cannot_be_opened(tmp_path: Path):
    """A stick that was pulled before sync began is said to be unreadable."""
    with pytest.raises(UnreadableError):
        Folder(tmp_path / "gone")
