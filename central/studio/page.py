"""``estation-studio open``: the desk as a page of this machine alone, behind a token that nobody can guess.

No other machine reaches it, no other page can use it: it listens on 127.0.0.1, every address begins with the token,
the name in ``Host`` is checked, and nothing is loaded from outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import compare_digest, token_urlsafe
from typing import Annotated, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Meta, Struct

from studio.desk import Desk
from studio.errors import StudioError

STATIC: Final = Path(__file__).parent / "static"
FILES: Final = {
    "": ("desk.html", "text/html; charset=utf-8"),
    "desk.js": ("desk.js", "text/javascript; charset=utf-8"),
    "desk.css": ("desk.css", "text/css; charset=utf-8"),
}
ASKED_BYTES: Final = 64 * 1024
IDLE_SECONDS: Final = 60.0
TOKEN_BYTES: Final = 24
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
TYPES: Final = {".mp4": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska", ".png": "image/png"}
_RANGE: Final = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What the page asks for with a press."""

    numbers: Annotated[tuple[int, ...], Meta(max_length=5000)] = ()
    person: Annotated[str, Meta(max_length=64)] = ""
    path: Annotated[str, Meta(max_length=4096)] = ""
    content: Annotated[str, Meta(max_length=64)] = ""


class Open(NamedTuple):
    """The page, listening; ``address`` is what the browser opens."""

    server: ThreadingHTTPServer
    address: str


def listen(desk: Desk, port: int = 0) -> Open:
    """Listen on 127.0.0.1; the caller serves and closes it."""
    token = token_urlsafe(TOKEN_BYTES)
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, desk, token))
    server.daemon_threads = True
    return Open(server, f"http://127.0.0.1:{server.server_port}/{token}/")


class Handler(BaseHTTPRequestHandler):
    """One request."""

    timeout = IDLE_SECONDS
    protocol_version = "HTTP/1.1"

    def __init__(self, desk: Desk, token: str, *arguments: object) -> None:
        self._desk, self._token = desk, token
        super().__init__(*arguments)  # type: ignore[arg-type]  # socket, address and server, as the server hands them over

    def do_GET(self) -> None:
        """The page, its state, its posters and films."""
        part = self._part()
        if part is None:
            return
        if part in FILES:
            name, kind = FILES[part]
            self._answer((STATIC / name).read_bytes(), kind)
        elif part == "job":
            self._json(self._desk.job())
        elif part == "state":
            self._told(lambda: self._json(self._desk.state()))
        elif match := re.fullmatch(r"use/([0-9a-f]{64})", part):
            found = match[1]
            self._told(lambda: self._json({"error": "", "words": self._desk.use(found)}))
        elif match := re.fullmatch(r"(poster|film)/([0-9]{1,5})", part):
            self._file(self._desk.file(int(match[2]), poster=match[1] == "poster"))
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """A press of a button, or a file that was dropped."""
        part = self._part()
        length = self.headers.get("Content-Length", "")
        if part is None:
            return
        self.close_connection = True  # a body that is refused is not read
        if not length.isdecimal():
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
        elif part == "upload":
            name = unquote(urlsplit(self.path).query)
            self._told(lambda: self._desk.take(name, int(length), self.rfile))
        elif int(length) > ASKED_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._press(part, self.rfile.read(int(length)))

    def _press(self, part: str, body: bytes) -> None:
        try:
            asked = msgspec.json.decode(body, type=Asked)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        presses: dict[str, Callable[[], None]] = {
            "look": self._desk.look,
            "fix": lambda: self._desk.mend(asked.numbers),
            "prepare": self._desk.prepare,
            "sign": lambda: self._desk.sign(asked.person),
            "recall": lambda: self._desk.recall(asked.content),
            "stick": lambda: self._desk.stick(Path(asked.path)),
        }
        if part in presses:
            self._told(presses[part])
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

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
            self._refuse(HTTPStatus.NOT_FOUND)
            return None
        return parts[0]

    def _told(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (StudioError, OSError) as error:
            self._json({"error": str(error)}, HTTPStatus.CONFLICT)
            return
        if self.command == "POST":
            self._json({"error": ""})

    def _file(self, path: Path | None) -> None:
        if path is None or not path.is_file():
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        size = path.stat().st_size
        match = _RANGE.fullmatch(self.headers.get("Range", ""))
        first, last = 0, size - 1
        if match:
            first, last = int(match[1]), min(int(match[2] or last), last)
        if first > last:
            self._refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            return
        self.send_response(HTTPStatus.PARTIAL_CONTENT if match else HTTPStatus.OK)
        if match:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Accept-Ranges", "bytes")
        self._head(TYPES.get(path.suffix.lower(), "image/jpeg"), last - first + 1)
        with path.open("rb") as file:
            file.seek(first)
            left = last - first + 1
            while left > 0 and (block := file.read(min(left, 2**18))):
                self.wfile.write(block)
                left -= len(block)

    def _json(self, value: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._answer(msgspec.json.encode(value), "application/json", status)

    def _refuse(self, status: HTTPStatus) -> None:
        self._answer(status.phrase.encode(), "text/plain; charset=utf-8", status)

    def _answer(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self._head(kind, len(body))
        self.wfile.write(body)

    def _head(self, kind: str, length: int) -> None:
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
