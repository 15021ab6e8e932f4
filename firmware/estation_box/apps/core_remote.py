"""Core and the keys of a remote: what is behind the menu, and what is done about a key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from estation_box.apps.core_parts import Parts
from estation_box.apps.core_speaking import Speaking
from estation_box.clock.moment import Moment
from estation_box.playout import show as shows
from estation_box.playout.menu_cards import REASON_WORDS, Playing
from estation_box.playout.player_words import Skip
from estation_box.playout.show import Clip, Show
from estation_box.programme.courtesy import Press
from estation_box.remote import menu as rules
from estation_box.remote.keys import Key
from estation_box.remote.offer import offered
from estation_box.remote.pages import Act, Deed, Known, Menu, Scene, Stage
from estation_wire.counts import week_of
from estation_wire.library import Item
from estation_wire.profile import Profile
from estation_wire.records import AttendanceCounted, SessionStarted, WeekClosed
from estation_wire.values import Origin, Trust
from estation_wire.versions import stand_ins

SETTLED_SECONDS: Final = 2.0  # who presses the button twice to begin does not mean the second film
BEGINNING: Final = 0.1  # seconds: who goes back to a film's beginning does not begin it another time
BACK_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 1800.0  # beyond half an hour what goes on is another session
LEARN_SECONDS: Final = 600.0  # then the shelves are looked at again: a block may have rotted, a film been removed
MANY: Final = 100  # items that the library is asked for in one go


class Remote:
    """The menu as it stands, and the show that somebody has paused."""

    def __init__(
        self, parts: Parts, *, press: Callable[[Press, Moment], object], set_clock: Callable[[datetime, Moment], str]
    ) -> None:
        """``press`` does what the button would; ``set_clock`` sets the clock by hand."""
        self._parts = parts
        self._rooms = parts.rooms
        self._press = press
        self._set_clock = set_clock
        self._profile: Profile | None = None
        self._speaking = Speaking(parts.rooms.playout, parts.player, parts.library)
        self.menu = Menu()
        self.known = Known()
        self._key_at = 0.0
        self._rest: tuple[Show, float] | None = None
        self._session = ""
        self._learnt: float | None = None

    def changed(self) -> None:
        """The library holds other films."""
        self._learnt = None

    @property
    def paused(self) -> bool:
        """Whether somebody has stopped the picture and may go on."""
        return self._rest is not None

    def provisioned(self, profile: Profile) -> None:
        """The station's languages and zone; and how many people were counted last."""
        self._profile = profile
        for record in self._parts.journal.recent():
            if isinstance(record, AttendanceCounted):
                self.known = replace(self.known, counted=record.number)
            elif isinstance(record, SessionStarted):
                self._session = record.session

    def key(self, key: Key, moment: Moment) -> Act | None:
        """Somebody pressed a key; what was done about it."""
        if self._profile is None:
            return None
        self._key_at = moment.up
        self.learn(moment)
        self.menu, deed = rules.pressed(self.menu, key, self.stage, self.known)
        if deed is not None:
            self.do(deed, moment)
        return deed.act if deed else None

    def tick(self, moment: Moment) -> None:
        """Let time pass: a menu that nobody uses is shut, a pause that lasts too long is the end."""
        playout = self._rooms.playout
        if playout.on_screen and playout.show is not None:
            self._session = playout.show.session
        if self._rest is not None and (not playout.idle or moment.up - self._rest[1] >= PAUSE_SECONDS):
            self._rest = None
        over = moment.up - self._key_at >= rules.open_for(self.menu)
        if self.menu.scene is not Scene.SHUT and (over or self.stage in {Stage.OTHER, Stage.COUNTDOWN}):
            self.menu = Menu()

    def playing(self) -> Playing | None:
        """What is on the screen, or was when it was stopped; None for nothing."""
        show = self._rest[0] if self._rest is not None else self._rooms.playout.show
        clip = show.current if show is not None else None
        if clip is None or not (self.paused or self._rooms.playout.on_screen):
            return None
        return Playing(
            title=clip.title, position=clip.position, seconds=clip.has, language=clip.language or "",
            languages=self._speaking.ways(clip), paused=self.paused,
        )  # fmt: skip

    @property
    def stage(self) -> Stage:
        """What the room sees behind the menu."""
        playout = self._rooms.playout
        if self._rooms.interlude.bulletin is not None:
            return Stage.OTHER
        if playout.on_screen:
            return Stage.SESSION
        if self._rest is not None:
            return Stage.PAUSED
        return Stage.CARD if playout.idle else Stage.COUNTDOWN

    def learn(self, moment: Moment) -> None:
        """Look at the library when the menu is opened, unless it was just looked at: 1,440 films take their time."""
        profile = self._profile
        stale = self._learnt is None or moment.up - self._learnt >= LEARN_SECONDS
        if self.menu.scene is Scene.SHUT and self.stage is Stage.CARD and stale and profile is not None:
            self._learnt = moment.up
            held = tuple(content for content, _ in self._parts.library.films())
            items: dict[str, Item] = {}
            for at in range(0, len(held), MANY):
                items |= self._parts.library.items(held[at : at + MANY])
            versions: dict[str, Item] = {}
            others = tuple(sorted(stand_ins(items.values())))
            for at in range(0, len(others), MANY):
                versions |= self._parts.library.items(others[at : at + MANY])
            films = (items[each] for each in held if each in items and each not in versions)
            signed = frozenset(each.id for each in versions.values() if each.signed is not None)
            shelves = offered(films, profile.languages, signed, self._parts.pictures())
            self.known = replace(self.known, shelves=shelves)
        zone = ZoneInfo(profile.timezone) if profile else None
        self.known = replace(self.known, local=moment.at.astimezone(zone), turn=moment.at.toordinal())

    def do(self, deed: Deed, moment: Moment) -> None:
        """What a key or a phone wants done."""
        match deed.act:
            case Act.LATER:
                self._press(Press.SHORT, moment)
            case Act.COUNTED:
                self._counted(deed.number, moment)
            case Act.CLOSE:
                self._close(deed, moment)
            case Act.SET_CLOCK if deed.at is not None:
                self._set_clock(deed.at, moment)
            case _:
                self._steer(deed, moment)

    def _steer(self, deed: Deed, moment: Moment) -> None:
        """What a key does to the picture."""
        match deed.act:
            case Act.PLAY:
                self._play(deed.contents, moment)
            case Act.PAUSE:
                self._pause(moment)
            case Act.RESUME:
                self._resume(moment)
            case Act.NEXT:
                self.next(settled=0.0)
            case Act.REWIND:
                self._rewind(moment)
            case Act.LANGUAGE if self._profile is not None:
                self._speaking.next(self._profile, moment)
            case Act.STOP:
                self._rest = None
                self._press(Press.LONG, moment)

    def next(self, *, settled: float = SETTLED_SECONDS) -> bool:
        """Leave the film that is on the screen, unless the session has just begun; whether it was left."""
        show = self._rooms.playout.show
        if show is None or not self._rooms.playout.on_screen or show.shown < settled:
            return False
        return bool(self._parts.player.ask(Skip, session=show.session))

    def _play(self, contents: tuple[str, ...], moment: Moment) -> None:
        show = self._rooms.sessions.asked(contents, Origin.KEEPER)
        if show.clips:
            self._rooms.playout.play(show, moment)
        else:
            self.changed()  # removed since it was offered

    def _remaining(self) -> Show | None:
        show = self._rooms.playout.show
        return shows.next_part(shows.cut_short(show)) if show is not None else None

    def _pause(self, moment: Moment) -> None:
        """What is left waits; the part that was shown is written down, so that no power cut costs it."""
        rest = self._remaining()
        self._press(Press.LONG, moment)
        if rest is not None and self._rooms.playout.idle:
            self._rest = (rest, moment.up)

    def _resume(self, moment: Moment) -> None:
        if self._rest is not None:
            rest, self._rest = self._rest[0], None
            self._rooms.playout.play(rest, moment)

    def _rewind(self, moment: Moment) -> None:
        """The same film from a little earlier, as the session's next part."""
        rest = self._remaining()
        if rest is None or rest.current is None:
            return
        clip = self._earlier(rest.current)
        if clip is rest.current or not self._rooms.playout.stop("keeper", moment):
            return
        self._rooms.playout.play(replace(rest, clips=(clip, *rest.clips[1:])), moment)

    def _earlier(self, clip: Clip) -> Clip:
        if clip.kind != "video":
            return clip
        at = max(clip.position - BACK_SECONDS, BEGINNING)
        return replace(clip, position=at, began_at=at)

    def _counted(self, number: int, moment: Moment) -> None:
        """So many were there, at the session that runs or was the last."""
        self.known = replace(self.known, counted=number)
        show = self._rooms.playout.show
        if show is not None and self._rooms.playout.on_screen:
            self._session = show.session
        if show is not None and show.session == self._session:
            self._rooms.playout.revise(replace(show, counted=number))
        if self._session:
            self._rooms.diary.append(moment, AttendanceCounted, session=self._session, number=number, source="keeper")

    def _close(self, deed: Deed, moment: Moment) -> None:
        """This week is closed, by somebody on the spot; a box that does not know the date does not know the week."""
        house = self._rooms.programme.house
        if house is None or deed.reason is None or moment.trust is Trust.GUESS:
            return
        zh, en = REASON_WORDS[deed.reason]
        week = week_of(moment.at, house.hours.zone)
        self._rooms.diary.append(moment, WeekClosed, week=week, reason=f"{zh} · {en}")
