"""Recalling a film: it leaves catalogue, rules, playlists and notices at once, and no box shows it from its next visit.

A film on the screen of a hall when the visit ends is broken off, and the session goes on with its next item. An older
stick brings nothing back: a box takes no library older than the one that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from estation_wire.audience import meant_for
from estation_wire.bulletins import BULLETINS_NAME, Bulletin, Bulletins
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, Item, Playlist, Programme, Rule, words
from studio import preparing, profiles, recalls
from studio.errors import StudioError
from studio.keyring import Keyring
from studio.publishing import REPOSITORY
from studio.repository import Repository
from studio.stick import signed_items
from studio.summary import LANGUAGES, Library

MAX_LISTED: Final = 5  # of films that a word may mean


class Use(NamedTuple):
    """What would be recalled, and where it is used: rules, playlists, notices, stations whose rules show it.

    ``emptied``: rules that would have nothing left to show, and go with it.
    """

    item: Item
    rules: tuple[str, ...]
    emptied: tuple[str, ...]
    playlists: tuple[str, ...]
    notices: tuple[str, ...]
    stations: tuple[str, ...]


def look(folder: Path, word: str) -> Use:
    """What ``word`` (content id, its beginning, or a title) means, and where it is used. Raises `StudioError`."""
    item = _found(signed_items(folder).values(), word)
    library = preparing.published(folder)
    programme = library.programme
    rules = programme.rules if programme else ()
    lists = {each.id: each.contents for each in (programme.playlists if programme else ())}
    using = [rule for rule in rules if item.id in (*rule.contents, *lists.get(rule.playlist or "", ()))]
    left = _without(programme, item.id).rules if programme else ()
    kept = {rule.id for rule in left}
    return Use(
        item,
        tuple(rule.id for rule in using),
        tuple(rule.id for rule in using if rule.id not in kept),
        tuple(name for name, contents in lists.items() if item.id in contents),
        tuple(each.id for each in _notices(library) if item.id in each.contents),
        tuple(_stations(folder, using)),
    )


def recall(folder: Path, word: str, *, now: datetime) -> bool:
    """Recall it; whether that is published now, or waits for signatures. Interrupted, run it again.

    Raises `StudioError`.
    """
    item = look(folder, word).item
    keys = Keyring(folder / "keys")
    repository = Repository(folder / REPOSITORY, keys)
    documents = _documents(folder, repository, recalls.add(folder, repository, item.id), item.id)
    if repository.root().get_delegated_role("targets").threshold == 1:
        return repository.publish(documents, now)
    preparing.write_down(folder, documents, now=now)
    return False


def lines(use: Use) -> Iterable[str]:
    """The dry run, in both languages."""
    yield f"召回 · recall: {words(use.item.titles, LANGUAGES)} ({use.item.id[:12]})"
    for zh, en, names in (
        ("规则", "rules", use.rules),
        ("播放列表", "playlists", use.playlists),
        ("通知", "notices", use.notices),
        ("站点", "stations", use.stations),
    ):
        yield f"  {zh} · {en}: {', '.join(names) or '–'}"
    for name in use.emptied:
        yield f"  规则 {name} 将没有节目，一并撤下 · rule {name} would have nothing to show: it goes too"


def _documents(folder: Path, repository: Repository, recalled: tuple[str, ...], content: str) -> Mapping[str, bytes]:
    """All that is published now, without this film."""
    library = preparing.published(folder)
    targets = repository.targets("targets")
    documents: dict[str, bytes] = {}
    for name in targets.targets if targets else ():
        raw = repository.document(name)
        if raw is not None:
            documents[name] = raw
    catalogue, programme, bulletins = library
    if catalogue is not None:
        items = tuple(item for item in catalogue.items if item.id != content)
        new = replace(catalogue, items=items, recalled=recalled, version=catalogue.version + 1)
        documents[CATALOGUE_NAME] = msgspec.json.encode(new)
    if programme is not None and (thinner := _without(programme, content)) != programme:
        documents[PROGRAMME_NAME] = msgspec.json.encode(replace(thinner, version=programme.version + 1))
    if bulletins is not None and any(content in each.contents for each in bulletins.bulletins):
        documents[BULLETINS_NAME] = msgspec.json.encode(_silent(bulletins, content))
    return documents


def _without(programme: Programme, content: str) -> Programme:
    lists = (_thinner(each, content) for each in programme.playlists)
    playlists = tuple(each for each in lists if each is not None)
    names = {each.id for each in playlists} | {None}
    gone = {each.id for each in programme.playlists} - names
    rules = tuple(
        replace(rule, contents=tuple(one for one in rule.contents if one != content))
        for rule in programme.rules
        if rule.playlist not in gone and set(rule.contents) != {content}
    )
    return replace(programme, rules=rules, playlists=playlists)


def _thinner(playlist: Playlist, content: str) -> Playlist | None:
    contents = tuple(one for one in playlist.contents if one != content)
    return replace(playlist, contents=contents) if contents else None


def _silent(bulletins: Bulletins, content: str) -> Bulletins:
    notices = tuple(
        replace(each, contents=tuple(one for one in each.contents if one != content)) for each in bulletins.bulletins
    )
    return replace(bulletins, bulletins=notices, version=bulletins.version + 1)


def _found(items: Iterable[Item], word: str) -> Item:
    every = list(items)
    exact = [item for item in every if word == item.id or word in item.titles.values()]
    near = [
        item
        for item in every
        if item.id.startswith(word) or any(word.casefold() in title.casefold() for title in item.titles.values())
    ]
    found = exact or near if word else []
    if len(found) == 1:
        return found[0]
    if not found:
        msg = f"没有已发布的节目是“{word}” · nothing that is published is called «{word}»"
        raise StudioError(msg)
    named = ", ".join(f"{words(item.titles, LANGUAGES)} ({item.id[:12]})" for item in found[:MAX_LISTED])
    msg = f"“{word}”不止一个节目，请写出编号 · «{word}» may be several films; name one by its id: {named}"
    raise StudioError(msg)


def _stations(folder: Path, using: Iterable[Rule]) -> Iterable[str]:
    audiences = [rule.audience for rule in using]
    for path in sorted((folder / profiles.FOLDER).glob("*.json")):
        profile = profiles.read(path)
        if any(meant_for(audience, profile.place) for audience in audiences):
            yield profile.station


def _notices(library: Library) -> tuple[Bulletin, ...]:
    return library.bulletins.bulletins if library.bulletins else ()
