"""Cards of words from the editor's list to the box: no file is needed, each has an id of its own, none counts."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from estation_box.playout import show as shows
from estation_box.playout.player_words import Entry
from estation_wire.library import Catalogue, decode_document
from estation_wire.values import Origin
from studio import still
from studio.errors import StudioError
from studio.publishing import REPOSITORY, init, publish
from studio.source import read
from tests.support.library import NOW

LISTED = """
name = "县科协"
[[items]]
id = "talk"
form = "discussion"
titles = { zh-Hans = "大家聊一聊", ug-Arab = "پاراڭلىشايلى" }
texts = { zh-Hans = ["为什么饭前要洗手？", "要洗多久？", "怎么教孩子？"], ug-Arab = ["a", "b", "c"] }
topic = "health"
seconds = 60
[[items]]
id = "whom"
form = "contact"
titles = { zh-Hans = "找县科协" }
texts = { zh-Hans = ["电话 0997-1234567"] }
link = "tel:+869971234567"
topic = "health"
"""


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "library.toml").write_text(LISTED, encoding="utf-8")
    return folder


@pytest.fixture
def published(source, tmp_path):
    studio = tmp_path / "studio"
    init(studio, now=NOW)
    told = publish(studio, source, now=NOW)
    assert told.refused == ()
    (raw,) = (studio / REPOSITORY / "targets").glob("*.catalogue.json")
    return studio, decode_document(Catalogue, raw.read_bytes())


def test_three_questions_reach_the_screen_in_the_places_language(published):
    """From the editor's list through the catalogue to the words that the player sets over the picture."""
    studio, catalogue = published
    (talk, whom) = catalogue.items
    assert (talk.kind, talk.form, talk.seconds, talk.counting) == ("still", "discussion", 60.0, 0.0)
    path = studio / REPOSITORY / "content" / talk.id
    clip = shows.clip_of(talk, str(path), ("ug-Arab", "zh-Hans"), ())
    assert (clip.kind, clip.lines, clip.counting) == ("still", ("a", "b", "c"), False)
    show = shows.Show(session="1" * 32, origin=Origin.KEEPER, clips=(clip, shows.clip_of(whom, "x", ("en",), ())))
    entries: tuple[Entry, ...] = shows.entries(show)
    assert "پاراڭلىشايلى" in entries[0].words
    assert "0997-1234567" in entries[1].words
    assert all(len(entry.words) <= 12288 for entry in entries)


def test_an_older_box_shows_the_ground_and_every_card_is_another(published):
    studio, catalogue = published
    ids = [item.id for item in catalogue.items]
    assert len(set(ids)) == 2
    for name in ids:
        picture = Image.open(io.BytesIO((studio / REPOSITORY / "content" / name).read_bytes()))
        picture.load()
        assert picture.size == (still.WIDTH, still.HEIGHT)
        assert picture.getpixel((9, 9)) == tuple(still.GROUND)


def test_the_same_words_make_the_same_picture(source):
    one, two = (read(source).items[0] for _ in range(2))
    assert still.picture(one) == still.picture(two)


@pytest.mark.parametrize(
    ("found", "wrong", "why"),
    [
        ('["a", "b", "c"]', '["a", "b"]', "3 questions"),
        ('form = "contact"', "", "names no file"),
        ('topic = "health"\nseconds = 60', 'topic = "health"\ncounts = true', "never counts"),
        ('texts = { zh-Hans = ["电话 0997-1234567"] }', "", "needs texts"),
    ],
)
def test_an_editors_slip_is_told_in_words(source, found, wrong, why):
    path = source / "library.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(found, wrong), encoding="utf-8")
    with pytest.raises(StudioError, match=why):
        read(source)
