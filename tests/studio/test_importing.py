"""Drafts from a folder or a feed: brought once, published never by themselves, and the editor's words stay."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studio import command
from studio.errors import StudioError
from studio.feed import offers
from studio.importing import bring
from studio.publishing import init, publish
from studio.source import read
from tests.support import clips
from tests.support.library import NOW, make_video

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>国家科普平台</title><language>zh-CN</language><copyright>CC BY 4.0</copyright>
<item><title>洗手 &amp; 健康</title><enclosure url="hands.mp4" length="1" type="video/mp4"/></item>
<item><title>声音</title><enclosure url="talk.mp3" length="1" type="audio/mpeg"/></item>
<item><title>no film</title></item>
<item><title>program</title><enclosure url="setup.exe" length="1" type="x"/></item>
<item><title>gone</title><enclosure url="gone.mp4" length="1" type="video/mp4"/></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Platform</title>
<entry><title>Water</title><author><name>Li</name></author><link rel="enclosure" href="https://a.example/w.mp4"/></entry>
</feed>"""


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    folder = tmp_path / "offered"
    folder.mkdir()
    make_video(folder / "hands.mp4", pattern=1)
    shutil.copy(clips.talk(), folder / "talk.mp3")
    (folder / "setup.exe").write_bytes(b"MZ")
    (folder / "feed.xml").write_text(RSS, encoding="utf-8")
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An editor's list with a comment that only a person would write."""
    folder = tmp_path / "source"
    folder.mkdir()
    make_video(folder / "old.mp4", pattern=9)
    (folder / "library.toml").write_text(
        'name = "科协"  # 我们的名字\n[[items]]\nid = "hands"\n'
        'file = "old.mp4"\ntitles = { en = "Old" }\ntopic = "health"',  # and no end of line
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def server(offered: Path) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(offered))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def test_a_folder_becomes_drafts_and_the_editors_words_stay(source: Path, offered: Path, tmp_path: Path):
    """Every line that stood there stands there still; the drafts come after it, and are not published."""
    before = (source / "library.toml").read_text(encoding="utf-8")
    assert bring(source, str(offered)).drafts == ("hands-2", "talk")
    assert (source / "library.toml").read_text(encoding="utf-8").startswith(before)
    items = {one.id: one for one in read(source).items}
    assert (items["hands-2"].draft, items["hands-2"].file) == (True, "hands-2.mp4")
    init(tmp_path / "studio", now=NOW)
    published = publish(tmp_path / "studio", source, now=NOW)
    assert (set(published.contents), published.refused) == ({"hands"}, ())


def test_what_was_brought_is_not_brought_again(source: Path, offered: Path):
    """Neither by another run, nor under another name, nor after the editor threw it away."""
    before = (source / "library.toml").read_bytes()
    bring(source, str(offered))
    after = (source / "library.toml").read_bytes()
    shutil.copy(offered / "hands.mp4", offered / "copy.mp4")
    assert bring(source, str(offered)).drafts == ()
    assert (source / "library.toml").read_bytes() == after
    (source / "library.toml").write_bytes(before)
    assert bring(source, str(offered)).drafts == ()


@pytest.mark.parametrize("by", ["file", "http"])
def test_a_feed_becomes_drafts_with_what_it_says_of_them(source: Path, offered: Path, server: str, by: str):
    """Title, language, maker and licence come along; what cannot be had is told, and the rest is brought."""
    address = (offered / "feed.xml").as_uri() if by == "file" else f"{server}/feed.xml"
    brought = bring(source, address)
    assert brought.drafts == ("hands-2", "talk")
    assert [failure.partition(":")[0] for failure in brought.failed] == ["program", "gone"]
    hands = read(source).items[1]
    assert (hands.titles, hands.credit, hands.licence) == ({"zh-Hans": "洗手 & 健康"}, "国家科普平台", "CC BY 4.0")
    assert (source / "hands-2.mp4").read_bytes() == (offered / "hands.mp4").read_bytes()


def test_an_atom_feed_is_read_too():
    """Both kinds of feeds that there are."""
    (offer,) = offers(ATOM.encode(), "https://a.example/feed")
    assert (offer.title, offer.address, offer.credit) == ("Water", "https://a.example/w.mp4", "Li")


@pytest.mark.parametrize(
    "raw",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><rss><channel><title>&a;</title></channel></rss>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><rss/>'.encode("utf-16"),
        b"<rss><channel>",
        b"\xff\xfe\x00",
        b"<" * 1000,
        b" " * (6 * 1024 * 1024),
    ],
)
def test_a_hostile_feed_is_refused(raw: bytes):
    """A feed that grows without end, reads files, or is no feed at all is refused in a sentence."""
    with pytest.raises(StudioError):
        offers(raw, "http://a.example/feed")


def test_a_feed_of_the_network_reads_no_file_here():
    """Whoever writes a feed cannot have a file of the editor's machine published."""
    raw = RSS.replace("hands.mp4", "file:///etc/passwd.mp4").encode()
    assert all(offer.address.startswith("https:") for offer in offers(raw, "https://a.example/feed"))


def test_the_command_brings_into_an_empty_folder(offered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A new list is begun; what is no folder and no feed is said to be none."""
    assert command.main(["import", str(tmp_path / "new"), str(offered)]) == 0
    assert "2 drafts" in capsys.readouterr().out
    assert command.main(["import", str(tmp_path / "new"), str(tmp_path / "nowhere")]) == 1
    assert command.main(["import", str(tmp_path / "new"), "ftp://a.example/feed"]) == 1
    assert command.main(["import", str(tmp_path / "new"), (offered / "feed.xml").as_uri()]) == 3


def test_a_list_that_takes_no_lines_is_left_as_it_is(source: Path, offered: Path):
    """Items written as one array cannot be added to at the end of the file: that is said, and nothing is spoilt."""
    text = 'name = "x"\nitems = [{ id = "a", file = "old.mp4", titles = { en = "x" }, topic = "health" }]\n'
    (source / "library.toml").write_text(text, encoding="utf-8")
    assert all("[[items]]" in failure for failure in bring(source, str(offered)).failed)
    assert (source / "library.toml").read_text(encoding="utf-8") == text


def test_an_import_that_is_killed_five_times_brings_each_film_once(tmp_path: Path):
    """Killed at random moments and run again: every file is a draft, none twice, none by halves."""
    offered, source = tmp_path / "offered", tmp_path / "source"
    offered.mkdir()
    for number in range(40):
        (offered / f"card-{number}.png").write_bytes(clips.still("blue", "640x360").read_bytes() + bytes([number]))
    line = [sys.executable, "-m", "studio.command", "import", str(source), str(offered)]
    chance = random.Random(7)
    for _ in range(5):
        child = subprocess.Popen(line, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.5))  # the moment of the kill is what is tried
        child.kill()
        child.wait(10)
    subprocess.run(line, check=True, timeout=60, stdout=subprocess.DEVNULL)
    brought = [(source / one.file).read_bytes() for one in read(source).items]
    assert sorted(brought) == sorted(path.read_bytes() for path in offered.iterdir())
