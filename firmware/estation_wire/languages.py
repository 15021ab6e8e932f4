"""Which of several languages people here understand: BCP 47 tags, with their script where it matters. Pure.

Kazakh and Kyrgyz are written in Arabic letters here and in Cyrillic ones next door: who reads the one does not read the
other, and hears both. A tag without a script is taken to be in its language's own, where that has but one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_OWN_SCRIPT: Final[Mapping[str, str]] = {"en": "Latn", "ru": "Cyrl", "ug": "Arab", "zh": "Hans", "cmn": "Hans"}


def primary(tag: str) -> str:
    """The language of a tag: ``kk`` of ``kk-Arab-CN``."""
    return tag.partition("-")[0].lower()


def script(tag: str) -> str:
    """The script of a tag (four letters), that of its language where it names none, else empty."""
    named = next((part.title() for part in tag.split("-")[1:] if len(part) == 4 and part.isalpha()), "")
    return named or _OWN_SCRIPT.get(primary(tag), "")


def read_by(wanted: str, tag: str) -> bool:
    """Whether who reads ``wanted`` reads ``tag``: the same language in the same script."""
    return wanted == tag or (primary(wanted) == primary(tag) and script(wanted) == script(tag) != "")


def heard_by(wanted: str, tag: str) -> bool:
    """Whether who speaks ``wanted`` understands ``tag`` when it is spoken: script is no matter of the ear."""
    return primary(wanted) == primary(tag)


def of(words: Mapping[str, object], languages: Sequence[str]) -> str | None:
    """The tag of ``words`` that people of ``languages`` read: theirs exactly, else one that they read; or None."""
    for wanted in languages:
        if wanted in words:
            return wanted
        for tag in words:
            if read_by(wanted, tag):
                return tag
    return None
