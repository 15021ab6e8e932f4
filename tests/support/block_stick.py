"""A stick as a block device: a file behind a loop device, with ext4 where this kernel knows no FAT. Needs root."""

from __future__ import annotations

import os
import subprocess
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from estation_box.drivers import mount

MIB = 1024 * 1024
FILESYSTEM = "ext4"
OPTIONS = "errors=remount-ro"
NOBODY = 65534


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.strip()


@contextmanager
def block_stick(image: Path, content: Path | None = None, *, mib: int = 24) -> Iterator[str]:
    """The loop device of a stick that holds the folder ``content`` and belongs to nobody."""
    image.write_bytes(b"")
    os.truncate(image, mib * MIB)
    files = ("-d", str(content)) if content else ()
    _run(
        "mkfs.ext4",
        "-q",
        "-F",
        "-m",
        "0",
        "-O",
        "^has_journal",
        "-E",
        f"root_owner={NOBODY}:{NOBODY}",
        *files,
        str(image),
    )
    device = _run("losetup", "--find", "--show", str(image))
    try:
        yield device
    finally:
        subprocess.run(["losetup", "--detach", device], check=False, capture_output=True, timeout=30)


def apart(work: Callable[[], object]) -> None:
    """Do something in a child with mounts of its own; its failure is the test's."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            mount.private_namespace()
            work()
        except BaseException:  # noqa: BLE001 - it must not come back into the test's own code
            os.write(writes, traceback.format_exc().encode()[-60000:])
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as told:
        fault = told.read().decode()
    os.waitpid(pid, 0)
    assert not fault, fault
