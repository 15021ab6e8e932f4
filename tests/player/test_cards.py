"""Words from outside come onto the screen as words, whole, legible, and never as commands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_box.playout import bulletin_cards, cards, lettering, qr, still_cards
from estation_box.playout.player_words import MAX_ASS

UYGHUR = "كەلكۈن كەلگەندە قانداق قىلىش كېرەك"
NASTY = "{\\fs400}\\N\\p1 m 0 0\nsecond {event}\u202e\x00\r\u2028x"


def words_of(ass: str) -> str:
    """What is left once our own tags are taken away."""
    return re.sub(r"\{[^{}]*\}", "", ass)


@given(st.text(max_size=300))
def test_no_text_can_inject_anything(text):
    """Braces, backslashes, line breaks and direction overrides of an operator do nothing."""
    safe = cards.escape(text)
    assert not set("{}\\\n\r\u202e\u2066\u2028") & set(safe)
    safe.encode("utf-8")
    pages = bulletin_cards.pages(text)
    for ass in (
        cards.banner(text),
        cards.station_card(headline=text or "x", name=text, lines=[text]),
        bulletin_cards.lower_third(text, pages[0] if pages else (), 1, len(pages), urgent=True),
        bulletin_cards.full(title=text, text=text, dated=text),
        *(still_cards.over(form, text, (text, text)) for form in ("picture", "text", "discussion", "contact")),
    ):
        assert "\\" not in words_of(ass)
        assert "{" not in words_of(ass)
        assert all(line.startswith("{\\an") for line in ass.split("\n") if line)


def test_nasty_text_stays_readable():
    """The signs that ASS would read as tags are shown by their full-width twins."""
    assert cards.escape("a{b}c\\d") == "a\uff5bb\uff5dc\uff3cd"
    assert cards.escape(NASTY).endswith("second \uff5bevent\uff5d x")


def test_uyghur_stands_on_the_right_in_its_own_face():
    """A text that begins from the right is set from the right, in Naskh."""
    line = cards.banner(UYGHUR).split("\n")[-1]
    assert "\\an6" in line
    assert lettering.ARABIC_FACE in line
    assert "\\an4" in cards.banner("通知").split("\n")[-1]


def test_a_long_chinese_text_is_broken_into_lines():
    """Chinese without spaces is broken anywhere but before a comma; what does not fit ends in dots."""
    lines = lettering.wrap("一" * 9 + "，" + "二" * 30, 10, 2)
    assert lines[0] == "一" * 9 + "，"
    assert lines[1].endswith("…")
    assert all(lettering.width(line) <= 11 for line in lines)


def test_a_word_longer_than_the_line_is_cut():
    """One endless word cannot leave the screen."""
    assert all(lettering.width(line) <= 11 for line in lettering.wrap("x" * 200, 10, 3))


@given(st.text(max_size=400), st.floats(3, 40), st.integers(1, 4))
def test_every_text_fits(text, ems, lines):
    """No text is wider than its place or taller than its lines."""
    rows = lettering.wrap(cards.escape(text), ems, lines)
    assert len(rows) <= lines
    assert all(lettering.width(row) <= ems + 2 for row in rows)


@pytest.mark.parametrize("text", ["", "short", "科普" * 200, UYGHUR * 20, NASTY])
def test_every_card_fits_into_a_request(text):
    """Whatever is said, the card is small enough for the player to take; a link of 200 letters is the longest."""
    link, rows = (text + "科普" * 100)[:200], bulletin_cards.pages(text)
    for ass in (
        cards.station_card(name=text, headline=text, detail=text, lines=[text] * 9, clock="19:30"),
        cards.countdown_card(title=text, series=text, seconds=119, of=120, name=text, clock="19:28"),
        cards.fault(title=text, words=text, name=text),
        cards.fault(title=text, words=text, code=text, qr=qr.modules(text or "x")),
        cards.banner(text, tone="fault"),
        cards.progress(text, 0.5),
        bulletin_cards.full(title=text, text=text, dated=text, link=link, name=text, clock="19:30"),
        bulletin_cards.lower_third(text, rows[0] if rows else (), 1, 9, urgent=True, link=link),
        *(still_cards.over(form, text, (text, text, text), link) for form in ("picture", "text", "contact")),
    ):
        assert len(ass) <= MAX_ASS


@pytest.mark.parametrize(("seconds", "words"), [(120, "2:00"), (61, "1:01"), (59, "59"), (0, "0"), (-3, "0")])
def test_the_countdown_says_how_long(seconds, words):
    """Minutes and seconds, then seconds alone."""
    assert words in words_of(cards.countdown_card(title="x", seconds=seconds, of=120)).split("\n")


@pytest.mark.parametrize("fraction", [-1, 0, 0.5, 1, 7])
def test_a_bar_never_leaves_its_place(fraction):
    """However much is done, the bar stays on the screen."""
    numbers = [int(n) for n in re.findall(r"(?<=l )\d+", cards.progress("x", fraction))]
    assert max(numbers) <= cards.WIDTH - 64


def test_no_words_no_banner():
    """An empty text takes the banner away."""
    assert cards.banner(" \n") == ""


def test_a_long_bulletin_is_read_to_its_end_in_bounded_pages():
    """Nothing of a thousand characters is left out, and no text makes pages without end."""
    text = "".join(f"第{n}句。" for n in range(200))[:1000]
    pages = bulletin_cards.pages(text)
    assert "".join(row for page in pages for row in page) == text
    assert len(bulletin_cards.pages("一" * 100_000)) == bulletin_cards.MAX_PAGES
    assert bulletin_cards.pages("") == ()
