"""Real processes for the stand-in for PID 1: started as systemd would start them, heard on its notify socket."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from estation_box.simulated.unit_files import Service

NOTIFICATION_BYTES: Final = 4096
LINE_BYTES: Final = 2048  # the journal of systemd cuts at 48 kB; nobody reads such a line here
READ_BYTES: Final = 64 * 1024
_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid: SCM_CREDENTIALS in unix(7)


class Ears:
    """The notify socket of one service. Abstract, since a path below a deep root would be too long for a socket."""

    def __init__(self, name: str) -> None:
        self.address = f"@estation-init/{secrets.token_hex(8)}/{name}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(f"\0{self.address[1:]}")

    def fileno(self) -> int:
        """To wait on."""
        return self._socket.fileno()

    def hear(self) -> tuple[int, list[str]] | None:
        """The next notification: who sent it (pid), and its lines; None where there is none."""
        try:
            words, extra, _, _ = self._socket.recvmsg(NOTIFICATION_BYTES, socket.CMSG_SPACE(_CREDENTIALS.size))
        except BlockingIOError:
            return None
        sender = next((_CREDENTIALS.unpack(data)[0] for _, kind, data in extra if kind == socket.SCM_CREDENTIALS), 0)
        return sender, words.decode(errors="replace").splitlines()

    def close(self) -> None:
        """Hear nothing more."""
        self._socket.close()


class RealProcess:
    """One started service and its process group. ``pidfd`` is readable when its main process has ended.

    ``output`` is what it says; it is the caller's to read and to close. Raises `OSError` where it cannot be started.
    """

    def __init__(self, service: Service, root: Path, environment: Mapping[str, str]) -> None:
        directories = {name: str(root / below) for name, below in service.directories.items()}
        for directory in directories.values():
            Path(directory).mkdir(parents=True, exist_ok=True)
        reading, writing = os.pipe()
        self.output = Output(reading)
        try:
            self._popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", sys.executable, *service.command],  # nothing outlives its PID 1
                cwd="/",
                env={**environment, **service.environment, **directories},
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        except OSError:
            self.output.close()
            raise
        finally:
            os.close(writing)
        self.pidfd = os.pidfd_open(self._popen.pid)

    @property
    def pid(self) -> int:
        """See `Process.pid`."""
        return self._popen.pid

    def signal(self, number: signal.Signals) -> None:
        """See `Process.signal`."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

    def memory(self) -> int:
        """See `Process.memory`."""
        return sum(map(_held, _family(self._popen.pid)))

    def code(self) -> int | None:
        """The exit code, or minus the signal; None while it runs."""
        return self._popen.poll()

    def close(self) -> None:
        """Forget it; it must have ended. Its output may still hold last words."""
        os.close(self.pidfd)


def _family(pid: int) -> list[int]:
    """A process and all that it started; those that ended meanwhile are left out."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found


def _held(pid: int) -> int:
    """Bytes of a process that no kernel can take back without a swap: the rest are files, which it reads again."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


class Output:
    """What one process says, line by line."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        """To wait on."""
        return self._descriptor

    def lines(self) -> list[str] | None:
        """The lines that are whole now; None at the end. A line too long is cut into several."""
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return []
        if not data:
            return None
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            whole, self._rest = [*whole, self._rest], b""
        return [line[:LINE_BYTES].decode(errors="replace") for line in whole]

    def close(self) -> None:
        """Read no more."""
        os.close(self._descriptor)
