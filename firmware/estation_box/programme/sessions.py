"""What a session is made of: the films of a slot, of a make-up, of a keeper's own showing, as far as they are held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from estation_box.clock.moment import Moment
from estation_box.playout.show import Show, clip_of
from estation_box.programme.filling import Stock, filled
from estation_box.programme.interfaces import Shelf
from estation_box.programme.rules import Start
from estation_wire.library import words
from estation_wire.planner import Slot
from estation_wire.profile import Profile
from estation_wire.values import Origin
from estation_wire.versions import best, stand_ins


class Sessions:
    """Makes shows in the station's languages; items that are not held are left out."""

    def __init__(self, shelf: Shelf, new_id: Callable[[], str]) -> None:
        self._shelf = shelf
        self._new_id = new_id
        self._profile: Profile | None = None

    def provisioned(self, profile: Profile) -> None:
        """The station's languages and minimum, from now on."""
        self._profile = profile

    def of(self, start: Start, moment: Moment, missed: Slot | None) -> Show:
        """The session of a start. A make-up shows what was ``missed``, and other films for the minimum."""
        slot = start.slot
        if start.origin is Origin.PLANNED and slot is not None:
            return self._show(slot.contents, start.origin, series=slot.series, rule=slot.rule, planned=slot.start)
        wished = missed.contents if missed else ()
        contents = filled(Stock(self._shelf.films()), wished, self._minimum, moment.at.toordinal() // 7)
        series = missed.series if missed else ""
        return self._show(contents, Origin.MAKE_UP, series=series, rule=start.rule, planned=start.at)

    def asked(self, contents: tuple[str, ...], origin: Origin) -> Show:
        """A session that somebody asked for."""
        return self._show(contents, origin)

    def own(self, moment: Moment) -> Show:
        """A session for the keeper who pressed the button: films for the minimum."""
        turn = moment.at.toordinal()
        return self._show(filled(Stock(self._shelf.films()), (), self._minimum, turn), Origin.KEEPER)

    @property
    def languages(self) -> tuple[str, ...]:
        """What people here speak and read, the first preferred."""
        return self._profile.languages if self._profile else ("zh-Hans", "en")

    @property
    def _minimum(self) -> float:
        return float(self._profile.minimum.seconds) if self._profile else 0.0

    def _show(
        self,
        contents: tuple[str, ...],
        origin: Origin,
        *,
        series: str = "",
        rule: str | None = None,
        planned: datetime | None = None,
    ) -> Show:
        languages = self.languages
        subtitles = self._profile.subtitles if self._profile else ()
        access = self._profile.access if self._profile else ()
        items = self._shelf.items(contents)
        versions = self._shelf.items(tuple(stand_ins(items.values())))
        titles = self._shelf.series_titles(series) if series else {}
        clips = []
        for content in contents:
            named = items.get(content)
            every = [named, *(versions[each] for each in named.versions if each in versions)] if named else []
            held = {each.id: path for each in every if (path := self._shelf.held(each.id)) is not None}
            there = [each for each in every if each.id in held]
            if there:
                item = best(there[0], there[1:], access, languages)
                clips.append(clip_of(item, str(held[item.id]), languages, subtitles, access, of=content))
        return Show(
            session=self._new_id(),
            origin=origin,
            clips=tuple(clips),
            series=words(titles, languages) if titles else series,
            rule=rule,
            planned=planned,
        )
