"""The menu's pages as the player takes them: short enough, and titles from outside inject nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estation_box.playout import menu_cards, menu_icons
from estation_box.playout.menu_cards import Playing
from estation_box.playout.player_words import Cover
from estation_box.remote.offer import TOPIC_WORDS, Film, Shelf
from estation_box.remote.pages import REASONS, TOOLS, Known, Menu, Scene, Tool
from estation_wire.audience import Topic

LONGEST = 16384
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
OURS = re.compile(r"\{[^{}]*\}")
PAGES = [scene for scene in Scene if scene not in {Scene.SHUT, Scene.BAR}]


def full(title: str, series: str = "") -> Known:
    films = tuple(
        Film(content=f"{n}", title=title, series=series, seconds=777.0, languages=("zh-Hans", "ug-Arab"))
        for n in range(12)
    )
    return Known(shelves=tuple(Shelf(topic=topic, films=films) for topic in Topic), counted=45, local=NOW)


@pytest.mark.parametrize("scene", PAGES)
def test_every_page_fits_into_what_the_player_takes(scene):
    menu, known = Menu(scene=scene, number=9999, clock=NOW), full("很长的题目" * 40, "a series " * 20)
    drawn = menu_cards.card(menu, known, name="七村文化室" * 5, clock="10:30", info=("words " * 60,) * 8)
    assert len(Cover(n=1, ass=drawn).ass) <= LONGEST


def test_every_topic_tool_and_reason_has_its_picture_and_its_words():
    assert set(TOPIC_WORDS) == set(Topic)
    assert set(Topic) <= set(menu_icons.ICONS)
    assert {tool.name.lower() for tool in TOOLS if tool is not Tool.CLOCK} <= set(menu_icons.ICONS)
    assert {reason.value for reason in REASONS} <= set(menu_icons.ICONS)
    assert set(menu_cards.REASON_WORDS) == set(REASONS)
    assert set(menu_cards.TOOL_WORDS) == set(TOOLS)


def test_no_two_topics_look_alike():
    assert len({menu_icons.ICONS[topic] for topic in Topic}) == len(Topic)


def tags(drawn: str) -> list[str]:
    return [re.sub(r"\\fs\d+|\\fn[^\\}]*|\\pos\([^)]*\)|\\an\d", "", tag) for tag in OURS.findall(drawn)]


@settings(max_examples=100, deadline=None)
@given(title=st.text(min_size=1, max_size=60) | st.sampled_from([r"{\pos(0,0)}", r"a\Nb", "{", "}{\\p1}m 0 0"]))
def test_a_title_injects_nothing(title):
    """The tags are ours, whatever an operator has written."""
    plain = tags(menu_cards.card(Menu(scene=Scene.FILMS), full("title " * 20), name="", clock=""))
    drawn = tags(menu_cards.card(Menu(scene=Scene.FILMS), full(title), name="", clock=""))
    assert set(drawn) <= set(plain)
    assert len(drawn) <= len(plain)  # two lines a title at the most
    playing = Playing(title=title, position=3, seconds=60, languages=2)
    assert "\\N" not in menu_cards.bar(Menu(scene=Scene.BAR), playing)
    assert OURS.sub("", menu_cards.paused(playing, name=title, clock="")).count("{") == 0
