"""What the box says: each sentence of the code has its words in both languages, and nothing else has any."""

from __future__ import annotations

import ast
import string
from gettext import GNUTranslations
from pathlib import Path

import polib
import pytest

from estation_box import words
from estation_box.words import Said, both, say

BOX = Path(words.__file__).parent
LANGUAGES = ("zh_CN", "en")


def calls() -> dict[str, set[str]]:
    """Each message of the code, with the facts that are put into it somewhere."""
    found: dict[str, set[str]] = {}
    for path in BOX.rglob("*.py"):
        if path.name == "words.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"say", "both"}:
                (message,) = node.args
                assert isinstance(message, ast.Constant), f"{path}: {ast.unparse(node)} is no literal"
                found.setdefault(message.value, set()).update(each.arg for each in node.keywords if each.arg)
                if any(each.arg is None for each in node.keywords):  # `**day`: the weekday, the day and the month
                    found[message.value] |= {"weekday", "day", "month"}
    return found


def catalogue(language: str) -> dict[str, str]:
    entries = polib.pofile(str(BOX / "locale" / language / "LC_MESSAGES" / "screen.po"))
    return {entry.msgid: entry.msgstr for entry in entries if not entry.obsolete and "fuzzy" not in entry.flags}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_without_words_and_no_words_without_their_sentence(language):
    there = catalogue(language)
    assert set(there) == set(calls())
    assert [message for message, said in there.items() if not said.strip()] == []


def test_a_sentence_asks_for_no_fact_that_it_is_not_given():
    zh, en = map(catalogue, LANGUAGES)
    for message, facts in calls().items():
        asked = fields(zh[message]) | fields(en[message])
        assert asked <= (facts or fields(zh[message]) & fields(en[message])), message


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_box_reads_what_people_have_written(language):
    """``screen.mo`` is what `scripts/make-words` makes of ``screen.po``."""
    with (BOX / "locale" / language / "LC_MESSAGES" / "screen.mo").open("rb") as file:
        read = GNUTranslations(file)
    assert {message: read.gettext(message) for message in calls()} == catalogue(language)


def test_chinese_is_chinese():
    """A sentence that somebody forgot to translate stands there in English; only units may."""
    latin = [zh for zh in catalogue("zh_CN").values() if not any("\u4e00" <= letter <= "\u9fff" for letter in zh)]
    assert latin == ["{rate} MB/s"]


def test_a_fact_with_words_of_its_own_stands_in_each_language():
    assert say("This week: {seconds} s of {owed} s", seconds=5, owed=9, left=say("{count} min", count=3)) == Said(
        "本周还差 3 分钟", "This week: 5 s of 9 s"
    )
    assert both("press: an hour later") == "按一下：推迟一小时 · press: an hour later"
