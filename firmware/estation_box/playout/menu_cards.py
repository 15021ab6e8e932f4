"""The menu's pages as pictures: tiles with an icon, a number and a word, large enough for ten metres. Pure."""

from __future__ import annotations

from msgspec import Struct

from estation_box.playout import drawing
from estation_box.playout.menu_icons import icon
from estation_box.playout.player_words import Hung
from estation_box.remote.offer import TOPIC_WORDS, Film
from estation_box.remote.pages import COLUMNS, PAGE, REASONS, ROWS, TOOLS, Known, Menu, Reason, Scene, Tool
from estation_box.words import both, say
from estation_wire.audience import Topic

TILE, HIGH, GAP = 204, 172, 17
TOP = 150
ROWS_TOP, ROW_PITCH, ROW_HIGH, ROWS_RIGHT = TOP + 78, 90, 80, 712
SMALL, LARGE = (128, 72), (440, 248)
PICTURE_LEFT, LARGE_LEFT = drawing.LEFT + 54, 744
REASON_WORDS = {
    Reason.HOLIDAYS: say("Holidays"), Reason.EXAMS: say("Exams"),
    Reason.HARVEST: say("Harvest"), Reason.REPAIR: say("Repair"),
}  # fmt: skip
TOOL_WORDS = {
    Tool.FIVE: say("5 minutes"), Tool.COUNT: say("People"), Tool.CLOSED: say("Closed"),
    Tool.CLOCK: say("Clock"), Tool.INFO: say("This box"),
}  # fmt: skip


class Playing(Struct, frozen=True, kw_only=True):
    """What is on the screen now, in seconds; ``languages`` are those that the film can be heard in."""

    title: str = ""
    position: float = 0.0
    seconds: float = 0.0
    language: str = ""
    languages: int = 0
    paused: bool = False


def card(menu: Menu, known: Known, *, name: str, clock: str, info: tuple[str, ...] = ()) -> str:
    """A page of the menu over the whole screen; ``info``: what the box says of itself."""
    page = {
        Scene.TOPICS: lambda: _topics(menu, known),
        Scene.FILMS: lambda: _films(menu, known),
        Scene.COUNT: lambda: _count(menu),
        Scene.CLOSED: lambda: _closed(menu),
        Scene.CLOCK: lambda: _clock(menu),
        Scene.INFO: lambda: _info(info),
    }.get(menu.scene)
    return "\n".join([*drawing.ground(), *drawing.head(name, clock), *(page() if page else [])])


def paused(playing: Playing, *, name: str, clock: str) -> str:
    """The card while somebody has stopped the picture: the sign, what it is, how far it has come."""
    events = [*drawing.ground(), *drawing.head(name, clock)]
    events += icon("pause", 560, 200, 160, colour=drawing.AMBER, mark=drawing.NIGHT)
    events += drawing.block(playing.title, 420, size=44, colour=drawing.PAPER, rows=2, left=200, right=1080)
    return "\n".join([*events, *_bar(playing, 600)])


def bar(menu: Menu, playing: Playing) -> str:
    """The lower third over a film: what it is, how far, and what the keys do; or how many people are there."""
    top = 540
    events = [
        drawing.shape(drawing.box(64, top, drawing.WIDTH - 64, drawing.HEIGHT - 56), drawing.NIGHT, alpha=drawing.VEIL)
    ]
    if menu.scene is Scene.COUNT:
        events += icon("count", 120, top + 18, 88, colour=drawing.AMBER, mark=drawing.NIGHT)
        events.append(drawing.line(str(menu.number), 260, top + 62, anchor=4, size=72))
        events.append(drawing.line("0-9 · OK ✓", drawing.RIGHT, top + 62, anchor=6, size=38, colour=drawing.MIST))
        return "\n".join(events)
    events += drawing.block(playing.title, top + 8, size=32, colour=drawing.PAPER, rows=1)
    keys = ["rewind", "pause", "next", *(("language",) if playing.languages > 1 else ()), "count"]
    for at, (key, sign) in enumerate(
        zip(keys, ("◀", "OK", "▶", *(("▲",) if playing.languages > 1 else ()), "▼"), strict=True)
    ):
        x = drawing.LEFT + at * 180
        events += icon(key, x, top + 64, 36, colour=drawing.AMBER, mark=drawing.NIGHT)
        events.append(drawing.line(sign, x + 54, top + 82, anchor=4, size=28, colour=drawing.MIST))
    return "\n".join([*events, *_bar(playing, 650)])


def _bar(playing: Playing, top: int) -> list[str]:
    share = min(playing.position / playing.seconds, 1.0) if playing.seconds > 0 else 0.0
    right = drawing.LEFT + (drawing.RIGHT - drawing.LEFT) * share
    return [
        drawing.shape(drawing.box(drawing.LEFT, top, drawing.RIGHT, top + 6), drawing.LINE),
        drawing.shape(drawing.box(drawing.LEFT, top, max(right, drawing.LEFT + 2), top + 6), drawing.JADE),
    ]


def _tile(place: int, *, chosen: bool, high: int = HIGH, top: int = TOP) -> tuple[float, float, list[str]]:
    """The corner of the tile at ``place``, and its ground: bright where it is chosen."""
    row, column = divmod(place, COLUMNS)
    x, y = drawing.LEFT + column * (TILE + GAP), top + row * (HIGH + GAP)
    edge = 6
    ground = [drawing.shape(drawing.box(x, y, x + TILE, y + high), drawing.LINE)]
    if chosen:
        ground.insert(
            0, drawing.shape(drawing.box(x - edge, y - edge, x + TILE + edge, y + high + edge), drawing.AMBER)
        )
    return x, y, ground


def _words(both: tuple[str, str], x: float, y: float) -> list[str]:
    first, second = both
    return [
        drawing.line(first, x, y, anchor=5, size=30),
        drawing.line(second, x, y + 32, anchor=5, size=21, colour=drawing.MIST),
    ]


def _topics(menu: Menu, known: Known) -> list[str]:
    events: list[str] = []
    for at, shelf in enumerate(known.shelves[: COLUMNS * ROWS]):
        x, y, ground = _tile(at, chosen=at == menu.at)
        events += [*ground, *icon(shelf.topic, x + 66, y + 18, 72, colour=drawing.JADE, mark=drawing.LINE)]
        events.append(drawing.line(str((at + 1) % 10), x + 16, y + 24, anchor=4, size=28, colour=drawing.AMBER))
        events += _words(TOPIC_WORDS[shelf.topic], x + TILE / 2, y + 114)
    if not known.shelves:
        events += drawing.block(both("No films yet: put in a stick"), TOP + 60, size=38, colour=drawing.MIST, rows=2)
    for at, tool in enumerate(TOOLS, COLUMNS * ROWS):
        x, y, ground = _tile(at, chosen=at == menu.at, high=122)
        events += [*ground, *_tool(tool, x + 20, y + 32, 56)]
        first, second = TOOL_WORDS[tool]
        events.append(drawing.line(first, x + 90, y + 46, anchor=4, size=25))
        events.append(drawing.line(second, x + 90, y + 78, anchor=4, size=19, colour=drawing.MIST))
    return events


def _tool(tool: Tool, x: float, y: float, size: float) -> list[str]:
    if tool is Tool.CLOCK:
        half = size / 2
        upright = drawing.box(x + half - 3, y + 10, x + half + 3, y + half + 3)
        across = drawing.box(x + half, y + half - 3, x + half + 16, y + half + 3)
        return [
            drawing.shape(drawing.ring(x + half, y + half, half, size / 9, 1.0), drawing.AMBER),
            drawing.shape(f"{upright} {across}", drawing.AMBER),
        ]
    events = icon(tool.name.lower(), x, y, size, colour=drawing.AMBER, mark=drawing.LINE)
    if tool is Tool.FIVE:
        events.append(drawing.line("5", x + size * 0.42, y + size / 2, anchor=5, size=26, colour=drawing.NIGHT))
    return events


def _films(menu: Menu, known: Known) -> list[str]:
    if menu.shelf >= len(known.shelves):
        return []
    shelf = known.shelves[menu.shelf]
    first = menu.at - menu.at % PAGE
    events = [*icon(shelf.topic, drawing.LEFT, TOP, 60, colour=drawing.JADE, mark=drawing.NIGHT)]
    events.append(drawing.line(" ".join(TOPIC_WORDS[shelf.topic]), drawing.LEFT + 84, TOP + 30, anchor=4, size=36))
    pages = (len(shelf.films) + PAGE - 1) // PAGE
    if pages > 1:
        turn = f"◀ {first // PAGE + 1}/{pages} ▶"
        events.append(drawing.line(turn, drawing.RIGHT, TOP + 30, anchor=6, size=30, colour=drawing.MIST))
    for row, film in enumerate(shelf.films[first : first + PAGE]):
        events += _film(film, row, shelf.topic, chosen=first + row == menu.at)
    return [*events, *_large(shelf.films[menu.at], shelf.topic)] if menu.at < len(shelf.films) else events


def pictures(menu: Menu, known: Known) -> tuple[Hung, ...]:
    """The small pictures of the films on the page, and the chosen one's large: on the black that stands there."""
    if menu.scene is not Scene.FILMS or menu.shelf >= len(known.shelves):
        return ()
    films = known.shelves[menu.shelf].films
    first = menu.at - menu.at % PAGE
    hung = [
        Hung(film.picture, PICTURE_LEFT, ROWS_TOP + row * ROW_PITCH + 4, *SMALL)
        for row, film in enumerate(films[first : first + PAGE])
        if film.picture
    ]
    chosen = films[menu.at].picture if menu.at < len(films) else ""
    return (*hung, Hung(chosen, LARGE_LEFT, ROWS_TOP, *LARGE)) if chosen else tuple(hung)


def _film(film: Film, row: int, topic: Topic, *, chosen: bool) -> list[str]:
    """One row: number, picture, title, its minutes as a number and as a length."""
    top, left, right = ROWS_TOP + row * ROW_PITCH, drawing.LEFT, ROWS_RIGHT
    events = [drawing.shape(drawing.box(left, top, right, top + ROW_HIGH), drawing.LINE)]
    if chosen:
        events.insert(0, drawing.shape(drawing.box(left - 6, top - 6, right + 6, top + ROW_HIGH + 6), drawing.AMBER))
    events.append(drawing.line(str(row + 1), left + 26, top + 40, anchor=5, size=38, colour=drawing.AMBER))
    events += _place(film, topic, PICTURE_LEFT, top + 4, SMALL)
    words = PICTURE_LEFT + SMALL[0] + 14
    rows = drawing.lines_of(film.title, 28, 2, left=words, right=right - 108)
    middle = top + 40 - round(28 * drawing.PITCH * len(rows) / 2)
    events += drawing.set_lines(rows, middle, size=28, colour=drawing.PAPER, left=words, right=right - 108)
    return [*events, *_long(film, right - 14, top + 32)]


def _large(film: Film, topic: Topic) -> list[str]:
    """The chosen film beside the rows: its picture, its title, its series, in which languages, whether in signs."""
    left, right = LARGE_LEFT, LARGE_LEFT + LARGE[0]
    top = ROWS_TOP + LARGE[1] + 12
    rows = drawing.lines_of(film.title, 32, 2, left=left, right=right)
    more = " · ".join(
        each for each in (film.series, " ".join(film.languages), both("signed") if film.signed else "") if each
    )
    return [
        *_place(film, topic, left, ROWS_TOP, LARGE),
        *drawing.set_lines(rows, top, size=32, colour=drawing.PAPER, left=left, right=right),
        *drawing.block(more, top + 8 + 48 * len(rows), size=24, colour=drawing.MIST, rows=2, left=left, right=right),
    ]


def _place(film: Film, topic: Topic, left: float, top: float, size: tuple[int, int]) -> list[str]:
    """Where a film's picture hangs: black, since libmpv 0.35 adds the two up; or its topic's sign where it has none."""
    wide, high = size
    side = high * 0.7
    if film.picture:
        return [drawing.shape(drawing.box(left, top, left + wide, top + high), "&H000000&")]
    ground = drawing.shape(drawing.box(left, top, left + wide, top + high), drawing.DUSK)
    sign = icon(topic, left + (wide - side) / 2, top + (high - side) / 2, side, colour=drawing.JADE, mark=drawing.DUSK)
    return [ground, *sign]


def _long(film: Film, right: float, top: float) -> list[str]:
    """How long a film is: minutes and seconds, and a bar that a quarter of an hour fills."""
    minutes, seconds = divmod(round(film.seconds), 60)
    bar = max(80 * min(film.seconds / 900, 1.0), 4)
    return [
        drawing.line(f"{minutes}:{seconds:02d}", right, top, anchor=6, size=30),
        drawing.shape(drawing.box(right - 80, top + 28, right - 80 + bar, top + 34), drawing.JADE),
    ]


def _count(menu: Menu) -> list[str]:
    return [
        *icon("count", 250, 250, 220, colour=drawing.AMBER, mark=drawing.NIGHT),
        drawing.line(str(menu.number), 560, 350, anchor=4, size=170),
        drawing.line("▲ +1   ▼ −1   ◀ −10   ▶ +10   0-9", 640, 520, anchor=5, size=36, colour=drawing.MIST),
        drawing.line("OK ✓", 640, 590, anchor=5, size=44, colour=drawing.JADE),
    ]


def _closed(menu: Menu) -> list[str]:
    events = [*icon("closed", drawing.LEFT, TOP, 60, colour=drawing.CORAL, mark=drawing.NIGHT)]
    events.append(drawing.line(both("Closed this week because"), drawing.LEFT + 84, TOP + 30, anchor=4, size=36))
    for at, reason in enumerate(REASONS):
        x, y, ground = _tile(at, chosen=at == menu.at, high=220, top=TOP + 130)
        events += [*ground, *icon(reason.value, x + 57, y + 30, 90, colour=drawing.JADE, mark=drawing.LINE)]
        events.append(drawing.line(str(at + 1), x + 16, y + 24, anchor=4, size=28, colour=drawing.AMBER))
        events += _words(REASON_WORDS[reason], x + TILE / 2, y + 155)
    return events


def _clock(menu: Menu) -> list[str]:
    shown = menu.clock
    if shown is None:
        return []
    fields = (f"{shown:%Y-%m-%d}", f"{shown:%H}", f"{shown:%M}")
    events = [*_tool(Tool.CLOCK, 580, 160, 110)]
    for at, (words, x) in enumerate(zip(fields, (420, 780, 950), strict=True)):
        colour = drawing.AMBER if at == menu.at else drawing.PAPER
        events.append(drawing.line(words, x, 400, anchor=5, size=84, colour=colour))
        if at == menu.at:
            events.append(drawing.line("▲", x, 310, anchor=5, size=40, colour=drawing.AMBER))
            events.append(drawing.line("▼", x, 490, anchor=5, size=40, colour=drawing.AMBER))
    events.append(drawing.line(":", 865, 392, anchor=5, size=84))
    hint = "◀ ▶   ▲ ▼   OK ✓"
    return [*events, drawing.line(hint, 640, 590, anchor=5, size=40, colour=drawing.MIST)]


def _info(lines: tuple[str, ...]) -> list[str]:
    events: list[str] = []
    top, pitch = TOP + 8, round(28 * drawing.PITCH)
    for at, words in enumerate(lines):
        rows = drawing.lines_of(words, 28, 2)
        if top + len(rows) * pitch > drawing.HEIGHT - drawing.SAFE[1] - drawing.MOST_SHIFT:
            break
        events += drawing.set_lines(rows, top, size=28, colour=drawing.PAPER if at < 2 else drawing.MIST)
        top += len(rows) * pitch + 6
    return events
