"""The words of the screen, of sticks and of what is told of both, in Chinese and in English: gettext catalogues.

``locale/LANGUAGE/LC_MESSAGES/screen.po`` is what people mend, ``screen.mo`` beside it what is read here, once; after a
change `scripts/make-words` makes the one from the other. The English sentence in the code is the message's name: what
people read in English stands in the catalogue ``en``, and may be mended there.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Final, NamedTuple, Self

DOMAIN: Final = "screen"
LOCALE: Final = Path(__file__).with_name("locale")
FACT_CHARACTERS: Final = 26  # a title of the field has 4 to 20; sentence and facts together stay below 96


class Said(NamedTuple):
    """One sentence in both languages; ``{…}`` stand for facts."""

    zh: str
    en: str

    def about(self, **facts: object) -> Self:
        """The sentence with its facts filled in, each on one line and cut to `FACT_CHARACTERS`."""
        short = {name: " ".join(str(fact).split())[:FACT_CHARACTERS] for name, fact in facts.items()}
        return self._replace(zh=self.zh.format(**short), en=self.en.format(**short))

    def to(self, languages: tuple[str, ...]) -> str:
        """The sentence for people who read ``languages``: Chinese, unless English stands before it."""
        for language in languages:
            if language.startswith("zh"):
                return self.zh
            if language.startswith("en"):
                return self.en
        return self.zh


def say(message: str, **facts: object) -> Said:
    """A message in both languages. A fact that is `Said` itself is put into each in its own language."""
    zh, en = (_catalogue(language).gettext(message) for language in ("zh_CN", "en"))
    if not facts:
        return Said(zh, en)
    chinese = {name: fact.zh if isinstance(fact, Said) else fact for name, fact in facts.items()}
    english = {name: fact.en if isinstance(fact, Said) else fact for name, fact in facts.items()}
    return Said(zh.format(**chinese), en.format(**english))


def both(message: str, **facts: object) -> str:
    """A message in both languages, in one line."""
    return " · ".join(say(message, **facts))


@cache
def _catalogue(language: str) -> GNUTranslations:
    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return GNUTranslations(file)
