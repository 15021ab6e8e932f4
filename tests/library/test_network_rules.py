"""Decisions about the network, held against every hour and every strange answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_box.drivers.http_answer import redirected
from estation_box.library.network import (
    ASKED_WAIT_LIMIT_SECONDS,
    BURST_SECONDS,
    LONGEST_WAIT_SECONDS,
    PATIENCE_SECONDS,
    SPREAD_SECONDS,
    Body,
    Pace,
    Permit,
    TokenBucket,
    Tries,
    asked_wait,
    body_of,
    is_portal,
    permit,
    wait_before,
)
from estation_wire.hours import WEEKDAYS, Window
from estation_wire.network import Network

URL = "https://kepu.example/library"
NIGHT = (
    Window(days=WEEKDAYS, begin="22:00", end="24:00"),
    Window(days=WEEKDAYS, begin="00:00", end="06:00"),
)
ZONE = ZoneInfo("Asia/Urumqi")
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@given(st.integers(1_000, 10_000_000), st.lists(st.integers(1, 400_000), min_size=50, max_size=80))
def test_the_rate_cap_is_held_within_five_percent(rate: int, portions: list[int]):
    """However the portions fall, the rate over the whole transfer is the cap's, within five percent and one burst."""
    bucket, now, total = TokenBucket(rate, 100.0), 100.0, 0
    for portion in portions:
        count = bucket.portion(portion)
        total += count
        now += bucket.taken(count, now)
    least = total / rate
    assert least * 0.95 - BURST_SECONDS <= now - 100.0 <= least * 1.05 + 1e-6


def test_a_pause_is_not_made_up_for():
    """After an hour of silence a capped line does not pour an hour's worth at once."""
    bucket = TokenBucket(1000, 0.0)
    assert bucket.taken(1000, 3600.0) == pytest.approx(1.0 - BURST_SECONDS)
    assert TokenBucket(0, 0.0).taken(10**9, 0.0) == 0.0
    assert TokenBucket(0, 0.0).portion(7) == 7


def test_a_line_that_hardly_moves_is_given_up():
    """One byte each second is nobody's transfer; a slow modem is."""
    crawling, slow = Pace(0.0), Pace(0.0)
    assert all(crawling.moved(1, float(second)) for second in range(int(PATIENCE_SECONDS)))
    assert not crawling.moved(1, PATIENCE_SECONDS)
    assert all(slow.moved(2000, float(second)) for second in range(300))


@given(st.integers(1, 10_000), st.floats(0, 1), st.none() | st.floats(-1e9, 1e9))
def test_the_wait_has_bounds(failures: int, chance: float, asked: float | None):
    """Whatever a server asks and however often it failed, the box waits some moments and some hours at most."""
    wait = wait_before(failures, chance, asked)
    assert 0 < wait <= ASKED_WAIT_LIMIT_SECONDS + LONGEST_WAIT_SECONDS
    assert wait >= min(asked or 0, ASKED_WAIT_LIMIT_SECONDS)


def test_a_servers_wish_is_read_as_seconds_or_as_a_date():
    """``Retry-After`` comes in two forms; nonsense is no wish."""
    assert asked_wait("120", NOW) == 120.0
    assert asked_wait("Wed, 25 Nov 2026 00:01:00 GMT", NOW) == 60.0
    assert asked_wait("Wed, 25 Nov 2020 00:01:00 GMT", NOW) == 0.0
    for nonsense in (None, "", "soon", "-5", "9" * 30):
        assert asked_wait(nonsense, NOW) is None


def at(clock: str, day: int = 25) -> datetime:
    """Wall time in `ZONE` on a day of November 2026; the 25th is a Wednesday."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{clock}:00").replace(tzinfo=ZONE).astimezone(UTC)


def may(network: Network, now: datetime | None, station: str = "hall-1") -> Permit:
    return permit(network, now, ZONE, station)


def test_videos_come_at_night_where_the_site_says_so():
    """By day the documents only; by night the videos too, until the window ends, over midnight as well."""
    network = Network(library=URL, windows=NIGHT)
    day = may(network, at("12:00"))
    assert (day.documents, day.videos) == (True, False)
    assert 10 * 3600 <= day.seconds <= 10 * 3600 + SPREAD_SECONDS
    for clock, left in (("23:00", 7 * 3600), ("02:00", 4 * 3600)):
        night = may(network, at(clock))
        assert (night.videos, night.seconds) == (True, left)
    assert not may(network, at("06:00")).videos


def test_a_window_may_be_the_weekends_alone():
    """On a Wednesday the box waits for Saturday, and goes on over Saturday's midnight until the end of Sunday."""
    network = Network(library=URL, windows=(Window(days=("SA", "SU"), begin="00:00", end="24:00"),))
    wednesday = may(network, at("12:00"))
    assert not wednesday.videos
    assert 60 * 3600 <= wednesday.seconds <= 60 * 3600 + SPREAD_SECONDS
    assert may(network, at("23:59", 28)) == Permit(documents=True, videos=True, seconds=24 * 3600 + 60)
    sunday_night = Network(library=URL, windows=(*network.windows, Window(days=("MO",), begin="00:00", end="06:00")))
    assert may(sunday_night, at("23:00", 29)).seconds == 7 * 3600, "over the end of the week as well"


def test_the_night_in_which_the_clock_is_put_back_is_an_hour_longer():
    """Windows are wall time, and seconds are seconds."""
    zone = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 24, 23, 0, tzinfo=zone).astimezone(UTC)
    assert permit(Network(library=URL, windows=NIGHT), now, zone, "hall-1").seconds == 8 * 3600


def test_boxes_do_not_come_at_the_same_second():
    """A thousand boxes whose window opens at 22:00 spread over half an hour, evenly; each at its own place always."""
    network = Network(library=URL, windows=NIGHT)
    begins = sorted(may(network, at("12:00"), f"hall-{n}").seconds - 36_000 for n in range(1000))
    assert all(abs(begin - SPREAD_SECONDS * n / 1000) < 120 for n, begin in enumerate(begins))
    assert may(network, at("12:00"), "a") == may(network, at("12:00"), "a")


def test_a_site_without_library_or_with_a_costly_line():
    """Without an address nothing is fetched; where bytes cost money, documents alone; without windows, always."""
    assert not may(Network(), at("12:00")).documents
    metered = may(Network(library=URL, metered=True, windows=NIGHT), at("23:00"))
    assert (metered.documents, metered.videos) == (True, False)
    assert may(Network(library=URL), at("12:00")).videos
    never = may(Network(library=URL, windows=(Window(days=WEEKDAYS, begin="08:00", end="08:00"),)), at("08:00"))
    assert never == Permit(documents=True, videos=False, seconds=None)


def test_a_clock_that_is_a_guess_fires_no_rule_of_the_wall_clock():
    """Who does not know the hour opens no window; where there are none, there is nothing to know."""
    assert may(Network(library=URL, windows=NIGHT), None) == Permit(documents=True, videos=False)
    assert may(Network(library=URL), None).videos


@given(st.integers(0, 1439), st.integers(1, 1440), st.integers(0, 1439))
def test_every_window_is_open_for_a_part_of_the_day(first: int, lasts: int, now: int):
    """Whatever hours a site sets, a box learns at any minute when it may fetch next, within a day and the spread."""
    end = min(first + lasts, 1440)
    begins, ends = (f"{minute // 60:02}:{minute % 60:02}" for minute in (first, end))
    network = Network(library=URL, windows=(Window(days=WEEKDAYS, begin=begins, end=ends),))
    found = may(network, at("00:00") + timedelta(minutes=now))
    week = 14 * 86_400 if (first, end) == (0, 1440) else 86_400
    assert 0 < found.seconds <= week + SPREAD_SECONDS


def test_failures_wait_longer_and_longer_within_bounds():
    """The first failure costs no hourly start, the fourth several; never more than six hours, and spread by half."""
    tries, waits = Tries(), []
    for _ in range(8):
        tries = tries.failed(0.0, 0.3, 0.0)
        waits.append(tries.patient)
    assert waits == sorted(waits)
    assert waits[0] <= 1800
    assert waits[3] > 3600
    assert waits[-1] <= ASKED_WAIT_LIMIT_SECONDS
    asked = Tries().failed(100.0, 0.5, 10.0**9)
    assert asked.asked == 100.0 + ASKED_WAIT_LIMIT_SECONDS
    assert not asked.may(100.0, ordered=True), "an order does not override what the server asks for"
    assert tries.may(1.0, ordered=True), "but our own patience it does"
    assert not tries.may(1.0, ordered=False)
    assert asked.may(100.0 + ASKED_WAIT_LIMIT_SECONDS, ordered=False)


def test_redirects_lead_to_https_or_nowhere():
    """A redirect to plain http, to another scheme or with a password is not followed; one on the same server is."""
    assert redirected(f"{URL}/a", "/b") == "https://kepu.example/b"
    assert redirected(f"{URL}/a", "https://cdn.example/b") == "https://cdn.example/b"
    assert redirected("http://lan:80/a", "/b") == "http://lan:80/b"
    for bad in (
        "http://kepu.example/b",
        "ftp://x/y",
        "https://user:word@x/y",
        "file:///etc/passwd",
        "https://[x",
    ):
        assert redirected(f"{URL}/a", bad) is None
    assert redirected("http://lan/a", "http://portal/login") is None


def test_a_log_in_page_is_known_by_its_kind_or_its_beginning():
    """HTML is never ours, whatever it calls itself; a binary file that begins with < may be."""
    assert is_portal("text/html; charset=utf-8", b"")
    assert is_portal("application/json", b"\n <!DOCTYPE html>")
    assert is_portal("", b"<HTML>")
    assert not is_portal("application/octet-stream", b"<\x00\x01\x02")
    assert not is_portal("application/json", b'{"signed"')


def test_what_an_answer_carries():
    """Only the range that was asked for, or the whole from its beginning, is taken."""
    assert body_of(206, "bytes 5-9/10", "5", 5) == Body(5, 10, 10)
    assert body_of(200, None, "10", 5) == Body(0, 10, 10)
    assert body_of(200, None, "ten", 0) == Body(0, None, None)
    for wrong in ("bytes 4-9/10", "bytes 5-10/10", "bytes 5-4/10", "bytes 5-9/*", "bytes", "", None):
        assert body_of(206, wrong, "5", 5) is None
    assert body_of(304, None, "10", 0) is None


@given(st.text(max_size=60), st.text(max_size=30) | st.none(), st.binary(max_size=40), st.integers(0, 10**6))
def test_no_header_whatsoever_breaks_a_rule(text: str, other: str | None, head: bytes, asked: int):
    """Headers of any words are judged, and never followed to a place without https."""
    assert (redirected(f"{URL}/a", text) or "https:").startswith("https:")
    wait = asked_wait(text, NOW)
    assert wait is None or wait >= 0
    body = body_of(206, text, other, asked)
    assert body is None or body.start == asked
    assert is_portal(text, head) in {True, False}


def test_the_profiles_words_are_checked():
    """An address that is none, an hour that is none, and a negative cap are refused."""
    for bad in (
        b'{"library":"ftp://x"}', b'{"library":"https://x y"}',
        b'{"windows":[{"days":["MO"],"begin":"24:00","end":"06:00"}]}',
        b'{"bytes_per_second":-1}',
    ):  # fmt: skip
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(bad, type=Network)
    assert msgspec.json.decode(b'{"library":"http://[fd00::1]:8080/x"}', type=Network).proxy is None
