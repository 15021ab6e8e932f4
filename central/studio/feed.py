"""What a podcast or news feed offers: RSS 2.0 and Atom, read from bytes that nobody vouches for. Pure.

One real entry::

    <item><title>洗手</title><enclosure url="hand-washing.mp4" length="52100" type="video/mp4"/></item>
"""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

from estation_wire.values import LANGUAGE_PATTERN, matches
from studio.errors import StudioError

FEED_LIMIT_BYTES: Final = 5 * 1024 * 1024
MAX_ENTRIES: Final = 500
CHINESE: Final = frozenset({"zh", "zh-CN", "zh-cn", "zh-SG"})
MAX_WORDS: Final = 200  # characters of a title
ATOM: Final = "{http://www.w3.org/2005/Atom}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
LICENCE: Final = "{http://backend.userland.com/creativeCommonsRssModule}license"


class Offer(NamedTuple):
    """One film, picture or sound of a feed, and what the feed says of it."""

    title: str
    address: str
    language: str
    credit: str
    licence: str


def offers(raw: bytes, address: str) -> list[Offer]:
    """The enclosures of a feed that lies at ``address``, at most 500; raises `StudioError` where it is none.

    A feed from the network names files of the network only, never of this machine.
    """
    root = _parsed(raw)
    channel = root.find("channel")
    top = root if channel is None else channel
    entries = top.findall("item") or top.findall(f"{ATOM}entry")
    language = _words(top, "language", f"{DC}language")
    language = "zh-Hans" if language in CHINESE else language if matches(LANGUAGE_PATTERN, language) else "und"
    credit = _words(top, "title", f"{ATOM}title")
    licence = _words(top, LICENCE, "copyright", f"{ATOM}rights", f"{DC}rights")
    found = []
    for entry in entries[:MAX_ENTRIES]:
        there = _enclosure(entry)
        if there is None:
            continue
        try:
            where = urljoin(address, there)
            scheme = urlsplit(where).scheme
        except ValueError:  # an address that is none
            continue
        if scheme not in {"http", "https"} and not (scheme == "file" and urlsplit(address).scheme == "file"):
            continue
        title = _words(entry, "title", f"{ATOM}title") or where.rpartition("/")[2]
        maker = _words(entry, f"{DC}creator", "author", f"{ATOM}author/{ATOM}name") or credit
        found.append(Offer(title, where, language, maker, _words(entry, LICENCE, f"{DC}rights") or licence))
    return found


def _parsed(raw: bytes) -> ET.Element:
    """The feed's tree; document types and entities, which can grow without end or read files, are refused."""
    if len(raw) > FEED_LIMIT_BYTES:
        msg = f"the feed is larger than {FEED_LIMIT_BYTES // 2**20} MiB"
        raise StudioError(msg)
    try:
        text = raw.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            msg = "the feed has a document type of its own, which no feed needs: it is not read"
            raise StudioError(msg)
        _, _, rest = text.partition("?>") if text.startswith("<?xml") else ("", "", text)
        return ET.fromstring(rest.strip())  # noqa: S314 - without document type and entities, bounded in size
    except (UnicodeDecodeError, ET.ParseError, RecursionError) as error:
        msg = f"it is no feed that can be read ({error}): RSS and Atom in UTF-8 are"
        raise StudioError(msg) from None


def _enclosure(entry: ET.Element) -> str | None:
    plain = entry.find("enclosure")
    if plain is not None:
        return plain.get("url")
    links = [link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "enclosure"]
    return links[0].get("href") if links else None


def _words(element: ET.Element, *names: str) -> str:
    for name in names:
        found = element.find(name)
        text = " ".join((found.text or "").split()) if found is not None else ""
        if text:
            return "".join(letter for letter in text if letter.isprintable())[:MAX_WORDS]
    return ""
