"""What may stand in the registry's fields, by the words of the contract; Django's form of saying no."""

from __future__ import annotations

import re
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from estation_wire.hours import Calendar, ClosedWeek, Term, Window
from estation_wire.values import LANGUAGE_PATTERN

PARTS: Final = {"opening": Window, "lessons": Window, "make_up": Window, "terms": Term, "closed": ClosedWeek}
MOST_LANGUAGES: Final = 8  # a profile takes no more


def time_zone(name: str) -> None:
    """Refuse what names no time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(_("“%(name)s” is no time zone, such as Asia/Urumqi."), params={"name": name}) from None


def language_tags(tags: Any) -> None:
    """Refuse what is no list of language tags (BCP 47, such as ``ug`` or ``kk-Arab``)."""
    if not isinstance(tags, list) or len(tags) > MOST_LANGUAGES:
        raise ValidationError(_("At most %(most)d languages, as a list."), params={"most": MOST_LANGUAGES})
    for tag in tags:
        if not isinstance(tag, str) or not re.match(LANGUAGE_PATTERN, tag):
            raise ValidationError(_("“%(tag)s” is no language tag, such as ug or kk-Arab."), params={"tag": str(tag)})


def calendar_words(words: Any) -> None:
    """Refuse what a box could not read as its calendar, and what it would pass over: a misspelt word is no hours."""
    try:
        msgspec.convert(words, Calendar)
    except msgspec.ValidationError as error:
        raise ValidationError(_("These are no hours: %(error)s"), params={"error": str(error)}) from None
    unknown = words.keys() - set(Calendar.__struct_fields__)
    for name, kind in PARTS.items():
        unknown |= {word for part in words.get(name, ()) for word in part.keys() - set(kind.__struct_fields__)}
    if unknown:
        raise ValidationError(_("These are no hours: %(error)s"), params={"error": f"{', '.join(sorted(unknown))}?"})
