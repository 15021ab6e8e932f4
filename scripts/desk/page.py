"""The desk's page: the picture of its television, what the box says, and what hands do."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import unquote

import msgspec
from msgspec import Meta, Struct

from estation_wire.decoding import decoder
from scripts.demo.processes import DemoError
from scripts.desk.desk import Desk
from scripts.desk.picture import Television
from studio import local_page
from studio.local_page import LocalHandler, Open

STATIC: Final = Path(__file__).parent / "static"
FILES: Final = {
    "": ("page.html", "text/html; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
}
ASKED_BYTES: Final = 4 * 1024
MAX_DIGITS: Final = 12
RECEIPT_BYTES: Final = 1024 * 1024


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What a hand does. ``seconds``: how long a finger is on the button."""

    what: Annotated[str, Meta(max_length=20)]
    word: Annotated[str, Meta(max_length=120)] = ""
    seconds: Annotated[float, Meta(ge=0, le=60)] = 0.0


def listen(desk: Desk, television: Television, port: int = 0) -> Open:
    """Listen on 127.0.0.1; the caller serves and closes it."""
    return local_page.listen(partial(Handler, desk, television), port)


class Handler(LocalHandler):
    """One request."""

    def __init__(self, desk: Desk, television: Television, token: str, *arguments: Any) -> None:
        self._desk, self._television = desk, television
        super().__init__(token, *arguments)

    def get(self, part: str) -> None:
        """The page, what the box says, the next picture, a receipt."""
        kind, _, word = part.partition("/")
        if part in FILES:
            name, mime = FILES[part]
            self.answer((STATIC / name).read_bytes(), mime)
        elif part == "state":
            self.json(self._desk.state())
        elif kind == "next" and word.isdecimal():
            self.json(self._television.after(int(word[:MAX_DIGITS])))
        elif kind == "picture":
            self.answer(self._television.jpeg, "image/jpeg")
        elif kind == "receipt":
            self._receipt(unquote(word))
        else:
            self.refuse(HTTPStatus.NOT_FOUND)

    def post(self, part: str) -> None:
        """Something that a hand does."""
        length = self.headers.get("Content-Length", "")
        if part != "do":
            self.refuse(HTTPStatus.NOT_FOUND)
        elif not length.isdecimal() or int(length) > ASKED_BYTES:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._do(self.rfile.read(int(length)))

    def _do(self, body: bytes) -> None:
        try:
            asked = decoder(Asked).decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.refuse(HTTPStatus.BAD_REQUEST)
            return
        try:
            self.json({"error": "", "done": self._desk.do(asked.what, asked.word, asked.seconds)})
        except (DemoError, OSError) as error:
            self.json({"error": str(error)}, HTTPStatus.CONFLICT)

    def _receipt(self, name: str) -> None:
        known = {stick.name for stick in self._desk.table.sticks() if stick.receipt}
        if name not in known:
            self.refuse(HTTPStatus.NOT_FOUND)
            return
        with self._desk.table.receipt(name).open("rb") as file:
            self.answer(file.read(RECEIPT_BYTES), "text/html; charset=utf-8")
