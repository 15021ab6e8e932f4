"""Core's face: gathers what the screen may speak of, and tells the player only what has changed."""

from __future__ import annotations

import math
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from estation_box.apps.core_hands import Hands
from estation_box.apps.core_health import Lacking
from estation_box.apps.core_menu import Drawn, MenuFace
from estation_box.apps.core_naming import Naming
from estation_box.apps.core_parts import Parts
from estation_box.apps.core_stops import Stops
from estation_box.clock.moment import Moment
from estation_box.guarding import light
from estation_box.guarding.light import Shine
from estation_box.library import said
from estation_box.library.sync_words import Progress, Synced
from estation_box.playout import announcer, tracks
from estation_box.playout.player_words import Banner, Cover, Volume
from estation_box.words import Said
from estation_wire.bulletins import Bulletin
from estation_wire.library import words
from estation_wire.profile import Profile
from estation_wire.values import Trust

RECEIPT_SECONDS: Final = 15.0  # how long the screen says what became of a stick
SILENT_SECONDS: Final = 20.0  # a card and the first words of a film: long enough to reach for the remote
MAX_REASONS: Final = 2  # the receipt has them all


class Face:
    """The cover and the banner as they were last told to the player, and the light beside the button."""

    def __init__(self, parts: Parts, naming: Naming, stops: Stops, hands: Hands, lacking: Lacking) -> None:
        self._parts = parts
        self._menu = MenuFace(parts, hands.remote, lacking)
        self._hands = hands
        self._naming = naming
        self._stops = stops
        self._profile: Profile | None = None
        self._zone: ZoneInfo | None = None
        self._told = Drawn("", "")
        self._quieter: float | None = None
        self._stick: announcer.StickLine | None = None
        self._last: tuple[announcer.Facts, Drawn] | None = None
        self._stranger = ""
        self._awake = 0.0
        self._notice = ""
        self._parting = ""  # what is left of the notice when the stick is pulled
        self._notice_until = 0.0
        self._pulled = False
        self.light: Shine | None = None
        self._silent_since: float | None = None

    def provisioned(self, profile: Profile) -> None:
        """The station's name and zone, from now on."""
        self._profile = profile
        self._zone = ZoneInfo(profile.timezone)

    def moved(self, stranger: Profile) -> None:
        """The card was made for another box: ask for a stick."""
        self._stranger = stranger.name
        self._zone = ZoneInfo(stranger.timezone)

    def forget(self) -> None:
        """Another player: tell it everything."""
        self._told, self._quieter = Drawn("", ""), None

    def progress(self, word: Progress) -> None:
        """A stick is being read."""
        languages = self._profile.languages if self._profile else ()
        if not word.ready:
            words, more = word.words, [said.LEAVE_IN, *_pace(word)]
        else:
            words = said.READY.to(languages)
            more = [_other(said.READY, languages), *(_pace(word) or [said.MORE_FOLLOWS])]  # one row holds no more
        detail = " · ".join(each.to(languages) for each in more)
        self._stick = announcer.StickLine(words, detail, word.fraction, word.ready)

    def synced(self, word: Synced, moment: Moment) -> None:
        """A stick was read: say for a while what became of it, and that it may be pulled where it is still in."""
        pulled, self._pulled, self._stick = self._pulled, False, None
        if word.source != "stick" or self._naming.asking:
            return
        bad = "；".join(word.reasons[:MAX_REASONS])
        end = said.READ_BADLY if bad else said.PULLED_READY if word.ready else said.READ_TO_END
        done = f"{_both(end)} · {word.taken} ✓"
        self._parting = bad or (done if word.ready else "")
        self._notice = self._parting if pulled else f"{bad} · {done}" if bad else done
        self._notice_until = moment.up + RECEIPT_SECONDS

    def stick_pulled(self) -> None:
        """Nothing more is said of a stick that is gone, but what was wrong with it."""
        self._pulled = self._stick is not None
        self._stick, self._notice = None, self._parting

    def wake(self, moment: Moment) -> None:
        """Somebody is there: the card is seen."""
        self._awake = moment.up

    def _rested(self, facts: announcer.Facts) -> bool:
        """Whether nothing was to be seen for so long that the screen goes dark."""
        minutes = self._profile.rest_minutes if self._profile else 0
        if not announcer.quiet(facts) or self._parts.rooms.playout.on_screen:
            self._awake = facts.moment.up
        return minutes > 0 and facts.moment.up - self._awake >= 60 * minutes

    def show(self, moment: Moment) -> None:
        """Tell the player what has changed; nothing where no player is there."""
        facts = self._facts(moment)
        facts = replace(facts, rested=self._rested(facts))
        cover, banner, hung = self._menu.over(self._drawn(facts), facts, moment)
        told = self._told
        if (cover, hung) != (told.cover, told.pictures) and self._parts.player.ask(Cover, ass=cover, pictures=hung):
            told = told._replace(cover=cover, pictures=hung)
        if banner != told.banner and self._parts.player.ask(Banner, ass=banner):
            told = told._replace(banner=banner)
        self._told = told
        self._shine(facts)
        quieter = self._hours(moment)
        if quieter != self._quieter and self._parts.player.ask(Volume, decibels=quieter):
            self._quieter = quieter

    def _shine(self, facts: announcer.Facts) -> None:
        """The light beside the button says the shortest of it, also before a TV that is off."""
        waits = not facts.name or facts.stick is not None or facts.announced is not None or facts.stop is not None
        shine = light.shine(fault=bool(facts.trouble or facts.stranger), waits=waits)
        if shine is not self.light and self._parts.lamp is not None:
            self._parts.lamp.show(shine)
        self.light = shine

    def _hours(self, moment: Moment) -> float:
        """Decibels that the house's quiet hours take away; none while the time is a guess: no hall shall be mute."""
        if self._profile is None or moment.trust is Trust.GUESS:
            return 0.0
        return tracks.quieter(self._profile.quiet, moment.at.astimezone(self._zone))

    def _drawn(self, facts: announcer.Facts) -> Drawn:
        """Cover and banner, drawn only when something that they show is another: laying out text costs milliseconds."""
        seen = announcer.seen(facts)
        if self._last is None or self._last[0] != seen:
            self._last = (seen, Drawn(announcer.cover(facts), announcer.banner(facts)))
        return self._last[1]

    def _facts(self, moment: Moment) -> announcer.Facts:
        parts, rooms, profile = self._parts, self._parts.rooms, self._profile
        announced = None if rooms.playout.on_screen else rooms.playout.show
        trouble = parts.journal.trouble
        plan, naming = rooms.starts.plan(moment), self._naming.view(moment, bare=profile is None)
        stop = self._stops.view(moment)
        closed = rooms.programme.closed_because(moment)
        return announcer.Facts(
            moment=moment,
            zone=self._zone,
            name=profile.name if profile else "",
            stranger=self._stranger,
            naming=naming,
            stop=stop,
            stopped=self._stops.name,
            next_at=plan.start.at if plan.start else None,
            offer=plan.offer,
            closed=closed.reason if closed else "",
            announced=announced,
            start_at=rooms.playout.start_at if announced is not None else None,
            countdown_seconds=profile.countdown_seconds if profile else announcer.WARNING_SECONDS,
            week=rooms.programme.result(moment),
            owed_seconds=float(profile.minimum.seconds) if profile else 0.0,
            put_off=rooms.starts.put_off(moment),
            offered=parts.clock.offered(moment) if naming is None and stop is None else None,  # one question at a time
            bulletin=self._bulletin(rooms.interlude.bulletin),
            bulletin_card=rooms.interlude.words_alone,
            bulletin_dated=self._dated(rooms.interlude.bulletin),
            bulletin_link=rooms.interlude.bulletin.link if rooms.interlude.bulletin else "",
            page=rooms.ticker.page(moment),
            page_link=rooms.ticker.bulletin.link if rooms.ticker.bulletin else "",
            stick=self._stick,
            notice=self._notice if moment.up < self._notice_until else "",
            trouble=trouble.said.to(profile.languages if profile else ()) if trouble else "",
            silent=self._silent(moment),
            phone=self._hands.phone.address,
            identify=moment.up < parts.commands.identify_until,
        )

    def _dated(self, bulletin: Bulletin | None) -> str:
        """When it was issued and until when it holds, by the hall's clock."""
        return announcer.dated(bulletin.issued, bulletin.not_after, self._zone) if bulletin else ""

    def _silent(self, moment: Moment) -> bool:
        """Whether to say that nothing can be heard: for a while, since a hall may want it so."""
        heard_of = self._parts.rooms.playout.show is not None and self._parts.television.silent()
        if not heard_of:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = moment.up
        return self._silent_since is not None and moment.up - self._silent_since < SILENT_SECONDS

    def _bulletin(self, bulletin: Bulletin | None) -> tuple[str, str]:
        """Title and text in the station's language."""
        if bulletin is None:
            return "", ""
        languages = self._profile.languages if self._profile else ()
        return words(bulletin.titles, languages), words(bulletin.texts, languages) if bulletin.texts else ""


def _both(sentence: Said) -> str:
    return f"{sentence.zh} · {sentence.en}"


def _other(sentence: Said, languages: tuple[str, ...]) -> Said:
    """The sentence in the other of the two languages, whoever asks."""
    other = sentence.en if sentence.to(languages) == sentence.zh else sentence.zh
    return Said(other, other)


def _pace(word: Progress) -> list[Said]:
    """How fast, and how long still; nothing while it is not known."""
    if not word.bytes_per_second:
        return []
    rate = said.RATE.about(rate=f"{word.bytes_per_second / 1e6:.3g}")
    minutes = math.ceil(word.seconds_left / 60)
    left = said.MINUTES_LEFT.about(left=minutes) if minutes > 1 else said.SECONDS_LEFT.about(left=word.seconds_left)
    return [rate, left]
