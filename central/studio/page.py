"""``estation-studio open``: the desk as a page of this machine alone; see `local_page`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Meta, Struct

from estation_wire.decoding import decoder
from studio import local_page
from studio.desk import Desk
from studio.errors import StudioError
from studio.local_page import LocalHandler, Open

STATIC: Final = Path(__file__).parent / "static"
FILES: Final = {
    "": ("desk.html", "text/html; charset=utf-8"),
    "desk.js": ("desk.js", "text/javascript; charset=utf-8"),
    "desk.css": ("desk.css", "text/css; charset=utf-8"),
}
ASKED_BYTES: Final = 64 * 1024
TYPES: Final = {".mp4": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska", ".png": "image/png"}
_RANGE: Final = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What the page asks for with a press."""

    numbers: Annotated[tuple[int, ...], Meta(max_length=5000)] = ()
    person: Annotated[str, Meta(max_length=64)] = ""
    path: Annotated[str, Meta(max_length=4096)] = ""
    content: Annotated[str, Meta(max_length=64)] = ""


def listen(desk: Desk, port: int = 0) -> Open:
    """Listen on 127.0.0.1; the caller serves and closes it."""
    return local_page.listen(partial(Handler, desk), port)


class Handler(LocalHandler):
    """One request."""

    def __init__(self, desk: Desk, token: str, *arguments: Any) -> None:
        self._desk = desk
        super().__init__(token, *arguments)

    def get(self, part: str) -> None:
        """The page, its state, its posters and films."""
        if part in FILES:
            name, kind = FILES[part]
            self.answer((STATIC / name).read_bytes(), kind)
        elif part == "job":
            self.json(self._desk.job())
        elif part == "state":
            self._told(lambda: self.json(self._desk.state()))
        elif match := re.fullmatch(r"use/([0-9a-f]{64})", part):
            found = match[1]
            self._told(lambda: self.json({"error": "", "words": self._desk.use(found)}))
        elif match := re.fullmatch(r"(poster|film)/([0-9]{1,5})", part):
            self._file(self._desk.file(int(match[2]), poster=match[1] == "poster"))
        else:
            self.refuse(HTTPStatus.NOT_FOUND)

    def post(self, part: str) -> None:
        """A press of a button, or a file that was dropped."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.refuse(HTTPStatus.LENGTH_REQUIRED)
        elif part == "upload":
            name = unquote(urlsplit(self.path).query)
            self._told(lambda: self._desk.take(name, int(length), self.rfile))
        elif int(length) > ASKED_BYTES:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._press(part, self.rfile.read(int(length)))

    def _press(self, part: str, body: bytes) -> None:
        try:
            asked = decoder(Asked).decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.refuse(HTTPStatus.BAD_REQUEST)
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
            self.refuse(HTTPStatus.NOT_FOUND)

    def _told(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (StudioError, OSError) as error:
            self.json({"error": str(error)}, HTTPStatus.CONFLICT)
            return
        if self.command == "POST":
            self.json({"error": ""})

    def _file(self, path: Path | None) -> None:
        if path is None or not path.is_file():
            self.refuse(HTTPStatus.NOT_FOUND)
            return
        size = path.stat().st_size
        match = _RANGE.fullmatch(self.headers.get("Range", ""))
        first, last = 0, size - 1
        if match:
            first, last = int(match[1]), min(int(match[2] or last), last)
        if first > last:
            self.refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            return
        self.send_response(HTTPStatus.PARTIAL_CONTENT if match else HTTPStatus.OK)
        if match:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Accept-Ranges", "bytes")
        self.head(TYPES.get(path.suffix.lower(), "image/jpeg"), last - first + 1)
        with path.open("rb") as file:
            file.seek(first)
            left = last - first + 1
            while left > 0 and (block := file.read(min(left, 2**18))):
                self.wfile.write(block)
                left -= len(block)
