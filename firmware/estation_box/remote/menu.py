"""What a key means: the menu on the card, and the keys while something is shown. Tables and functions. Pure.

Everything is reached by arrows and OK alone, and everything that is chosen has a picture and a number: nobody need
read. ``1`` to ``0`` choose at once. From the card a film of any topic plays after at most six keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from estation_box.remote.keys import Key
from estation_box.remote.offer import Shelf, minutes_of
from estation_box.remote.pages import (
    BAR_SECONDS,
    COLUMNS,
    FIELDS,
    MAX_COUNT,
    OPEN_SECONDS,
    PAGE,
    REASONS,
    ROWS,
    SHORT_SECONDS,
    TOOLS,
    Act,
    Deed,
    Known,
    Menu,
    Scene,
    Stage,
    Tool,
)

_STEERING: Final[Mapping[tuple[Stage, Key], Act]] = {
    (Stage.SESSION, Key.PAUSE): Act.PAUSE,
    (Stage.SESSION, Key.PLAY): Act.PAUSE,
    (Stage.SESSION, Key.NEXT): Act.NEXT,
    (Stage.SESSION, Key.RIGHT): Act.NEXT,
    (Stage.SESSION, Key.REWIND): Act.REWIND,
    (Stage.SESSION, Key.LEFT): Act.REWIND,
    (Stage.SESSION, Key.LANGUAGE): Act.LANGUAGE,
    (Stage.SESSION, Key.UP): Act.LANGUAGE,
    (Stage.SESSION, Key.STOP): Act.STOP,
    (Stage.PAUSED, Key.PAUSE): Act.RESUME,
    (Stage.PAUSED, Key.PLAY): Act.RESUME,
    (Stage.PAUSED, Key.OK): Act.RESUME,
    (Stage.PAUSED, Key.STOP): Act.STOP,
    (Stage.PAUSED, Key.BACK): Act.STOP,
    **dict.fromkeys(((Stage.COUNTDOWN, key) for key in Key), Act.LATER),
}
"""Keys that need no menu. While a countdown runs every key means «later»."""

_TOOL_SCENES: Final = {
    Tool.COUNT: Scene.COUNT, Tool.CLOSED: Scene.CLOSED, Tool.CLOCK: Scene.CLOCK, Tool.INFO: Scene.INFO,
}  # fmt: skip


Step = tuple[Menu, Deed | None]


def pressed(menu: Menu, key: Key, stage: Stage, known: Known) -> Step:
    """The menu after a key, and what the box shall do about it."""
    if stage is Stage.OTHER:
        return Menu(), None
    in_page = menu.scene not in {Scene.SHUT, Scene.BAR}
    act = None if in_page else _STEERING.get((stage, key))
    if menu.scene is Scene.BAR and key is Key.OK and stage is Stage.SESSION:
        act = Act.PAUSE
    if act is not None:
        showing = stage is Stage.SESSION and act not in {Act.STOP, Act.PAUSE}
        return Menu(scene=Scene.BAR if showing else Scene.SHUT), Deed(act=act)
    if not in_page:
        return _opened(key, stage, known)
    if key is Key.MENU or (key is Key.BACK and stage is not Stage.CARD):
        return Menu(), None
    if key is Key.BACK:
        return _back(menu), None
    return _PAGES[menu.scene](menu, key, known)


def _opened(key: Key, stage: Stage, known: Known) -> Step:
    """A key where no page is open."""
    if stage is Stage.PAUSED or key is Key.BACK:
        return Menu(), None
    if stage is Stage.SESSION:
        if key.digit is not None:
            return _count(_counting(known), key, known)
        return (_counting(known) if key is Key.DOWN else Menu(scene=Scene.BAR)), None
    if key is Key.PLAY:
        return Menu(), _short(known.shelves, known)
    if key is Key.INFO:
        return Menu(scene=Scene.INFO), None
    return _tiles(_topics(known), key, known) if key.digit is not None else (_topics(known), None)


def _topics(known: Known) -> Menu:
    """The first page, in the middle of the topics: none is further away than three keys."""
    return Menu(scene=Scene.TOPICS, at=min(COLUMNS // 2, max(len(known.shelves) - 1, 0)))


def _back(menu: Menu) -> Menu:
    """One page back, to the tile that led to this one."""
    if menu.scene is Scene.TOPICS:
        return Menu()
    if menu.scene is Scene.FILMS:
        return Menu(scene=Scene.TOPICS, at=menu.shelf)
    tool = next(tool for tool, scene in _TOOL_SCENES.items() if scene is menu.scene)
    return Menu(scene=Scene.TOPICS, at=COLUMNS * ROWS + TOOLS.index(tool))


def _counting(known: Known) -> Menu:
    return Menu(scene=Scene.COUNT, number=known.counted)


def _tiles(menu: Menu, key: Key, known: Known) -> Step:
    """Topics in two rows of five, and the tools below them."""
    shelves = known.shelves
    topic = menu.at if key.digit is None else (key.digit - 1) % 10
    chosen = shelves[topic] if menu.at < COLUMNS * ROWS and topic < len(shelves) else None
    if key.digit is not None:
        return (Menu(scene=Scene.FILMS, shelf=topic), None) if topic < len(shelves) else (menu, None)
    if key is Key.PLAY:
        return Menu(), _short((chosen,) if chosen else shelves, known)
    if key is Key.OK and chosen is not None:
        return Menu(scene=Scene.FILMS, shelf=topic), None
    if key is Key.OK and menu.at >= COLUMNS * ROWS:
        return _tool(TOOLS[menu.at - COLUMNS * ROWS], known)
    return replace(menu, at=_moved(menu.at, key, len(shelves))), None


def _tool(tool: Tool, known: Known) -> Step:
    if tool is Tool.FIVE:
        return Menu(), _short(known.shelves, known)
    scene = _TOOL_SCENES[tool]
    return Menu(scene=scene, number=known.counted, clock=known.local if scene is Scene.CLOCK else None), None


def _moved(at: int, key: Key, topics: int) -> int:
    """The next tile that there is in the key's direction; the same one where there is none."""
    row, column = divmod(at, COLUMNS)
    if key in {Key.LEFT, Key.RIGHT}:
        wanted = at + (1 if key is Key.RIGHT else -1)
        there = wanted // COLUMNS == row and wanted >= 0
        return wanted if there and (wanted < topics or row == ROWS) else at
    rows = range(row + 1, ROWS + 1) if key is Key.DOWN else range(row - 1, -1, -1) if key is Key.UP else ()
    for other in rows:
        if other == ROWS:
            return other * COLUMNS + column
        in_row = min(topics - other * COLUMNS, COLUMNS)
        if in_row > 0:
            return other * COLUMNS + min(column, in_row - 1)
    return at


def _films(menu: Menu, key: Key, known: Known) -> Step:
    """The films of one topic, a page of five at a time; LEFT and RIGHT turn the page."""
    if menu.shelf >= len(known.shelves):
        return Menu(), None
    films = known.shelves[menu.shelf].films
    first = menu.at - menu.at % PAGE
    if key.digit is not None:
        at = first + key.digit - 1
        good = 1 <= key.digit <= PAGE and at < len(films)
        return (Menu(), Deed(act=Act.PLAY, contents=(films[at].content,))) if good else (menu, None)
    if key is Key.OK and menu.at < len(films):
        return Menu(), Deed(act=Act.PLAY, contents=(films[menu.at].content,))
    if key is Key.PLAY:
        return Menu(), _short((known.shelves[menu.shelf],), known)
    by = {Key.UP: -1, Key.DOWN: 1, Key.LEFT: -PAGE, Key.RIGHT: PAGE}.get(key, 0)
    return replace(menu, at=min(max(menu.at + by, 0), max(len(films) - 1, 0))), None


def _short(shelves: tuple[Shelf, ...], known: Known) -> Deed | None:
    """Five minutes of these topics."""
    contents = minutes_of((film for shelf in shelves for film in shelf.films), SHORT_SECONDS, known.turn)
    return Deed(act=Act.PLAY, contents=contents) if contents else None


def _count(menu: Menu, key: Key, known: Known) -> Step:  # noqa: ARG001 - one shape for every page
    """How many people are there: digits, or arrows from the number that was counted last."""
    if key is Key.OK:
        return Menu(), Deed(act=Act.COUNTED, number=menu.number)
    if key.digit is not None:
        number = menu.number * 10 + key.digit if menu.typed else key.digit
        return (replace(menu, number=number, typed=True) if number <= MAX_COUNT else menu), None
    by = {Key.UP: 1, Key.DOWN: -1, Key.LEFT: -10, Key.RIGHT: 10}.get(key, 0)
    return replace(menu, number=min(max(menu.number + by, 0), MAX_COUNT)), None


def _closed(menu: Menu, key: Key, known: Known) -> Step:  # noqa: ARG001 - one shape for every page
    at = menu.at if key.digit is None else key.digit - 1
    if (key is Key.OK or key.digit is not None) and 0 <= at < len(REASONS):
        return Menu(), Deed(act=Act.CLOSE, reason=REASONS[at])
    by = {Key.LEFT: -1, Key.RIGHT: 1}.get(key, 0)
    return replace(menu, at=min(max(menu.at + by, 0), len(REASONS) - 1)), None


def _clock(menu: Menu, key: Key, known: Known) -> Step:
    """LEFT and RIGHT choose day, hour or minute, UP and DOWN change it."""
    shown = menu.clock or known.local
    if shown is None:
        return Menu(), None
    if key is Key.OK:
        return Menu(), Deed(act=Act.SET_CLOCK, at=shown)
    at = min(max(menu.at + {Key.LEFT: -1, Key.RIGHT: 1}.get(key, 0), 0), len(FIELDS) - 1)
    by = {Key.UP: 1, Key.DOWN: -1}.get(key, 0) * FIELDS[at]
    return replace(menu, at=at, clock=shown + by), None


def _info(menu: Menu, key: Key, known: Known) -> Step:  # noqa: ARG001 - one shape for every page
    return (Menu() if key is Key.OK else menu), None


_PAGES: Final = {
    Scene.TOPICS: _tiles, Scene.FILMS: _films, Scene.COUNT: _count,
    Scene.CLOSED: _closed, Scene.CLOCK: _clock, Scene.INFO: _info,
}  # fmt: skip


def open_for(menu: Menu) -> float:
    """Seconds after the last key until the menu shuts by itself."""
    return BAR_SECONDS if menu.scene is Scene.BAR else OPEN_SECONDS
