"""A hand inside the box, for tests alone: a unit more, in RAM, that does what comes through a virtual serial port.

It is laid behind the initrd of the test's copy of the card, as `firmware/image/stages/trust` lays the publisher's root;
the system partition is the image's own, and so is every byte of it that runs. With it a test makes trouble (a process
that stands still, a kernel that panics, a full disk) and reads what a technician with a shell would read.
"""

from __future__ import annotations

import base64
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent / "inside"
PORT = "estation.test"


def equip(folder: Path, initrd: Path, masked: Iterable[str] = ()) -> None:
    """Lay the unit behind an initrd, which grows; ``masked``: units that shall be links to /dev/null."""
    tree = folder / "inside-tree"
    shutil.rmtree(tree, ignore_errors=True)
    for name, where in (("switch_root", "bin"), ("inside.service", "inside"), ("inside.sh", "inside")):
        (tree / where).mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / name, tree / where / name)
    (tree / "bin/switch_root").chmod(0o755)
    (tree / "inside/masked").write_text("".join(f"{unit}\n" for unit in masked))
    packed = "find bin inside | sort | cpio --quiet -o -H newc -R 0:0 | zstd -q -3"
    with initrd.open("ab") as out:
        subprocess.run(["sh", "-c", packed], cwd=tree, stdout=out, check=True, timeout=30)


def arguments(folder: Path) -> list[str]:
    """What QEMU has to be told."""
    channel = f"socket,id=inside,path={folder}/inside,server=on,wait=off"
    port = f"virtserialport,chardev=inside,name={PORT}"
    return ["-chardev", channel, "-device", "virtio-serial-pci", "-device", port]


class Inside:
    """The test's end of the line. What is asked before the box is up waits for it."""

    def __init__(self, folder: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(folder / "inside"))
        self._rest = b""
        self._number = 0

    def run(self, command: str, within: float = 120.0) -> str:
        """What a command says; its failure fails the test."""
        status, said = self.tried(command, within)
        assert status == 0, f"{command}: {status}\n{said}"
        return said

    def tried(self, command: str, within: float = 120.0) -> tuple[int, str]:
        """A command's exit status, and all that it says."""
        number = self.send(command)
        ends = time.monotonic() + within
        while True:
            while b"\n" not in self._rest:
                left = ends - time.monotonic()
                ready = left > 0 and select.select([self._socket], [], [], left)[0]
                assert ready, f"no answer within {within:.0f} s: {command}"
                self._rest += self._socket.recv(65536)
            line, self._rest = self._rest.split(b"\n", 1)
            words = line.split(b" ")
            if words[0] == b"%d" % number:
                return int(words[1]), base64.b64decode(words[2]).decode(errors="replace")

    def send(self, command: str) -> int:
        """Send a command off whose answer nobody will hear, since it ends the box; its number."""
        self._number += 1
        self._socket.sendall(b"%d %s\n" % (self._number, base64.b64encode(command.encode())))
        return self._number
