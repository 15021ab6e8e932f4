"""The box's page on a phone: a real server, a real browser of a phone's size, and a whole core behind it."""

from __future__ import annotations

import http.client
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from estation_box.apps.events import PhoneAsks
from estation_box.drivers.phone_handler import MAX_REQUESTS
from estation_box.drivers.phone_page import PhoneServer
from estation_box.playout.engine import Layer
from estation_box.programme.courtesy import Act as Button
from estation_box.programme.courtesy import Press
from estation_box.remote import phone
from estation_box.remote.offer import Film, Shelf
from estation_box.remote.pages import Act, Deed, Known, Stage
from estation_box.remote.phone import Asked
from estation_wire.audience import Topic
from estation_wire.records import AttendanceCounted, ClipShown
from tests.core.test_remote import FILMS, ZONE
from tests.support.box import SimulatedBox, TableShelf, profile
from tests.support.browser import Browser, browser

PHONE = (390, 844)
KNOWN = Known(shelves=(Shelf(topic=Topic.HEALTH, films=(Film(content="a", title="A", series="", seconds=60.0),)),))


class Room:
    """A box in a room: its time passes, in a thread of its own, as core's loop is one."""

    def __init__(self, folder: Path) -> None:
        self._work: queue.Queue[Callable[[], object]] = queue.Queue()
        self._over = False
        self._thread = threading.Thread(target=self._run, args=(folder,), daemon=True)
        self._thread.start()

    def does(self, work: Callable[[], Any]) -> Any:
        """Have the box's own thread do something, between two turns of its loop."""
        done: Future[Any] = Future()
        self._work.put(lambda: done.set_result(work()))
        return done.result(20)

    def press(self, press: Press) -> object:
        return self.does(lambda: self.box.core.press(press, self.box.clock.moment()))

    @property
    def address(self) -> str:
        return str(self.does(lambda: self.box.core._hands.phone.address))

    def close(self) -> None:
        self._over = True
        self._thread.join()

    def _asked(self, what: phone.Question, asked: Asked | None) -> bytes | None:
        answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        event = PhoneAsks(what, asked, answers.put)
        self._work.put(lambda: self.box.core.handle(event, self.box.clock.moment()))
        return answers.get(timeout=20)

    def _run(self, folder: Path) -> None:
        self.box = SimulatedBox(folder, TableShelf(FILMS), profile(timezone=ZONE), phone=PhoneServer(self._asked))
        self.box.world.knows = True
        while not self._over:
            try:
                self._work.get(timeout=0.1)()
            except queue.Empty:
                self.box.run(0.2)
        self.box.core.close(self.box.clock.moment())


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    opened = Room(tmp_path_factory.mktemp("room"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def page(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert room.press(Press.LONG) is Button.PHONE
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        opened.sized(*PHONE)
        opened.visit(room.address)
        opened.until("document.querySelectorAll('details').length === 3")  # its script has chosen a language by then
        opened.does("if (document.documentElement.lang !== 'zh-Hans') document.querySelector('#language').click()")
        yield opened


def test_a_film_is_chosen_paused_and_counted_from_a_phone(room, page):
    """Without any remote: the teacher scans the square, touches a film, stops it and tells how many are there."""
    assert "扫一扫" in room.does(lambda: room.box.player.engine.layers[Layer.COVER])
    page.until("document.querySelectorAll('details').length === 3")
    page.does("document.querySelector('details').open = true")
    page.does("document.querySelector('.film').click()")
    page.until("document.querySelector('#title').textContent === '影片a'")
    room.does(lambda: room.box.run(5))  # something of it is seen, however quick the fingers are
    page.does("document.querySelector('#number').value = 27; document.querySelector('#count').click()")
    page.until("document.querySelector('#counted').textContent.includes('27')")
    page.does("document.querySelector('#pause').click()")
    page.until("document.querySelector('#pause').textContent === '继续'")
    page.does("document.querySelector('#pause').click()")
    page.until("document.querySelector('#pause').textContent === '暂停'")
    page.does("document.querySelector('#stop').click()")
    page.until("!document.querySelector('#choose').hidden")
    room.does(lambda: room.box.run(30))  # the centre hears of it
    counted = room.does(lambda: room.box.centre.told(AttendanceCounted))
    assert [(one.number, one.source) for one in counted] == [(27, "keeper")]
    parts = room.does(lambda: room.box.centre.told(ClipShown))
    assert {clip.content[0] for clip in parts} == {"a"}
    assert sum(clip.shown for clip in parts) > 0


def test_the_page_fits_a_phone_and_speaks_english_as_well(page):
    assert page.does("document.documentElement.scrollWidth") <= PHONE[0]
    small = "[...document.querySelectorAll('button')].filter(e => e.offsetParent && e.offsetHeight < 38).length"
    assert page.does(small) == 0
    page.does("document.querySelector('#language').click()")
    page.until("document.querySelector('#five').textContent === 'Five minutes now'")


def asked(address: str, part: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.request("GET" if body is None else "POST", part, body, headers)
    return connection.getresponse()


def test_who_has_not_seen_the_screen_gets_nothing_and_nobody_is_told_who_asked(room, page, capfd):
    """A wrong token, another page's request, another name, too much, nonsense; and no cookie, no log."""
    address = room.address
    own = urlsplit(address).path
    assert asked(address, "/state").status == 404
    assert asked(address, f"/{'x' * 12}/state").status == 404
    assert asked(address, f"{own}state", Host="kepu.example").status == 404
    assert asked(address, f"{own}do", b'{"do":"stop"}', Origin="http://kepu.example").status == 404
    assert asked(address, f"{own}do", b" " * 2000).status == 413
    assert asked(address, f"{own}do", b'{"do":"format"}').status == 400
    assert asked(address, f"{own}do", b'{"do":"count","number":27,"name":"x"}').status == 400
    good = asked(address, f"{own}state")
    assert good.status == 200
    assert {"server", "date", "set-cookie"} & {name.lower() for name, _ in good.getheaders()} == set()
    assert capfd.readouterr() == ("", "")


def test_phones_that_hang_shut_nobody_out_for_long(room, page):
    """Eight that say nothing, or a letter now and then, are let go after seconds; a page that asked asks again."""
    address = room.address
    parts = urlsplit(address)
    hanging = [socket.create_connection((parts.hostname, parts.port)) for _ in range(MAX_REQUESTS + 4)]
    over = threading.Event()

    def dribble() -> None:
        while not over.wait(0.5):
            for each in hanging[: MAX_REQUESTS // 2]:
                with suppress(OSError):
                    each.send(b"G")

    dribbling = threading.Thread(target=dribble)
    dribbling.start()
    try:
        for each in hanging:
            each.settimeout(20)
            with suppress(ConnectionResetError):  # it was let go while another letter was on its way
                assert each.recv(1) == b""  # let go, by its time or at once
    finally:
        over.set()
        dribbling.join()
        for each in hanging:
            each.close()
    assert asked(address, f"{parts.path}state").status == 200


def test_after_ten_minutes_the_page_is_gone_and_its_address_worth_nothing(room, page):
    address = room.address
    room.does(lambda: room.box.run(phone.OPEN_SECONDS + 5))
    assert room.does(lambda: room.box.core._hands.phone.address) is None
    with pytest.raises(OSError, match="refused"):
        asked(address, urlsplit(address).path)
    page.until("!document.querySelector('#over').hidden")
    assert room.press(Press.LONG) is Button.PHONE
    assert room.address != address
    assert room.press(Press.LONG) is Button.PHONE  # and a second long press shuts it
    assert room.does(lambda: room.box.core._hands.phone.address) is None


class NoNetwork:
    """A box in a valley."""

    def open(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing was open."""


def test_without_a_network_the_card_says_so_for_a_moment(tmp_path):
    box = SimulatedBox(tmp_path, TableShelf(FILMS), profile(timezone=ZONE), phone=NoNetwork())
    box.run(5)
    assert box.core.press(Press.LONG, box.clock.moment()) is Button.PHONE
    assert "没有网络" in box.player.engine.layers[Layer.COVER]
    box.run(phone.TOLD_SECONDS + 2)
    assert "没有网络" not in box.player.engine.layers[Layer.COVER]


@pytest.mark.parametrize(
    ("touch", "stage", "meant"),
    [
        (Asked(do="play", content="a"), Stage.CARD, Deed(act=Act.PLAY, contents=("a",))),
        (Asked(do="play", content="b"), Stage.CARD, None),
        (Asked(do="play", content="a"), Stage.SESSION, None),
        (Asked(do="five"), Stage.CARD, Deed(act=Act.PLAY, contents=("a",))),
        (Asked(do="five"), Stage.OTHER, None),
        (Asked(do="pause"), Stage.SESSION, Deed(act=Act.PAUSE)),
        (Asked(do="pause"), Stage.PAUSED, None),
        (Asked(do="resume"), Stage.PAUSED, Deed(act=Act.RESUME)),
        (Asked(do="next"), Stage.SESSION, Deed(act=Act.NEXT)),
        (Asked(do="stop"), Stage.PAUSED, Deed(act=Act.STOP)),
        (Asked(do="later"), Stage.COUNTDOWN, Deed(act=Act.LATER)),
        (Asked(do="later"), Stage.CARD, None),
        (Asked(do="count", number=9), Stage.CARD, Deed(act=Act.COUNTED, number=9)),
    ],
)
def test_a_touch_means_what_the_room_sees_and_a_late_one_nothing(touch, stage, meant):
    assert phone.deed(touch, stage, KNOWN) == meant


def test_a_box_without_films_has_none_to_play():
    assert phone.deed(Asked(do="five"), Stage.CARD, Known()) is None
