"""TLS where the box's clock is wrong: the real link under a false clock, real certificates, a real mosquitto."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from estation_box.drivers.mqtt import Broker
from tests.reporting.test_mqtt import Centre
from tests.support.certificates import Authority
from tests.support.clocked_link import BRANCH, ClockedLink
from tests.support.mosquitto import HOST, Mosquitto

BEGINS, ENDS = datetime(2020, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)  # today lies within
WAKES_UP = datetime(1970, 1, 2, tzinfo=UTC)
AHEAD = datetime(2040, 1, 1, tzinfo=UTC)
WRONG = pytest.mark.parametrize("wall", [WAKES_UP, AHEAD], ids=["1970", "2040"])
WAYS = pytest.mark.parametrize("way", ["8883", "443"])


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wrong-clocks")
    authority = Authority(folder / "authority")
    server = authority.server("localhost", HOST, begins=BEGINS, ends=ENDS)
    with Mosquitto(folder / "broker", authority, server) as running:
        yield running


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A broker of the same authority whose certificate is for another host."""
    folder = tmp_path_factory.mktemp("elsewhere")
    authority = Authority(folder / "authority")
    server = authority.server("elsewhere.example", begins=BEGINS, ends=ENDS)
    with Mosquitto(folder / "broker", authority, server) as running:
        yield running


def box(tmp_path, broker: Mosquitto, wall, *, way="8883", authority=None) -> ClockedLink:
    pair = broker.authority.client("653101/hall-0007", file=f"box-{tmp_path.name}")
    port, websocket_port = (broker.port, 0) if way == "8883" else (0, broker.websocket_port)
    return ClockedLink(tmp_path, Broker(HOST, port, websocket_port, authority or broker.authority.pem, *pair), wall)


@WRONG
@WAYS
def test_a_box_whose_clock_is_wrong_by_decades_reaches_its_centre(tmp_path, broker, wall, way):
    """No clock battery, no time server: it still reports, and so learns the time from the centre."""
    with Centre(broker) as centre, box(tmp_path, broker, wall, way=way) as hall:
        assert abs(hall.wall() - wall) < timedelta(minutes=5)
        hall.order("start")
        hall.next("connected")
        hall.order("publish", "records")
        assert hall.next("published")["taken"]
        assert centre.next(f"{BRANCH}/events") == b"records"


@WRONG
@WAYS
def test_a_wrong_clock_does_not_let_a_foreign_authority_in(tmp_path, broker, wall, way):
    """Whoever stands between hall and centre is not spoken to, whatever the box takes for the time."""
    stranger = Authority(tmp_path / "stranger").pem
    with box(tmp_path, broker, wall, way=way, authority=stranger) as hall:
        hall.order("start")
        assert "certificate verify failed" in hall.next("disconnected")["reason"]


@WRONG
@WAYS
def test_a_wrong_clock_does_not_let_another_name_in(tmp_path, elsewhere, wall, way):
    """A certificate of our own authority, but for another machine."""
    with box(tmp_path, elsewhere, wall, way=way) as hall:
        hall.order("start")
        reason = hall.next("disconnected")["reason"]
        assert "certificate verify failed" in reason
        assert "IP address mismatch" in reason


@pytest.mark.parametrize(("wall", "why"), [(WAKES_UP, "not yet valid"), (AHEAD, "expired")], ids=["1970", "2040"])
@WAYS
def test_where_the_dates_are_checked_a_wrong_clock_refuses_the_certificate(tmp_path, broker, wall, why, way):
    """So the dates may be looked at only by a box that knows the time: else it would be locked out."""
    with box(tmp_path, broker, wall, way=way) as hall:
        hall.order("check")
        hall.order("start")
        assert why in hall.next("disconnected")["reason"]


@WRONG
@WAYS
def test_once_the_clock_is_right_the_connection_is_made_anew_with_full_checks(tmp_path, broker, wall, way):
    """The centre told the time, the clock is set: what was let in without its dates must show them now."""
    with Centre(broker) as centre, box(tmp_path, broker, wall, way=way) as hall:
        hall.order("start")
        hall.next("connected")
        hall.set_clock(None)
        hall.order("check")
        assert "checked in full" in hall.next("disconnected")["reason"]
        hall.next("connected")
        hall.order("publish", "after")
        assert hall.next("published")["taken"]
        assert centre.next(f"{BRANCH}/events") == b"after"


def test_a_certificate_that_has_really_expired_is_found_out_once_the_clock_is_right(tmp_path):
    """In 1970 nobody can tell; with the right time the box no longer speaks to it."""
    authority = Authority(tmp_path / "authority")
    server = authority.server(HOST, begins=BEGINS, ends=datetime(2021, 1, 1, tzinfo=UTC))
    with Mosquitto(tmp_path / "broker", authority, server) as own, box(tmp_path, own, WAKES_UP) as hall:
        hall.order("start")
        hall.next("connected")
        hall.set_clock(None)
        hall.order("check")
        assert "checked in full" in hall.next("disconnected")["reason"]
        assert "expired" in hall.next("disconnected")["reason"]


@pytest.mark.parametrize("checked", [False, True], ids=["unchecked", "checked"])
@pytest.mark.parametrize("to", [WAKES_UP, AHEAD], ids=["back to 1970", "on to 2040"])
@WAYS
def test_a_step_of_the_clock_does_not_break_an_open_session(tmp_path, broker, to, checked, way):
    """Somebody sets the machine's clock while the box is connected: it stays so, and goes on to report."""
    with Centre(broker) as centre, box(tmp_path, broker, datetime.now(UTC), way=way) as hall:
        if checked:
            hall.order("check")
        hall.order("start")
        hall.next("connected")
        for step, words in ((to, "after the step"), (None, "and back again")):
            hall.set_clock(step)
            assert abs(hall.wall() - (step or datetime.now(UTC))) < timedelta(minutes=5)
            for number in range(3):
                hall.order("publish", f"{words} {number}")
                assert hall.next("published")["taken"]  # and no word of a broken connection before it
                assert centre.next(f"{BRANCH}/events") == f"{words} {number}".encode()


def test_a_clock_that_is_set_wrong_shuts_a_checking_box_out_only_until_it_is_set_right(tmp_path, broker):
    """After a break the dates are judged by the machine's clock anew; the box sets that right, and is back."""
    authority, server = broker.authority, broker.authority.server(HOST, file="own", begins=BEGINS, ends=ENDS)
    with Mosquitto(tmp_path / "own", authority, server) as own, box(tmp_path / "box", own, datetime.now(UTC)) as hall:
        hall.order("check")
        hall.order("start")
        hall.next("connected")
        hall.set_clock(WAKES_UP)
        own.stop()
        own.start()
        hall.next("disconnected")
        assert "not yet valid" in hall.until_disconnected("certificate")
        hall.set_clock(None)
        hall.until_connected()
