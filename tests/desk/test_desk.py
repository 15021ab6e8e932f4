"""`make desk` in a real browser: a stick, a film by the remote, a plug that is pulled, and the way to the centre."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from estation_box.television.rules import Order
from scripts.desk.box import CORE, PluggedBox
from scripts.desk.desk import Desk
from scripts.desk.page import listen
from scripts.desk.picture import Television
from scripts.desk.set import DeskSet
from scripts.desk.table import DAMAGED, PROGRAMME, Table
from tests.scenario.loop import Loop
from tests.support.browser import Browser, browser
from tests.support.xvfb import Xvfb

pytestmark = [pytest.mark.screen, pytest.mark.timeout(600)]
PATIENCE = 120.0  # seconds for what programs of the box or the centre do; most take one
BRIGHT = """
(() => { const c = document.createElement('canvas'); c.width = c.height = 8; const d = c.getContext('2d');
d.drawImage(document.querySelector('#picture'), 0, 0, 8, 8);
return [...d.getImageData(0, 0, 8, 8).data].filter((v, n) => n % 4 < 3).reduce((a, b) => a + b, 0) / 192; })()"""
"""The mean brightness of the desk's TV, 0 to 255, as the browser shows it."""


class Opened(NamedTuple):
    """The desk, its page in a browser, and where the page is."""

    desk: Desk
    page: Browser
    address: str

    def click(self, selector: str) -> None:
        self.page.until(f"!!document.querySelector({selector!r})", PATIENCE)
        self.page.does(f"document.querySelector({selector!r}).click()")

    def fact(self, name: str, contains: str, seconds: float = PATIENCE) -> None:
        """Wait until the page says this of the box."""
        selector = f"[data-fact={name}]"
        self.page.until(f"(document.querySelector({selector!r})?.textContent ?? '').includes({contains!r})", seconds)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A desk over a small library: three films of six seconds."""
    folder = tmp_path_factory.mktemp("desk")
    loop = Loop(folder)
    table = Table(folder / "table", loop.box.slot)
    table.folder.mkdir()
    with (
        ExitStack() as stack,
        loop.children,
        Xvfb(folder / "screen") as screen,
        (folder / "logs/box.log").open("a") as log,
    ):
        loop.centre.prepare()
        loop.centre.start_broker()
        loop.centre.start_collector()
        root, _ = loop._make_stick()
        tv = stack.enter_context(DeskSet(folder / "tv"))
        loop.box.prepare(root, virtual=True, cec=tv.device)
        loop.held.rename(table.folder / PROGRAMME)
        table.lay_out()
        with PluggedBox(loop.box.root, screen.display, log) as box:
            desk = Desk(box, table, tv, loop.centre, loop.children)
            server, address = listen(desk, Television(screen.frame_buffer))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with browser(folder / "browser") as page:
                page.sized(1280, 900)
                page.visit(f"{address}#en")
                yield Opened(desk, page, address)
            server.shutdown()
            server.server_close()


def test_a_visitor_sees_a_film_by_stick_and_remote(opened):
    """The stick gives the box its name; three keys later a film is on the TV, and the page says which."""
    opened.page.until("document.querySelector('#picture').naturalWidth === 1280")
    opened.fact("phase", "no name yet")
    opened.click(f"[data-stick={PROGRAMME}] [data-deed=putIn]")
    opened.fact("phase", "at rest")
    opened.page.until("document.querySelector('#light').className === 'steady'")
    dark = float(opened.page.does(BRIGHT))
    for key in ("ok", "1", "1"):
        opened.click(f"[data-key='{key}']")
    opened.fact("phase", "playing ·")
    opened.page.until(f"{BRIGHT} > {dark + 20}", PATIENCE)


def test_a_tv_that_is_off_is_woken_for_a_film_and_given_back_as_it_was_found(opened):
    """Its own remote switches it off; one press of the box's button brings it on, and half a minute later it goes."""
    opened.fact("phase", "at rest")
    for asked_first in ("the check code was seen", "believe the offered time"):  # a box that has just got its name
        assert opened.desk.do("button", "", 0.3) == asked_first
    opened.click("#tv-source")
    opened.page.until("document.querySelector('#dark').textContent === 'another programme'", PATIENCE)
    opened.click("#tv-power")
    opened.page.until(says("the TV is off"), PATIENCE)
    before = len(opened.desk.tv.asked)
    assert opened.desk.do("button", "", 0.3) == "play now"
    opened.page.until(says("the TV is on"), PATIENCE)
    opened.page.until("document.querySelector('#dark').hidden", PATIENCE)
    assert {Order.WAKE, Order.TAKE} <= set(opened.desk.tv.asked[before:])
    opened.page.until(says("the TV is off"), PATIENCE)
    assert Order.STANDBY in opened.desk.tv.asked[before:]
    opened.click("#tv-power")
    opened.page.until("document.querySelector('#dark').hidden", PATIENCE)


def says(words: str) -> str:
    return f"document.querySelector('#tv-says').textContent === {words!r}"


def test_the_plug_cuts_the_power_and_the_box_comes_back(opened):
    opened.click("#plug")
    opened.fact("phase", "no power")
    opened.page.until("!document.querySelector('#dark').hidden && !document.querySelector('#light').className")
    opened.click("#plug")
    opened.fact("boots", "2")
    opened.fact("units", "core active, player active")
    opened.fact("why", " ")


def test_the_stick_goes_to_the_centre_and_back(opened):
    """What the box asked for on the stick is signed; with it the box reports, and nothing waits any more."""
    opened.click("#pull")
    opened.click(f"[data-stick={PROGRAMME}] [data-deed=office]")
    opened.page.until("document.querySelectorAll('#steps .done').length >= 2", PATIENCE)
    opened.click(f"[data-stick={PROGRAMME}] [data-deed=putIn]")
    opened.page.until("!!document.querySelector('#steps li:last-child.done')", PATIENCE)
    opened.fact("waiting", "0")


def test_a_damaged_stick_is_named_on_its_receipt(opened):
    opened.click("#pull")
    opened.click(f"[data-stick={DAMAGED}] [data-deed=putIn]")
    opened.page.until(f"!!document.querySelector('[data-stick={DAMAGED}] a')", PATIENCE)
    link = str(opened.page.does(f"document.querySelector('[data-stick={DAMAGED}] a').href"))
    assert "receipt" in link
    assert asked(opened, urlsplit(link).path) == 200


def test_a_head_that_is_killed_is_there_again(opened):
    """Breaking things is what the desk is for: PID 1's stand-in mends it."""
    init = opened.desk.box._init
    before, restarts = opened.desk.box.ask("status")["health"]["boot"], init.restarts(CORE)
    opened.click("[data-hurt=kill-core]")
    init.wait_for(lambda: init.restarts(CORE) > restarts, PATIENCE)
    init.wait_ready(CORE, PATIENCE)
    assert opened.desk.box.ask("status")["health"]["boot"] == before


def test_nobody_without_the_token_is_answered(opened):
    """Another page of the same browser, another host's name, a wrong token: nothing is there."""
    own = urlsplit(opened.address).path
    assert asked(opened, "/state") == 404
    assert asked(opened, f"{own}state") == 200
    assert asked(opened, f"{own}state", Host="desk.example.org") == 404
    assert asked(opened, f"{own}do", b"{}", Origin="http://example.org") == 404
    assert asked(opened, f"{own}do", b'{"what": "format"}') == 409
    assert asked(opened, f"{own}do", b'{"what": "put-in", "word": "../box"}') == 409
    assert asked(opened, f"{own}receipt/..%2F..%2Fbox") == 404


def asked(opened: Opened, path: str, body: bytes | None = None, **headers: str) -> int:
    """The status of one request by a plain client."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(opened.address).port, timeout=30)
    connection.request("POST" if body is not None else "GET", path, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status
