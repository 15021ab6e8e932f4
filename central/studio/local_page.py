"""A page of this machine alone, behind a token that nobody can guess.

No other machine reaches it, no other page can use it: it listens on 127.0.0.1, every address begins with the token,
the name in ``Host`` is checked, and nothing is loaded from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import compare_digest, token_urlsafe
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

SCRIPT: Final = Path(__file__).parent / "static/local.js"  # what every such page begins with
IDLE_SECONDS: Final = 60.0
TOKEN_BYTES: Final = 24
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class Open(NamedTuple):
    """The page, listening; ``address`` is what the browser opens."""

    server: ThreadingHTTPServer
    address: str


def listen(handler: Callable[..., BaseHTTPRequestHandler], port: int = 0) -> Open:
    """Listen on 127.0.0.1; the caller serves and closes it.

    ``handler`` takes the token, then what the server hands over.
    """
    token = token_urlsafe(TOKEN_BYTES)
    server = ThreadingHTTPServer(("127.0.0.1", port), lambda *arguments: handler(token, *arguments))
    server.daemon_threads = True
    return Open(server, f"http://127.0.0.1:{server.server_port}/{token}/")


class LocalHandler(BaseHTTPRequestHandler):
    """One request. A page is a subclass that knows what is behind its token."""

    timeout = IDLE_SECONDS
    protocol_version = "HTTP/1.1"

    def __init__(self, token: str, *arguments: Any) -> None:
        """``arguments``: socket, address and server, as the server hands them over."""
        self._token = token
        super().__init__(*arguments)

    def handle(self) -> None:
        """Requests until the other side leaves, which is no fault of anybody's."""
        with suppress(ConnectionError):
            super().handle()

    def get(self, part: str) -> None:
        """Somebody with the token asks for ``part``."""
        raise NotImplementedError

    def post(self, part: str) -> None:
        """Somebody with the token presses ``part``. The connection ends with the answer."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """The base class's own word."""
        part = self._part()
        if part == SCRIPT.name:
            self.answer(SCRIPT.read_bytes(), "text/javascript; charset=utf-8")
        elif part is not None:
            self.get(part)

    def do_POST(self) -> None:
        """The base class's own word."""
        part = self._part()
        if part is not None:
            self.close_connection = True  # a body that is refused is not read
            self.post(part)

    def _part(self) -> str | None:
        """What is asked for behind the token; None, and refused, for anybody else."""
        host, _, rest = self.headers.get("Host", "").partition(":")
        _, token, *parts = urlsplit(self.path).path.split("/", 2) + [""] * 2
        origin = self.headers.get("Origin")
        own = origin is None or urlsplit(origin).netloc == f"{host}:{rest}"
        if (
            host not in {"127.0.0.1", "localhost"}
            or not own
            or not compare_digest(token.encode(), self._token.encode())
        ):
            self.close_connection = True
            self.refuse(HTTPStatus.NOT_FOUND)
            return None
        return parts[0]

    def json(self, value: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Answer with a value."""
        self.answer(msgspec.json.encode(value), "application/json", status)

    def refuse(self, status: HTTPStatus) -> None:
        """Answer that it is not to be had."""
        self.answer(status.phrase.encode(), "text/plain; charset=utf-8", status)

    def answer(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Answer with a body."""
        self.send_response(status)
        self.head(kind, len(body))
        self.wfile.write(body)

    def head(self, kind: str, length: int) -> None:
        """The headers of every answer."""
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in (
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's own word
        """Say nothing: the token stands in every line."""
