"""A film and its version in sign language, from the editor's file to the card of a box that needs it."""

from __future__ import annotations

import pytest

from estation_box.drivers.library_store import LibraryStore
from studio.errors import StudioError
from studio.publishing import publish
from studio.source import read
from studio.stick import write_stick
from tests.support.library import NOW, Made, make_stick, make_video
from tests.support.sync_box import Box

VERSION = 'version_of = "video-1"\nsigned = "csl"\n'


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Made:
    """Three films, of which the first is the second one's in sign language; the rule shows the second and the third."""
    made = make_stick(tmp_path_factory.mktemp("signed"), videos=3, access=("signs",))
    toml = made.source / "library.toml"
    toml.write_text(toml.read_text().replace('file = "video-0.mp4"\n', f'file = "video-0.mp4"\n{VERSION}'))
    published = publish(made.studio, made.source, now=NOW)
    write_stick(made.studio, made.stick)
    return made._replace(published=published)


def test_a_box_that_needs_the_version_copies_it_and_offers_the_film_once(library, tmp_path):
    box = Box(tmp_path, library.root)
    assert box.visit(library.stick).refused == 0
    signed, film, other = (library.published.contents[f"video-{number}"] for number in range(3))
    assert box.held() == {signed, film, other}
    with LibraryStore(box.state / "library.db") as shelf:
        assert shelf.items((film,))[film].versions == (signed,)
        assert shelf.items((signed,))[signed].signed == "csl"
        assert {content for content, _ in shelf.films()} == {film, other}


def test_a_box_that_does_not_need_it_leaves_it_where_it_is(library, tmp_path):
    box = Box(tmp_path, library.root)
    plain = make_stick(tmp_path / "plain", videos=1)
    toml = plain.source / "library.toml"
    make_video(plain.source / "signed.mp4", pattern=7)
    toml.write_text(
        toml.read_text()
        + '[[items]]\nid = "signed"\nfile = "signed.mp4"\ntitles = { en = "S" }\ntopic = "health"\ncounts = true\n'
        + 'version_of = "video-0"\nsigned = "csl"\n'
    )
    published = publish(plain.studio, plain.source, now=NOW)
    write_stick(plain.studio, plain.stick)
    box = Box(tmp_path / "box", plain.root)
    box.visit(plain.stick)
    assert box.held() == {published.contents["video-0"]}


def test_a_version_that_would_cost_the_minimum_is_told_to_the_editor(library, tmp_path):
    make_video(library.source / "video-0.mp4", seconds=0.3, pattern=1)
    try:
        told = publish(library.studio, library.source, now=NOW).told
    finally:
        make_video(library.source / "video-0.mp4", pattern=1)
    assert [line for line in told if line.startswith("video-0: it counts 1 s less than video-1")]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('version_of = "none"', "there is no film none"),
        ('version_of = "video-0"', "there is no film video-0"),
    ],
)
def test_what_is_no_version_of_a_film_is_refused(library, tmp_path, lines, fault):
    text = (library.source / "library.toml").read_text()
    (tmp_path / "library.toml").write_text(text.replace('file = "video-2.mp4"', f'file = "video-2.mp4"\n{lines}'))
    with pytest.raises(StudioError, match=fault):
        read(tmp_path)


def test_a_rule_names_the_film_and_not_its_version(library, tmp_path):
    text = (library.source / "library.toml").read_text()
    (tmp_path / "library.toml").write_text(text.replace('items = ["video-2"', 'items = ["video-0"'))
    with pytest.raises(StudioError, match="weekly: video-0 is a version; name video-1"):
        read(tmp_path)
