"""A file system on this machine whose every write is logged as QEMU logs those of a box: cuts without a guest.

QEMU's storage daemon lays the logger between a loop device and an image. Needs root and FUSE.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.card_judge import OPTIONS

UP_WITHIN = 20.0


def made(folder: Path, mib: int) -> Path:
    """A young data partition as the image's recipe makes it, in a file."""
    image = folder / "before.img"
    image.write_bytes(b"")
    os.truncate(image, mib << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True, timeout=60)
    return image


@contextmanager
def logged(folder: Path, image: Path, log: Path) -> Iterator[Path]:
    """``image`` mounted as the box mounts it, until the end of the block; all that it is given is in ``log``."""
    export, pid, mounted = folder / "export", folder / "daemon.pid", folder / "mounted"
    for file in (export, log):
        file.write_bytes(b"")
    mounted.mkdir(exist_ok=True)
    command = ["qemu-storage-daemon", "--pidfile", str(pid)]
    for name, path in (("image", image), ("log", log)):
        command += ["--blockdev", f"driver=file,node-name={name},filename={path}"]
    command += ["--blockdev", "driver=blklogwrites,node-name=card,file=image,log=log,log-sector-size=512"]
    command += ["--export", f"type=fuse,id=out,node-name=card,mountpoint={export},writable=on"]
    with subprocess.Popen(command) as daemon:
        try:
            until = time.monotonic() + UP_WITHIN
            while not pid.exists():
                assert daemon.poll() is None, "qemu-storage-daemon does not start: is FUSE there?"
                assert time.monotonic() < until
                time.sleep(0.02)
            mount = ["mount", "-t", "ext4", "-o", f"loop,{OPTIONS}", str(export), str(mounted)]
            subprocess.run(mount, check=True, timeout=60)
            try:
                yield mounted
            finally:
                subprocess.run(["umount", str(mounted)], check=True, timeout=60)
        finally:
            daemon.terminate()
