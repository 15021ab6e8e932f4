"""The library on a web server, through urllib3: read like a stick, so that the very same checks see every byte.

A video is asked for from the byte that is needed on (``Range``), of the very file that was begun (``If-Range``); what
is cut goes on where it was cut. No more is ever read than the size that the server told first, which the reader holds
against the signed one.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self, TypeVar
from urllib.parse import quote

import urllib3

from estation_box.drivers.http_answer import AgainError, Answer, Line, end, pool, redirected, translated
from estation_box.drivers.tls import tls
from estation_box.library import said, said_network
from estation_box.library.interfaces import MissingError, RefusedError, UnreadableError, UnwritableError
from estation_box.library.network import (
    MAX_REDIRECTS,
    Pace,
    TokenBucket,
    asked_wait,
    body_of,
    is_portal,
    wait_before,
)
from estation_box.library.network_interfaces import LaterError, NotNowError, PortalError
from estation_box.library.rules import HEAD_BYTES
from estation_box.words import Said
from estation_wire import stick as layout

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0  # without one byte; a slow but moving line is `Pace`'s matter
MAX_TRIES: Final = 8  # in a row without one new byte
MAX_WAIT_SECONDS: Final = 120.0  # longer waits are core's: sync is a short-lived process
PEEK_BYTES: Final = 256
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({403, 404, 410})
T = TypeVar("T")


class Server(NamedTuple):
    """Where the library is and how this station may read it.

    ``authority``: a private CA in PEM ("" is the system's). ``check_dates``: false while the clock is a guess.
    ``no_videos``: why none may be fetched now. ``seconds``: how long videos may be fetched from now on.
    """

    url: str
    authority: str = ""
    proxy: str | None = None
    check_dates: bool = True
    bytes_per_second: int = 0
    no_videos: Said | None = None
    seconds: float | None = None
    beneath: str = f"{layout.ROOT}/library/"
    """What stands before a name that is looked for at ``url``."""


class HttpFile:
    """See `OpenFile`. ``size`` is the server's word, to be held against the signed one."""

    def __init__(self, source: HttpSource, name: str) -> None:
        self._source = source
        self._name = name
        self._at = 0
        self._fruitless = 0
        self._answer: Answer | None = source.answer(name, 0, last=HEAD_BYTES - 1)
        size = self._answer.body.size
        if size is None:
            self._close()
            raise LaterError(said_network.WRONG_ANSWER, f"{name}: no length", MAX_WAIT_SECONDS)
        self.size: int = size
        self._tag = self._answer.tag if not self._answer.tag.startswith("W/") else ""

    def readinto(self, buffer: memoryview, /) -> int:
        """See `OpenFile.readinto`."""
        with self._source.watched():
            return self._read(buffer)

    def _read(self, buffer: memoryview) -> int:
        most = min(len(buffer), self.size - self._at)
        while most > 0:
            self._source.refuse_late()
            try:
                data = self._ready().read(most)
            except AgainError as error:
                self._cut(error)
                continue
            if data:
                self._fruitless = 0
                buffer[: len(data)] = data
                self._at += len(data)
                return len(data)
            self._cut(AgainError(said_network.UNREACHABLE, f"{self._name}: cut"))
        return 0

    def seek(self, offset: int, /) -> None:
        """See `OpenFile.seek`."""
        if offset != self._at:
            self._close()
        self._at = offset

    def _ready(self) -> Answer:
        """An answer that stands at our place; raises as `HttpSource.answer` does, or `AgainError`."""
        if self._answer is not None and self._at == self._answer.body.end:
            self._close()  # it was asked for the beginning only
        if self._answer is None:
            self._answer = answer = self._source.answer(self._name, self._at, tag=self._tag)
            if answer.body.size != self.size:
                raise LaterError(said_network.WRONG_ANSWER, f"{self._name} is another file now", MAX_WAIT_SECONDS)
            skip = self._at - answer.body.start  # a server without ranges begins at its beginning
            while skip > 0 and (data := answer.read(skip)):
                skip -= len(data)
            if skip > 0:
                raise AgainError(said_network.UNREACHABLE, f"{self._name}: cut")
        return self._answer

    def _cut(self, error: AgainError) -> None:
        """The line was cut: wait a little, longer where nothing new comes at all. Raises `LaterError`."""
        self._close()
        self._fruitless += 1
        self._source.pause(self._fruitless, error)

    def _close(self) -> None:
        if self._answer is not None:
            self._answer.end()
            self._answer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()


class HttpSource:
    """See `Stick`: what a stick has beneath ``ESTATION/library``, read from a server. Closed by ``with``."""

    def __init__(
        self,
        server: Server,
        chance: random.Random,
        *,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        yields: Callable[[], bool] = lambda: False,
    ) -> None:
        """``yields``: whether somebody else's work comes first now."""
        self._server = server
        self._chance = chance
        self._yields = yields
        self.failure: UnreadableError | None = None
        """The last fault of server or line, for whoever decides when to come again."""
        self._line = Line(TokenBucket(server.bytes_per_second, now()), now, wait)
        self._ends = None if server.seconds is None else now() + server.seconds
        self._pool = pool(tls(server.authority, check_dates=server.check_dates), server.proxy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def open(self, name: str) -> HttpFile:
        """See `Stick.open`; raises `NotNowError` where videos may not be fetched."""
        if name.startswith(layout.CONTENT):
            if self._server.no_videos is not None:
                raise NotNowError(self._server.no_videos, name)
            self.refuse_late()
        with self.watched():
            return HttpFile(self, name)

    def read(self, name: str, limit: int) -> bytes:
        """See `Stick.read`; raises `LaterError` or `PortalError` too."""
        with self.watched():
            return self._tried(lambda: self._whole(name, limit))

    def names(self, _folder: str, _limit: int) -> tuple[str, ...]:
        """See `Stick.names`: a server lists nothing."""
        return ()

    def write(self, name: str, _data: bytes) -> None:
        """See `Stick.write`: nothing is ever written."""
        raise UnwritableError(said_network.NETWORK_READS, name)

    def refuse_late(self) -> None:
        """Raise `NotNowError` once the hours for videos are over, or where somebody else comes first."""
        self._give_way()
        if self._ends is not None and self._line.now() >= self._ends:
            raise NotNowError(said_network.NOT_NOW)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Remember what goes wrong with the server."""
        try:
            yield
        except UnreadableError as error:
            if not isinstance(error, NotNowError):
                self.failure = error
            raise

    def _give_way(self) -> None:
        if self._yields():
            raise NotNowError(said_network.GIVES_WAY)

    def answer(self, name: str, start: int, *, tag: str = "", last: int | None = None) -> Answer:
        """A good answer for ``name`` from byte ``start`` on. Raises `StickError` of the kinds above."""
        return self._tried(lambda: self._asked(name, start, tag, last))

    def pause(self, failures: int, error: AgainError) -> None:
        """Wait before the next try; raises `LaterError` where that is not worth it, or `NotNowError`."""
        self._give_way()
        seconds = wait_before(failures, self._chance.random(), error.asked)
        if failures >= MAX_TRIES or seconds > MAX_WAIT_SECONDS:
            raise LaterError(error.said, str(error), seconds) from None
        self._line.wait(seconds)

    def _tried(self, work: Callable[[], T]) -> T:
        failures = 0
        while True:
            try:
                return work()
            except AgainError as error:
                failures += 1
                self.pause(failures, error)

    def _whole(self, name: str, limit: int) -> bytes:
        answer = self._asked(name, 0, "", None)
        try:
            size, data = answer.body.size, bytearray()
            if size is not None and size > limit:
                raise RefusedError(said.HALF_COPIED, f"{name}: {size} bytes, at most {limit} are allowed")
            while len(data) <= limit and (portion := answer.read(limit + 1 - len(data))):
                data += portion
        finally:
            answer.end()
        if is_portal(answer.kind, bytes(data[:PEEK_BYTES])):
            raise PortalError(said_network.PORTAL, name)
        if len(data) > limit:
            raise RefusedError(said.HALF_COPIED, f"{name}: more than {limit} bytes")
        if size is not None and len(data) != size:
            raise AgainError(said_network.UNREACHABLE, f"{name}: {len(data)} of {size} bytes")
        return bytes(data)

    def _asked(self, name: str, start: int, tag: str, last: int | None) -> Answer:
        """One request and its redirects."""
        beneath = self._server.beneath
        if not name.startswith(beneath):
            raise MissingError(said_network.NOT_THERE, name)
        url = f"{self._server.url.rstrip('/')}/{quote(name.removeprefix(beneath), safe='/%')}"
        headers = {"Accept-Encoding": "identity", "User-Agent": "estation"}
        if start or last is not None:
            headers["Range"] = f"bytes={start}-{'' if last is None else last}"
        if start and tag:
            headers["If-Range"] = tag
        pace = Pace(self._line.now())
        for _ in range(MAX_REDIRECTS + 1):
            with translated():
                response = self._request(url, headers)
            if response.status not in _MOVED:
                return self._judged(response, name, start, tag, pace)
            there = redirected(url, response.headers.get("Location", ""))
            end(response)
            if there is None:
                raise PortalError(said_network.PORTAL, f"{url} leads elsewhere")
            url = there
        raise LaterError(said_network.WRONG_ANSWER, f"{name}: too many redirects", MAX_WAIT_SECONDS)

    def _request(self, url: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        return self._pool.request(
            "GET", url, headers=headers, preload_content=False, redirect=False, retries=False, timeout=timeout
        )

    def _judged(self, response: urllib3.BaseHTTPResponse, name: str, start: int, tag: str, pace: Pace) -> Answer:
        headers, status = response.headers, response.status
        body = body_of(status, headers.get("Content-Range"), headers.get("Content-Length"), start)
        if body is not None and headers.get("Content-Encoding", "identity") == "identity":
            answer = Answer(response, body, pace, self._line)
            if is_portal(answer.kind, b""):
                answer.end()
                raise PortalError(said_network.PORTAL, name)
            if status == 200 or not tag or answer.tag in {"", tag}:
                return answer
        end(response)
        if status in _GONE:
            raise MissingError(said_network.NOT_THERE, name)
        busy = status == 429 or status >= 500
        asked = asked_wait(headers.get("Retry-After"), datetime.now(UTC)) if busy else None
        sentence = said_network.BUSY if busy else said_network.WRONG_ANSWER
        raise AgainError(sentence, f"{name}: status {status}", asked)
