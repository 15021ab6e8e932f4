"""A real web server over a library's folder, with every fault that a line, a mirror or a school's network has."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from tests.support.served import Served

PORTAL = b"<!DOCTYPE html><html><body>Welcome, please log in</body></html>"
CHUNK = 64 * 1024


class Fault(NamedTuple):
    """What goes wrong with the next request whose path holds ``match``.

    ``kind``: cut (after ``at`` bytes of body, by FIN or RST), wrong-range, whole (200 though a range was asked), tag
    (another ETag), endless, loris, portal, status (``at``), redirect (``word``), noise (wrong bytes), other-size.
    """

    kind: str
    match: str = ""
    at: int = 0
    word: str = ""
    reset: bool = False


class WebServer(Served):
    """Serves ``folder`` on loopback; ``faults`` are used up in order. ``rate``: bytes a second, 0 is no limit."""

    def __init__(self, folder: Path, *, context: ssl.SSLContext | None = None, rate: int = 0) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str]] = []
        """Path and range of each request."""
        self.sent = 0
        self.rate = rate
        self.cut_at: list[int] = []
        """The line is cut when so many bytes were sent in all, one after the other."""
        self.lock = threading.Lock()
        self._closing = threading.Event()
        outer = self

        class Handler(_Handler):
            server_of_ours = outer

        super().__init__(Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if context else "http"
        self.url = f"{scheme}://localhost:{self.port}"

    def __exit__(self, *error: object) -> None:
        self._closing.set()
        super().__exit__(*error)

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    def next_fault(self, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.match in path:
                    self.faults.remove(fault)
                    return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    server_of_ours: WebServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 128 * 1024)

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        ours = self.server_of_ours
        path = self.path
        if path.startswith("http://"):  # somebody takes us for a proxy
            path = "/" + path.split("/", 3)[3]
        with ours.lock:
            ours.asked.append((path, self.headers.get("Range", "")))
        fault = ours.next_fault(path)
        if fault is not None and fault.kind in {"portal", "status", "redirect"}:
            self._short(fault)
            return
        file = ours.folder / unquote(path.split("?")[0].lstrip("/"))
        if not file.is_file():
            self._answer(404, b"not found", {"Content-Type": "text/html"})
            return
        self._file(file, fault)

    def _short(self, fault: Fault) -> None:
        if fault.kind == "portal":
            self._answer(200, PORTAL, {"Content-Type": fault.word or "text/html; charset=utf-8"})
        elif fault.kind == "redirect":
            self._answer(302, b"", {"Location": fault.word})
        else:
            self._answer(fault.at, b"later", {"Retry-After": fault.word} if fault.word else {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        with self.server_of_ours.lock:
            self.server_of_ours.sent += len(body)

    def _file(self, file: Path, fault: Fault | None) -> None:
        kind, size = fault.kind if fault else "", file.stat().st_size
        tag = '"other"' if kind == "tag" else f'"{size}-{file.stat().st_mtime_ns}"'
        first, last = 0, size - 1
        asked = self.headers.get("Range", "").removeprefix("bytes=")
        same = self.headers.get("If-Range", tag) == tag or kind == "tag"
        ranged = bool(asked) and same and kind not in {"whole", "endless"}
        if ranged:
            begin, _, end = asked.partition("-")
            first, last = int(begin), min(int(end or last), last)
        self.send_response(206 if ranged else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", "application/octet-stream")
        if ranged:
            shift = 1 if kind == "wrong-range" else 0
            self.send_header("Content-Range", f"bytes {first + shift}-{last}/{size + (kind == 'other-size')}")
        if kind == "endless":
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self._body(file, first, last, fault)

    def _body(self, file: Path, first: int, last: int, fault: Fault | None) -> None:
        ours, kind = self.server_of_ours, fault.kind if fault else ""
        left, sent = last - first + 1, 0
        most = fault.at if fault and kind == "cut" else left
        with file.open("rb") as reading:
            reading.seek(first)
            while (left > 0 or kind == "endless") and sent < most + (kind == "endless") * 2**40 and not ours.closing:
                size = 1 if kind == "loris" else min(CHUNK, left, most - sent) if kind != "endless" else CHUNK
                data = reading.read(size) if kind != "endless" else bytes(size)
                if kind == "noise":
                    data = bytes(byte ^ 1 for byte in data)
                self.wfile.write(data)
                sent, left = sent + len(data), left - len(data)
                with ours.lock:
                    ours.sent += len(data)
                if ours.cut_at and ours.sent >= ours.cut_at[0]:
                    ours.cut_at.pop(0)
                    self._cut(reset=False)
                    return
                if kind == "loris":
                    time.sleep(0.05)
                elif ours.rate:
                    time.sleep(len(data) / ours.rate)
        if kind == "cut":
            self._cut(reset=bool(fault and fault.reset))

    def _cut(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
