"""A virtual screen whose frame buffer is a file that can be read while it is drawn."""

from __future__ import annotations

import os
import random
import select
import signal
import socket
import struct
import subprocess
from pathlib import Path
from typing import Self

STARTS_WITHIN = 20.0  # seconds; 0.3 on a quiet machine
ATTEMPTS = 5  # a number may be another server's, even one in a neighbouring container that shares our network


class Xvfb:
    """One Xvfb, on a display number taken by chance; its frame buffer lies in ``folder``."""

    def __init__(self, folder: Path, size: str = "1280x720") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.frame_buffer = folder / "Xvfb_screen0"
        fault = ""
        for _ in range(ATTEMPTS):
            self._start(folder, random.SystemRandom().randrange(100, 10_000), size)
            fault = self._fault()
            if not fault:
                return
            self.close()
            fault += "; " + self._log.read_text(errors="replace")[-300:]
        msg = f"no virtual screen after {ATTEMPTS} attempts: {fault}"
        raise RuntimeError(msg)

    def _start(self, folder: Path, number: int, size: str) -> None:
        reading, writing = os.pipe()
        options = ["-screen", "0", f"{size}x24", "-fbdir", str(folder), "-nolisten", "tcp", "-noreset"]
        self._log = folder / "xvfb.log"
        self.process = subprocess.Popen(
            ["Xvfb", f":{number}", "-displayfd", str(writing), *options],
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=self._log.open("wb"),
        )
        os.close(writing)
        self.display = ":" + _line(reading)
        os.close(reading)

    def _fault(self) -> str:
        """Whether a client that asks for this display reaches this server; empty where it does."""
        if self.display == ":":
            return f"Xvfb did not start within {STARTS_WITHIN:.0f} s"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(STARTS_WITHIN)
            try:
                client.connect(f"\0/tmp/.X11-unix/X{self.display[1:]}")  # as libX11 does, before the file
                client.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
                answer = client.recv(1)
            except OSError as error:
                return f"display {self.display}: {error}"
            credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            owner = struct.unpack("3i", credentials)[0]
        if answer != b"\x01":
            return f"display {self.display} answers {answer!r}"
        return "" if owner == self.process.pid else f"display {self.display} belongs to process {owner}"

    def close(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()  # a killed one leaves its socket behind
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _line(reading: int) -> str:
    """The display's number, up to its newline: a server that cannot write that second piece as well ends itself."""
    told = b""
    while not told.endswith(b"\n"):
        ready, _, _ = select.select([reading], [], [], STARTS_WITHIN)
        piece = os.read(reading, 16) if ready else b""
        if not piece:
            return ""
        told += piece
    return told.decode().strip()
