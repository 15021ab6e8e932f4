"""Words for what films are tagged with: topics of the closed list, and languages by their BCP 47 tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from estation_wire.audience import Topic

TOPIC: Final[dict[Topic, Promise]] = {
    Topic.HEALTH: gettext_lazy("health"),
    Topic.EPIDEMIC_PREVENTION: gettext_lazy("prevention of epidemics"),
    Topic.FOOD_SAFETY: gettext_lazy("food safety"),
    Topic.EMERGENCY: gettext_lazy("emergencies and how to prepare"),
    Topic.LOW_CARBON: gettext_lazy("low-carbon living"),
    Topic.MENTAL: gettext_lazy("mental well-being"),
    Topic.ENVIRONMENT: gettext_lazy("ecology and environment"),
    Topic.RURAL: gettext_lazy("rural revitalisation"),
    Topic.SUPERSTITION: gettext_lazy("against superstition"),
    Topic.GENERAL: gettext_lazy("science in general"),
}
_LANGUAGE: Final[dict[str, Promise]] = {
    "zh": gettext_lazy("Chinese"),
    "ug": gettext_lazy("Uyghur"),
    "kk": gettext_lazy("Kazakh"),
    "ky": gettext_lazy("Kyrgyz"),
    "mn": gettext_lazy("Mongolian"),
    "bo": gettext_lazy("Tibetan"),
    "tg": gettext_lazy("Tajik"),
    "uz": gettext_lazy("Uzbek"),
    "sjo": gettext_lazy("Xibe"),
    "srh": gettext_lazy("Sarikoli"),
    "wbl": gettext_lazy("Wakhi"),
    "ru": gettext_lazy("Russian"),
    "en": gettext_lazy("English"),
}
_SCRIPT: Final[dict[str, Promise]] = {
    "Hans": gettext_lazy("simplified"),
    "Hant": gettext_lazy("traditional"),
    "Arab": gettext_lazy("Arabic letters"),
    "Cyrl": gettext_lazy("Cyrillic letters"),
    "Latn": gettext_lazy("Latin letters"),
    "Mong": gettext_lazy("Mongolian letters"),
}
_USUAL: Final = {"zh": "Hans", "ug": "Arab", "kk": "Arab", "ky": "Arab", "mn": "Mong", "en": "Latn", "ru": "Cyrl"}
"""The script in which people here read a language; another one is named beside it."""


def topic(tag: str) -> str:
    """The word for a topic; a topic that only a newer studio knows stands there as it came."""
    if not tag:
        return _("films that no catalogue of ours names")
    return str(TOPIC[Topic(tag)]) if tag in set(Topic) else tag


def language(tag: str) -> str:
    """The word for a language, such as ``ug-Arab``; one that is not known here stands there as it came."""
    if not tag:
        return _("language not told")
    primary, *rest = tag.split("-")
    name = _LANGUAGE.get(primary)
    if name is None:
        return tag
    beside = [str(_SCRIPT.get(each, each)) for each in rest if each != _USUAL.get(primary)]
    told = {"language": name, "script": " ".join(beside)}
    return _("%(language)s (%(script)s)") % told if beside else str(name)


def languages(tags: Iterable[str]) -> list[str]:
    """The words for several."""
    return [language(each) for each in tags]
