"""Decisions about the network: when to fetch, how fast, when to try again, and what an answer is worth. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from estation_wire.counts import week_of
from estation_wire.hours import WEEK, Calendar, Hours, Spans, merged
from estation_wire.network import Network

FIRST_WAIT_SECONDS: Final = 2.0
LONGEST_WAIT_SECONDS: Final = 3600.0
SHORTEST_WAIT_SECONDS: Final = 0.05  # the jitter may say nothing at all: never a loop without a breath
ASKED_WAIT_LIMIT_SECONDS: Final = 6 * 3600.0  # a server that asks for more is tried the same night all the same
SPREAD_SECONDS: Final = 1800  # 24,000 boxes whose windows open at 22:00 do not come at 22:00:00
BURST_SECONDS: Final = 0.25  # what may pass at once under a rate cap
SLOWEST_BYTES_PER_SECOND: Final = 512  # slower is no transfer, it is somebody who holds the line
PATIENCE_SECONDS: Final = 60.0
FIRST_START_WAIT_SECONDS: Final = 1800.0  # below the timer's hour: the first failure costs nothing, the third skips one
MAX_REDIRECTS: Final = 3
_CONTENT_RANGE: Final = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19})")
_PAGE: Final = re.compile(rb"\s*<(!doctype\s|html|\?xml)", re.IGNORECASE)
_LENGTH: Final = re.compile(r"[0-9]{1,19}")


class TokenBucket:
    """A cap on bytes per second: who took bytes asks how long to wait. ``now`` is monotonic seconds; 0 is no cap."""

    def __init__(self, bytes_per_second: float, now: float) -> None:
        self._rate = bytes_per_second
        self._free_at = now

    def taken(self, count: int, now: float) -> float:
        """Seconds to wait after ``count`` more bytes. What was not used for longer than a burst is lost."""
        if self._rate <= 0:
            return 0.0
        self._free_at = max(self._free_at, now - BURST_SECONDS) + count / self._rate
        return max(0.0, self._free_at - now)

    def portion(self, most: int) -> int:
        """How many bytes to take at once, so that the waits stay short."""
        return most if self._rate <= 0 else max(1, min(most, int(self._rate * BURST_SECONDS)))


class Pace:
    """Whether a transfer moves at all. ``now`` is monotonic seconds."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._bytes = 0

    def moved(self, count: int, now: float) -> bool:
        """Take ``count`` bytes into account; False where it has been too slow for `PATIENCE_SECONDS`."""
        self._bytes += count
        lasted = now - self._since
        if lasted < PATIENCE_SECONDS:
            return True
        enough = self._bytes >= lasted * SLOWEST_BYTES_PER_SECOND
        self._since, self._bytes = now, 0
        return enough


def wait_before(failures: int, chance: float, asked: float | None = None) -> float:
    """Seconds until the next try after ``failures`` in a row; ``chance`` is 0 to 1, ``asked`` the server's wish.

    The server's wish is a least, kept below `ASKED_WAIT_LIMIT_SECONDS`; what comes on top spreads the boxes.
    """
    most = min(FIRST_WAIT_SECONDS * 2.0 ** min(failures - 1, 20), LONGEST_WAIT_SECONDS)
    least = min(max(asked or 0.0, 0.0), ASKED_WAIT_LIMIT_SECONDS)
    return max(SHORTEST_WAIT_SECONDS, least + chance * most)


def asked_wait(header: str | None, now: datetime) -> float | None:
    """The seconds that a ``Retry-After`` means (a number, or a date); None where it means nothing."""
    text = (header or "").strip()
    if _LENGTH.fullmatch(text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError, TypeError):
        return None


class Permit(Struct, frozen=True, kw_only=True):
    """What may be fetched now; ``seconds`` until that may change for the videos (None: never, or nobody knows)."""

    documents: bool
    videos: bool
    seconds: float | None = None


def permit(network: Network, at: datetime | None, zone: ZoneInfo, station: str) -> Permit:
    """What a station may fetch at ``at`` (UTC; None while the time is a guess).

    Each station's windows open a little later, by its name. A clock that is a guess opens none.
    """
    if network.library is None:
        return Permit(documents=False, videos=False)
    if network.metered:
        return Permit(documents=True, videos=False)
    if not network.windows:
        return Permit(documents=True, videos=True)
    if at is None:
        return Permit(documents=True, videos=False)
    begins: list[float] = []
    for span in _spans(network, at, zone):
        delay = timedelta(seconds=_delay(station, (span.end - span.begin).total_seconds()))
        begin = (span.begin + delay - at).total_seconds()
        end = (span.end - at).total_seconds()
        if begin <= 0 < end:
            return Permit(documents=True, videos=True, seconds=end)
        if begin > 0:
            begins.append(begin)
    return Permit(documents=True, videos=False, seconds=min(begins, default=None))


def _spans(network: Network, at: datetime, zone: ZoneInfo) -> Spans:
    """The windows of the week before, this week and the next; those that touch at midnight are one."""
    hours = Hours(Calendar(opening=network.windows), zone)
    weeks = (week_of(at + shift, zone) for shift in (-WEEK, 0 * WEEK, WEEK))
    return merged(span for week in weeks for span in hours.opening(week))


def _delay(station: str, lasts: float) -> float:
    """Where in the first part of a window a station begins: always the same place, and spread over the stations."""
    share = int.from_bytes(sha256(station.encode()).digest()[:4], "big") / 2**32
    return share * min(SPREAD_SECONDS, lasts / 4)


class Tries(Struct, frozen=True, omit_defaults=True):
    """How it went with one server since the box was switched on; the instants are seconds since then.

    ``patient``: our own wait, which an order from the centre overrides; ``asked``: the server's, which nothing does.
    """

    failures: Annotated[int, Meta(ge=0, le=10**9)] = 0
    patient: float = 0.0
    asked: float = 0.0

    def may(self, up: float, *, ordered: bool) -> bool:
        """Whether the server may be tried at ``up``."""
        return up >= (self.asked if ordered else max(self.asked, self.patient))

    def failed(self, up: float, chance: float, asked: float) -> Tries:
        """It failed at ``up``, and the server asks for ``asked`` seconds; ``chance`` (0 to 1) spreads the boxes."""
        steps = min(self.failures, 20)
        wait = min(FIRST_START_WAIT_SECONDS * 2.0**steps, ASKED_WAIT_LIMIT_SECONDS) * (0.5 + chance / 2)
        least = min(max(asked, 0.0), ASKED_WAIT_LIMIT_SECONDS)
        return Tries(self.failures + 1, up + wait, up + least)


class Address(NamedTuple):
    """What counts of an address before a redirect is followed; ``login``: whether it carries a name or a password."""

    scheme: str
    host: str | None
    port: int | None
    login: bool


def may_follow(asked: Address, there: Address) -> bool:
    """Whether a redirect may be followed: to https, or to the very server that was asked, and never with a login."""
    return not there.login and there.host is not None and (there.scheme == "https" or there == asked)


def is_portal(kind: str, head: bytes) -> bool:
    """Whether a good answer is a page for people: a hotel's or school's log-in, and nothing of ours."""
    page = kind.partition(";")[0].strip().lower() in {"text/html", "application/xhtml+xml"}
    return page or _PAGE.match(head) is not None


class Body(NamedTuple):
    """The bytes that an answer carries: from ``start`` until before ``end``, of a file of ``size`` (None: not told)."""

    start: int
    end: int | None
    size: int | None


def body_of(status: int, content_range: str | None, length: str | None, asked: int) -> Body | None:
    """What a good answer to "from byte ``asked`` on" carries; None where it is not what was asked for."""
    if status == 200:
        size = int(length) if length and _LENGTH.fullmatch(length.strip()) else None
        return Body(0, size, size)
    found = _CONTENT_RANGE.fullmatch((content_range or "").strip())
    if status != 206 or found is None:
        return None
    start, last, size = (int(group) for group in found.groups())
    return Body(start, last + 1, size) if start == asked and start <= last < size else None
