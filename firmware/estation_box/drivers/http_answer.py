"""One answer of a web server, read portion by portion: not faster than allowed, and not for ever."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

import urllib3

from estation_box.library import said_network
from estation_box.library.interfaces import UnreadableError
from estation_box.library.network import Address, Body, Pace, TokenBucket, may_follow
from estation_box.words import Said

PORTION_BYTES: Final = 256 * 1024
ERROR_BODY_BYTES: Final = 4096  # read, so that the connection can be used again


class Line(NamedTuple):
    """The one way out that all answers share. ``now`` is monotonic seconds."""

    bucket: TokenBucket
    now: Callable[[], float]
    wait: Callable[[float], None]


class AgainError(Exception):
    """It did not work this time; ``asked`` is the wait that the server wishes."""

    def __init__(self, said: Said, detail: str, asked: float | None = None) -> None:
        super().__init__(detail)
        self.said = said
        self.asked = asked


class Answer:
    """One good answer, read portion by portion."""

    def __init__(self, response: urllib3.BaseHTTPResponse, body: Body, pace: Pace, line: Line) -> None:
        self._response = response
        self._pace = pace
        self._line = line
        self.body = body
        self.kind = response.headers.get("Content-Type", "")
        self.tag = response.headers.get("ETag", "")

    def read(self, most: int) -> bytes:
        """Some bytes, at most ``most``; none at the end. Raises `AgainError`."""
        with translated():
            data = self._response.read1(self._line.bucket.portion(min(most, PORTION_BYTES)), decode_content=False)
        moves = self._pace.moved(len(data), self._line.now())
        if not moves:
            raise AgainError(said_network.UNREACHABLE, "it hardly moves")
        wait = self._line.bucket.taken(len(data), self._line.now())
        if wait > 0:
            self._line.wait(wait)
        return data

    def end(self) -> None:
        """Give the connection back if all was read, and close it if not."""
        end(self._response)


def pool(context: ssl.SSLContext, proxy: str | None) -> urllib3.PoolManager:
    """Connections to servers, by way of ``proxy`` where there is one."""
    return urllib3.ProxyManager(proxy, ssl_context=context) if proxy else urllib3.PoolManager(ssl_context=context)


def redirected(asked: str, location: str) -> str | None:
    """Where a redirect leads; None where it must not be followed."""
    try:
        there = urljoin(asked, location)
        return there if may_follow(_address(asked), _address(there)) else None
    except ValueError:
        return None


def _address(url: str) -> Address:
    parts = urlsplit(url)
    return Address(parts.scheme, parts.hostname, parts.port, bool(parts.username or parts.password))


def end(response: urllib3.BaseHTTPResponse) -> None:
    """Give the connection back for the next request if little is left to read, and close it if not."""
    with contextlib.suppress(urllib3.exceptions.HTTPError, OSError, ValueError):
        if response.length_remaining and response.status >= 300:  # the few words of a refusal
            response.read1(ERROR_BODY_BYTES)
        if response.length_remaining == 0:
            response.drain_conn()  # nothing is left, but it has to be told so
            response.release_conn()
            return
    with contextlib.suppress(urllib3.exceptions.HTTPError, OSError):
        response.close()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Let urllib3's errors out as `AgainError`, or `UnreadableError` for a server that is not ours."""
    try:
        yield
    except urllib3.exceptions.SSLError as error:
        raise UnreadableError(said_network.NOT_SECURE, str(error)) from error
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise AgainError(said_network.UNREACHABLE, str(error)) from error
