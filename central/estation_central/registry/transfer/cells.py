"""One column of a table: how a cell becomes a value, and a value a cell. Pure; what is wrong is said in plain words."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from msgspec import Struct

SEPARATOR: Final = ";"
NESTS: Final = 16  # lists and objects within one another; hours have four
Words = str | Promise


def in_every_language(words: Words) -> frozenset[str]:
    """Words as they are in each language of the pages, in small letters: a file may come from a colleague."""
    told = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            told.add(str(words).casefold())
    return frozenset(told)


class Column(Struct, frozen=True, kw_only=True, eq=False):
    """A column. ``name`` and ``title`` are both taken as its heading; ``refers``: the sheet whose key it holds."""

    name: str
    title: Words
    needed: bool = False
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    refers: str = ""
    empty: Any = ""
    """What an empty cell means."""


def number(text: str) -> int:
    """A whole number in digits, up to nine of them."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValidationError(_("“%(text)s” is no whole number.") % {"text": text})
    return int(text)


def day(text: str) -> date:
    """A date such as ``2026-11-30``."""
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise ValidationError(_("“%(text)s” is no date such as 2026-11-30.") % {"text": text}) from None


def words(text: str) -> list[str]:
    """Several words with semicolons between them."""
    return [word.strip() for word in text.replace("；", SEPARATOR).split(SEPARATOR) if word.strip()]


def structure(text: str) -> Any:
    """JSON, such as hours."""
    try:
        return json_of(text)
    except ValueError:
        raise ValidationError(_("These are no hours in JSON.")) from None


def json_of(text: str) -> Any:
    """JSON that a database can keep. Raises `ValueError`."""
    msg = "JSON that no database keeps"
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError(msg) from None
    if not _can_be_kept(value, NESTS):
        raise ValueError(msg)
    return value


def _can_be_kept(value: Any, nests: int) -> bool:
    """Python reads NaN, NUL and halves of characters, which PostgreSQL refuses, and deeper nests than it can write."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict | list):
        within = [*value, *value.values()] if isinstance(value, dict) else value
        return nests > 0 and all(_can_be_kept(each, nests - 1) for each in within)
    return True


def one_of(choices: Mapping[str, Words]) -> Callable[[str], str]:
    """One of a closed list, by its word in the contract or by its name in the reader's language."""

    def read(text: str) -> str:
        if text in choices:
            return text
        for value, label in choices.items():
            if text.casefold() in in_every_language(label):
                return value
        listed = " / ".join(f"{value} ({label})" for value, label in choices.items())
        raise ValidationError(_("“%(text)s” is none of: %(listed)s") % {"text": text, "listed": listed})

    return read


def joined(value: Any) -> str:
    """Several words as one cell."""
    return SEPARATOR.join(value or ())


def as_json(value: Any) -> str:
    """JSON as one cell; nothing for no hours."""
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def plain(value: Any) -> str:
    """Text, numbers and dates; nothing for none."""
    return "" if value is None else str(value)
