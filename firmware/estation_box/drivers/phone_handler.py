"""What the page for phones answers; imported only while it is open."""

from __future__ import annotations

import io
import socket
import threading
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import compare_digest, token_urlsafe
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from estation_box.remote.phone import Asked, Question, decode_asked

if TYPE_CHECKING:
    from estation_box.drivers.phone_page import Ask

FILES: Final = {
    "": ("page.html", "text/html; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
}
TOKEN_BYTES: Final = 9  # 72 bits, guessed over a network for ten minutes
MAX_REQUESTS: Final = 8  # at once; a class of forty that scans it waits its turn
ASKED_BYTES: Final = 1024
IDLE_SECONDS: Final = 5.0
REQUEST_SECONDS: Final = 6.0  # of one request as a whole: a phone that sends a byte a second holds a place no longer
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def serve(host: str, ask: Ask, static: Path) -> tuple[ThreadingHTTPServer, str]:
    """Listen at ``host`` on a free port; the server, not yet serving, and its address. Raises `OSError`."""
    token = token_urlsafe(TOKEN_BYTES)
    server = _Bounded((host, 0), partial(_Handler, token, ask, static))
    return server, f"http://{host}:{server.server_port}/{token}/"


class _Bounded(ThreadingHTTPServer):
    """At most `MAX_REQUESTS` threads: what comes beyond is closed unread, and the page asks again."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self._free = threading.BoundedSemaphore(MAX_REQUESTS)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: it would name who asked."""


class _Timely(io.RawIOBase):
    """What a connection sends, until a monotonic second; raises `TimeoutError` then, or where it is silent for long."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        super().__init__()
        self._connection, self._until = connection, until

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]  # io's own type, of any buffer
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(left, IDLE_SECONDS))
        try:
            return self._connection.recv_into(room)
        finally:
            self._connection.settimeout(IDLE_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    """One request, one connection."""

    timeout = IDLE_SECONDS

    def __init__(self, token: str, ask: Ask, static: Path, *arguments: Any) -> None:
        self._token, self._ask, self._static = token, ask, static
        super().__init__(*arguments)

    def setup(self) -> None:
        """Read the request as a whole in its time."""
        super().setup()
        self.rfile = io.BufferedReader(_Timely(self.connection, time.monotonic() + REQUEST_SECONDS))

    def handle(self) -> None:
        """A phone that goes away is no fault."""
        with suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        """The page, how the box is, the films."""
        part = self._part()
        if part in FILES:
            name, kind = FILES[part]
            self._answer((self._static / name).read_bytes(), kind)
        elif part in {"state", "films"}:
            self._told("state" if part == "state" else "films", None)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """A touch."""
        length = self.headers.get("Content-Length", "")
        if self._part() != "do":
            self._refuse(HTTPStatus.NOT_FOUND)
        elif not length.isdecimal() or int(length) > ASKED_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            try:
                asked = decode_asked(self.rfile.read(int(length)))
            except ValueError:
                self._refuse(HTTPStatus.BAD_REQUEST)
                return
            self._told("do", asked)

    def _told(self, what: Question, asked: Asked | None) -> None:
        told = self._ask(what, asked)
        if told is None:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._answer(told, "application/json")

    def _part(self) -> str | None:
        """What is asked for behind the token; None for whoever does not know it, or comes from another page."""
        own = "{}:{}".format(*self.connection.getsockname())
        origin = self.headers.get("Origin")
        _, token, *parts = urlsplit(self.path).path.split("/", 2) + [""] * 2
        if self.headers.get("Host") != own or (origin is not None and urlsplit(origin).netloc != own):
            return None
        return parts[0] if compare_digest(token.encode(), self._token.encode()) else None

    def _refuse(self, status: HTTPStatus) -> None:
        self._answer(status.phrase.encode(), "text/plain; charset=utf-8", status)

    def _answer(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response_only(status)  # without the server's name and its clock
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's own word
        """Say nothing: who asked is nobody's business."""
