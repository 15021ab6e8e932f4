"""What is not marked for translation is found on the pages themselves: in Chinese they hold no English word."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from html.parser import HTMLParser

from tests.centre.registry.test_matrix import ROUTES, ask, logged_in, places

__all__ = ["places"]
TOLD_IN = {"aria-label", "alt", "title", "placeholder", "data-name"}
BESIDE = [
    f"/sums/?by={way}&region=653101" for way in ("kind", "county", "site", "series", "topic", "language", "bulletin")
]
UNSEEN = {"script", "style", "code"}
VOID = {"meta", "link", "input", "img", "br", "hr", "rect"}
WORD = re.compile(r"(?<![\w@./:=-])[A-Za-z]?[a-z]{2,}(?![\w@./:=-])")
OF_THE_DATA = re.compile(r"Place\d( \w+)?|administrator-user|harvest|from the beginning|paper|estation-central \w+")
AS_THEY_ARE = {"English", "min", "reports"}
"""The other language's own name; a unit; a folder on the stick."""


class Told(HTMLParser):
    """What people see of a page, and what is read out to them; without what says of itself that it is not Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self._hidden: list[bool] = []
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        foreign = not (told.get("lang") or "zh").startswith("zh")
        hidden = any(self._hidden[-1:]) or tag in UNSEEN or foreign or told.get("translate") == "no"
        if tag not in VOID:
            self._hidden.append(hidden)
        if not hidden:
            self.pieces += [value for name, value in attrs if name in TOLD_IN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._hidden:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._hidden[-1:]):
            self.pieces.append(data)


def english(page: str) -> set[str]:
    """The English words of a page."""
    told = Told()
    told.feed(page)
    return set(WORD.findall(OF_THE_DATA.sub(" ", " ".join(told.pieces)))) - AS_THEY_ARE


def test_no_page_holds_an_english_word_in_chinese(places) -> None:
    """Every route, for somebody who may see it all; a form that was sent empty says in Chinese what is wrong."""
    from estation_central.registry.models import Site

    Site.objects.filter(pk="site-0").update(languages=["ug-Arab", "en"])
    client = logged_in("administrator")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    found = {f"{path}": words for path in BESIDE if (words := english(client.get(path).content.decode()))}
    for name, route in ROUTES.items():
        if name == "logout":
            continue
        answer = ask(client, name, 0, places)
        if answer.status_code == 302:
            answer = client.get(answer.headers["Location"])
        if answer.headers["Content-Type"].startswith("text/html") and (words := english(answer.content.decode())):
            found[name] = words
        if route.method == "get" and answer.status_code == 200:
            again = client.post(answer.wsgi_request.path, {"do": "give"})
            if again.status_code == 400 and (words := english(again.content.decode())):
                found[f"{name}, sent empty"] = words
    assert not found
