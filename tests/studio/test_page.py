"""The studio's page: an editor drops films, presses «fix», signs with a second person and makes a stick."""

from __future__ import annotations

import base64
import http.client
import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from estation_wire import stick as layout
from studio import profiles
from studio.desk import Desk
from studio.page import listen
from studio.publishing import init
from studio.source import read
from tests.studio.test_studio import documents
from tests.support import clips
from tests.support.browser import Browser, browser
from tests.support.library import NOW, make_authority, make_profile, make_video

LIBRARY = """name = "阿克苏地区科学技术协会"
[[items]]
id = "film"
file = "film.mkv"
titles = { zh-Hans = "洗手 <b>七步法</b>", en = "Washing hands" }
topic = "health"
counts = true
credit = "科协"
licence = "CC BY 4.0"
[[rules]]
id = "friday"
timezone = "Asia/Urumqi"
start = 2026-11-27T20:00:00
rrule = "FREQ=WEEKLY;BYDAY=FR"
items = ["film"]
"""


class Page:
    """The page, served, and a plain client of it."""

    def __init__(self, folder: Path) -> None:
        self.studio, self.source, self.stick = folder / "studio", folder / "source", folder / "stick"
        init(self.studio, now=NOW, threshold=2)
        self.source.mkdir()
        self.stick.mkdir()
        shutil.copy(clips.raw_film(), self.source / "film.mkv")
        (self.source / "library.toml").write_text(LIBRARY, encoding="utf-8")
        profiles.sign(self.studio, make_profile(make_authority().pem))
        self.desk = Desk(self.studio, self.source, lambda: NOW)
        self.server, self.address = listen(self.desk)
        self.token = urlsplit(self.address).path

    def ask(self, method: str, part: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, part if part.startswith("/") else self.token + part, body, named)
        answer = connection.getresponse()
        told = answer.status, answer.read(), dict(answer.getheaders())
        connection.close()
        return told

    def press(self, what: str, **asked: object) -> str:
        """Press, and wait until it is done; the error."""
        before = self.job()["revision"]
        status, told, _ = self.ask("POST", what, json.dumps(asked).encode())
        if status != 200:
            return json.loads(told)["error"]
        ends = time.monotonic() + 60
        while self.job()["revision"] == before:
            assert time.monotonic() < ends
            time.sleep(0.05)
        return self.job()["error"]

    def job(self) -> dict:
        return json.loads(self.ask("GET", "job")[1])

    def state(self) -> dict:
        return json.loads(self.ask("GET", "state")[1])


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    served = Page(tmp_path)
    thread = threading.Thread(target=served.server.serve_forever)
    thread.start()
    yield served
    served.server.shutdown()
    thread.join()
    served.server.server_close()
    served.desk.close()


@pytest.fixture
def tab(tmp_path: Path, page: Page) -> Iterator[Browser]:
    page.press("look")
    with browser(tmp_path / "browser") as opened:
        opened.visit(page.address + "#zh")
        opened.until("document.querySelectorAll('#list > li').length > 0")
        yield opened


def click(element: str) -> str:
    return f"document.querySelector('{element}').click()"


def test_from_a_film_of_a_camera_to_a_stick_by_presses_alone(page: Page, tab: Browser):
    """In a real browser: faults are read, «fix» mends them, two persons sign, the stick is written."""
    assert "画面为 1920x1080，盒子最大 1280x720" in tab.does("document.body.innerText")
    assert "洗手 <b>七步法</b>" in tab.does("document.querySelector('#list h3').innerText")
    tab.does(click("#list .keys button.main"))
    tab.until("document.querySelector('#list .mark').textContent === '可发布'", 60)
    tab.until("document.querySelector('#list img.poster').naturalWidth === 640")
    tab.does(click("#list .keys button"))
    tab.until("document.querySelector('#player').videoWidth === 1280")
    tab.does(click("#close"))
    tab.does(click("#prepare"))
    tab.until("document.querySelector('#waiting').textContent.includes('已有 0 人签名，需要 2 人')")
    assert "新增节目" in tab.does("document.querySelector('#summary').textContent")
    assert tab.does("document.querySelectorAll('#sessions li').length") == 2
    for person, told in (("1", "已有 1 人签名"), ("2", "没有等待签名的内容")):
        tab.does(f"document.querySelector('#person').value = '{person}'")
        tab.does(click("#sign"))
        tab.until(f"document.querySelector('#waiting').textContent.includes('{told}')")
    tab.does(f"document.querySelector('#path').value = {json.dumps(str(page.stick))}")
    tab.does(click("#write"))
    tab.until("document.querySelector('#stations').textContent.includes('U盘已写好')")
    tab.does(click("#recall"))
    tab.until("document.querySelector('#sure').open")
    assert "规则 friday 将没有节目" in tab.does("document.querySelector('#use').textContent")
    warning = "document.querySelector('#sure [data-word=forGood]')"
    assert "不能撤回" in tab.does(f"{warning}.innerText")
    shades = f"[getComputedStyle({warning}).color, getComputedStyle(document.querySelector('#sure')).backgroundColor]"
    ink, paper = (sum(map(int, re.findall(r"\d+", shade)[:3])) for shade in tab.does(shades))
    assert paper - ink > 400, "what cannot be taken back is not legible"
    tab.does(click("#yes"))
    tab.until("document.querySelector('#waiting').textContent.includes('已有 0 人签名')")
    assert "召回节目 · recalled film" in tab.does("document.querySelector('#summary').textContent")
    assert (page.stick / layout.profile("hall-0007")).is_file()
    assert documents(page.studio)[0].items[0].counts


def test_a_film_that_is_dropped_becomes_a_draft(tmp_path: Path, page: Page, tab: Browser):
    """In a real browser a file let fall on the page is uploaded, listed as a draft, and the language can be changed."""
    data = base64.b64encode(make_video(tmp_path / "new.mp4").read_bytes()).decode()
    tab.does(
        f"const bytes = Uint8Array.from(atob('{data}'), (one) => one.charCodeAt(0));"
        "const held = new DataTransfer(); held.items.add(new File([bytes], '种子 seed.mp4'));"
        "document.querySelector('#drop').dispatchEvent(new DragEvent('drop', {bubbles: true, dataTransfer: held}))"
    )
    tab.until("document.querySelectorAll('#list > li').length === 2")
    tab.does(click("#language"))
    assert "draft" in tab.does("document.querySelector('#list').innerText")
    draft = read(page.source).items[1]
    assert (draft.draft, draft.file, draft.titles) == (True, "seed.mp4", {"und": "种子 seed"})
    assert (page.source / "seed.mp4").read_bytes() == (tmp_path / "new.mp4").read_bytes()


def test_nobody_reaches_it_without_the_token(page: Page):
    """Another name, another page's form, a guessed or missing token, an unknown word: nothing is told or done."""
    assert page.ask("GET", "job")[0] == 200
    for part in ("/", "/job", f"/{'x' * 32}/job", "/../../etc/passwd", page.token[:-2] + "/job"):
        assert page.ask("GET", part)[0] == 404
    assert page.ask("GET", "job", Host="evil.example")[0] == 404
    assert page.ask("POST", "look", b"{}", Origin="https://evil.example")[0] == 404
    for part in ("nothing", "film/99", "poster/0", "film/../../keys/root-1.pem", "../keys/root-1.pem", "desk.html"):
        assert page.ask("GET", part)[0] == 404
    assert page.job()["revision"] == 0


def test_what_it_sends_loads_nothing_from_outside(page: Page):
    """The page's own rules forbid every other address, and its files name none."""
    for part in ("", "desk.js", "desk.css"):
        status, body, headers = page.ask("GET", part)
        assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert b"://" not in body
        assert b"innerHTML" not in body


@pytest.mark.parametrize(
    ("part", "body", "headers", "status"),
    [
        ("sign", b"{", {}, 400),
        ("sign", b'{"person": 7}', {}, 400),
        ("nothing", b"{}", {}, 404),
        ("look", b" " * 70_000, {}, 413),
        ("upload?" + quote("../../evil.sh"), b"x", {}, 409),
        ("upload?" + quote(".hidden.mp4"), b"x", {}, 409),
        ("upload?film.mp4", b"", {}, 409),
        ("upload?film.mp4", b"", {"Content_Length": str(2**40)}, 409),
    ],
)
def test_what_makes_no_sense_is_refused(page: Page, part: str, body: bytes, headers: dict, status: int):
    """Broken words, other files, empty ones and endless ones: refused, and nothing is left lying about."""
    assert page.ask("POST", part, body, **headers)[0] == status
    assert not list((page.source / ".uploads").glob("*"))


def test_what_goes_wrong_is_told_on_the_page(page: Page, tmp_path: Path):
    """No such person, nothing prepared, no stick: the sentence of the command line stands on the page."""
    page.press("look")
    assert "prepare" in page.press("sign", person="1")
    assert "film.mkv" in page.press("prepare")
    assert "publish" in page.press("stick", path=str(tmp_path / "nowhere"))
    (page.source / "notes.mp4").write_text("no film")
    page.press("look")
    film, notes = page.state()["files"]
    assert (film["fixable"], film["refusal"]) == (True, {"en": "", "zh": ""})
    assert notes["refusal"]["zh"] == "不是可以读取的视频、图片或声音"


def test_a_film_is_watched_from_any_point(page: Page):
    """The browser asks for a part of a film, and gets that part."""
    page.press("look")
    whole = (page.source / "film.mkv").read_bytes()
    assert page.ask("GET", "film/0")[1] == whole
    status, body, headers = page.ask("GET", "film/0", Range="bytes=100-199")
    assert (status, body, headers["Content-Range"]) == (206, whole[100:200], f"bytes 100-199/{len(whole)}")
    assert page.ask("GET", "film/0", Range=f"bytes={len(whole)}-")[0] == 416
