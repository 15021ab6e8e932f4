"""Whoever reads Chinese reads Chinese: every word that is marked for translation has one, and none is left over."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import polib
import pytest

CENTRE = Path(__file__).resolve().parents[2] / "central/estation_central"
CATALOGUES = sorted(CENTRE.rglob("locale/zh_Hans/LC_MESSAGES/django.po"))
ONE, MANY, ONE_OF, MANY_OF = "one", "many", "one of a context", "many of a context"
CALLS = {
    "gettext": ONE, "gettext_lazy": ONE, "gettext_noop": ONE,
    "ngettext": MANY, "ngettext_lazy": MANY,
    "pgettext": ONE_OF, "pgettext_lazy": ONE_OF,
    "npgettext": MANY_OF, "npgettext_lazy": MANY_OF,
}  # fmt: skip
LEAST_IN_PYTHON, LEAST_IN_TEMPLATES = 250, 300  # a search that finds nothing has found no fault, either


class Word(NamedTuple):
    """What is looked up in a catalogue; ``many`` is empty where there is one form."""

    one: str
    many: str = ""
    context: str = ""


def in_python(source: str) -> Iterator[Word]:
    """Every word that Django's functions are called with, whatever name they go by and however it is broken."""
    tree = ast.parse(source)
    names = {
        each.asname or each.name: CALLS[each.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for each in node.names
        if each.name in CALLS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            form = names.get(called) if isinstance(node.func, ast.Name) else CALLS.get(called)
            if form is not None:
                yield _word(form, [each.value if isinstance(each, ast.Constant) else None for each in node.args])


def _word(form: str, told: list[object]) -> Word:
    wanted = {ONE: 1, MANY: 2, ONE_OF: 2, MANY_OF: 3}[form]
    words = [each for each in told[:wanted] if isinstance(each, str)]
    assert len(words) == wanted, f"{told}: a word that is looked up is one literal"
    context = words.pop(0) if form in {ONE_OF, MANY_OF} else ""
    return Word(words[0], words[1] if len(words) > 1 else "", context)


def in_template(source: str) -> Iterator[Word]:
    """Every word that a template looks up when it is shown: its own parser says which."""
    from django.template import engines  # noqa: PLC0415 (Django must be set up first)
    from django.template.base import FilterExpression, Node  # noqa: PLC0415
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode  # noqa: PLC0415

    def literal(expression: FilterExpression) -> str:
        told = getattr(expression.var, "literal", expression.var)
        assert isinstance(told, str), "a word that is looked up is one literal"
        return str(told)

    for node in engines["django"].from_string(source).template.nodelist.get_nodes_by_type(Node):
        context = literal(node.message_context) if getattr(node, "message_context", None) else ""
        if isinstance(node, TranslateNode):
            yield Word(literal(node.filter_expression), context=context)
        elif isinstance(node, BlockTranslateNode):
            one = node.render_token_list(node.singular)[0]
            yield Word(one, node.render_token_list(node.plural)[0] if node.plural else "", context)
    for told in re.findall(r"""\b_\((".*?"|'.*?')\)""", source):  # the parser puts these into words as it reads them
        yield Word(ast.literal_eval(told))


def marked() -> dict[Word, Path]:
    """Every word of the centre, and a file in which it is."""
    found: dict[Word, Path] = {}
    for paths, search, least in (
        ((each for each in CENTRE.rglob("*.py") if "migrations" not in each.parts), in_python, LEAST_IN_PYTHON),
        (CENTRE.rglob("*.html"), in_template, LEAST_IN_TEMPLATES),
    ):
        some = {word: path for path in sorted(paths) for word in search(path.read_text(encoding="utf-8"))}
        assert len(some) > least
        found |= some
    return found


def known() -> dict[Word, tuple[str, ...]]:
    """Every word of the catalogues, and its Chinese."""
    return {
        Word(each.msgid, each.msgid_plural, each.msgctxt or ""): tuple(each.msgstr_plural.values()) or (each.msgstr,)
        for path in CATALOGUES
        for each in polib.pofile(str(path))
        if not each.obsolete and not each.fuzzy
    }


def test_every_word_is_translated(django: Path) -> None:
    """No page, form or message falls back to English."""
    missing = {word: path.name for word, path in marked().items() if word not in known()}
    assert not missing
    assert all(all(told) for told in known().values())


def test_no_word_is_left_over(django: Path) -> None:
    """What nobody says any more is not translated: beside it stands what is said now, and is not."""
    assert known().keys() - marked().keys() == set()


def test_a_word_has_one_translation() -> None:
    """Where two catalogues translate one word they say the same: which of them wins is chance."""
    told: dict[tuple[str, str | None], set[str]] = {}
    for path in CATALOGUES:
        for each in polib.pofile(str(path)):
            told.setdefault((each.msgid, each.msgctxt), set()).add(each.msgstr)
    assert {word: some for word, some in told.items() if len(some) > 1} == {}


def test_what_is_put_into_a_sentence_is_put_into_its_translation() -> None:
    """A number that the English sentence tells, the Chinese one tells as well."""

    def places(words: Iterable[str]) -> set[str]:
        return {place for each in words for place in re.findall(r"%(?:\(\w+\))?[sdf]", each)}

    for word, told in known().items():
        assert places(told) == places({word.one, word.many}), word


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_the_compiled_words_are_those_of_the_text(path: Path) -> None:
    """What is installed is what was written."""
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for each in polib.pofile(str(path)):
        if each.msgid_plural:
            assert [compiled.ngettext(each.msgid, each.msgid_plural, 2)] == [each.msgstr_plural[0]]
        else:
            told = compiled.pgettext(each.msgctxt, each.msgid) if each.msgctxt else compiled.gettext(each.msgid)
            assert told == each.msgstr


def test_the_search_sees_every_way_in_which_a_word_is_said(django: Path) -> None:
    """A call over several lines, another name for it, both forms, a context; in templates blocks and filters."""
    source = """
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy
_("one line"), gettext_lazy(
    "over "
    "two"
), ngettext("%(n)d hall", "%(n)d halls", 2), pgettext_lazy("month", "May"), translation.gettext("by its home")
_unrelated("not a word"), gettext_of_another("nor this")
"""
    by_home = Word("by its home")
    assert set(in_python(source)) == {
        Word("one line"), Word("over two"), Word("%(n)d hall", "%(n)d halls"), Word("May", context="month"), by_home,
    }  # fmt: skip
    with pytest.raises(AssertionError, match="one literal"):
        list(in_python("from django.utils.translation import gettext as _\n_(f'{1} of it')"))
    template = """{% load i18n %}{% if a %}{% translate "plain" %}{% endif %}{% for b in c %}
{% blocktranslate count n=b %}{{ n }} hall{% plural %}{{ n }} halls{% endblocktranslate %}{% empty %}
{% blocktranslate trimmed with x=b.y %}
  so {{ x }}
  it is
{% endblocktranslate %}{% endfor %}{{ d|default:_("by a filter") }}{% translate "May" context "month" as e %}"""
    assert set(in_template(template)) == {
        Word("plain"), Word("%(n)s hall", "%(n)s halls"), Word("so %(x)s it is"), Word("by a filter"),
        Word("May", context="month"),
    }  # fmt: skip


def test_topics_and_languages_have_words(django: Path) -> None:
    """Every topic of the closed list has a word in both languages; a tag that nobody knows stands as it came."""
    from django.utils import translation  # noqa: PLC0415 (Django must be set up first)

    from estation_central.site import tags  # noqa: PLC0415
    from estation_wire.audience import Topic  # noqa: PLC0415

    assert tags.TOPIC.keys() == set(Topic)
    cases = {
        "ug-Arab": ("Uyghur", "维吾尔语"), "zh": ("Chinese", "中文"), "zh-Hans-CN": ("Chinese (CN)", "中文（CN）"),
        "kk-Cyrl": ("Kazakh (Cyrillic letters)", "哈萨克语（西里尔字母）"), "xx": ("xx", "xx"),
        "": ("language not told", "未注明语言"),
    }  # fmt: skip
    for place, language in enumerate(("en", "zh-hans")):
        with translation.override(language):
            assert {tag: tags.language(tag) for tag in cases} == {tag: told[place] for tag, told in cases.items()}
            assert tags.topic("food-safety") == ("food safety", "食品安全")[place]
            assert tags.topic("newer") == "newer"
