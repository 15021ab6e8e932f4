"""The menu on core's face: its page takes the card's place, its bar the banner's, for as long as somebody uses it."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from estation_box.apps.core_health import Lacking
from estation_box.apps.core_parts import Parts
from estation_box.apps.core_remote import Remote
from estation_box.clock.moment import Moment
from estation_box.playout import menu_cards
from estation_box.playout.announcer import Facts
from estation_box.playout.leads import Lack
from estation_box.playout.player_words import Hung
from estation_box.remote.pages import Scene
from estation_box.words import Said, both, say


class Drawn(NamedTuple):
    """Cover and banner, and the pictures on the cover."""

    cover: str
    banner: str
    pictures: tuple[Hung, ...] = ()


_LACKS: Final[dict[Lack, Said]] = {
    "composite": say("This board has no AV picture"),
    "hdmi-sound": say("No sound by HDMI"),
    "jack-sound": say("No sound by the jack"),
}


class MenuFace:
    """Draws a page once, and again only when something that it shows is another."""

    def __init__(self, parts: Parts, remote: Remote, lacking: Lacking) -> None:
        self._parts = parts
        self._lacking = lacking
        self._remote = remote
        self._last: tuple[tuple[object, ...], Drawn] | None = None

    def over(self, drawn: Drawn, facts: Facts, moment: Moment) -> Drawn:
        """Cover and banner with the menu over them; as they are where no menu is open."""
        menu, playing = self._remote.menu, self._remote.playing()
        if menu.scene is Scene.SHUT and not self._remote.paused:
            return drawn
        local = moment.at.astimezone(facts.zone)
        clock = f"{local:%H:%M}"
        whole = replace(playing, position=float(int(playing.position))) if playing is not None else None
        key = (drawn, menu, self._remote.known, whole, clock, self._lacking.lacks)
        if self._last is None or self._last[0] != key:
            self._last = (key, self._draw(drawn, facts.name, clock, moment))
        return self._last[1]

    def _draw(self, drawn: Drawn, name: str, clock: str, moment: Moment) -> Drawn:
        menu, playing = self._remote.menu, self._remote.playing()
        if self._parts.rooms.playout.on_screen and playing is not None:
            return Drawn(drawn.cover, drawn.banner or menu_cards.bar(menu, playing))
        if self._remote.paused and playing is not None and menu.scene is Scene.SHUT:
            return Drawn(menu_cards.paused(playing, name=name, clock=clock), drawn.banner)
        info = self._info(moment) if menu.scene is Scene.INFO else ()
        card = menu_cards.card(menu, self._remote.known, name=name, clock=clock, info=info)
        hung = menu_cards.pictures(menu, self._remote.known) if not drawn.banner else ()  # they would lie over it
        return Drawn(card, drawn.banner, hung)

    def _info(self, moment: Moment) -> tuple[str, ...]:
        """How the box is, for whoever is asked on the telephone."""
        parts = self._parts
        plan, (catalogue, programme) = parts.rooms.starts.plan(moment), parts.library.versions()
        free, trouble = parts.free_bytes(), parts.journal.trouble
        return (
            *plan.why,
            *((f"! {trouble}",) if trouble else ()),
            *(" · ".join(("!", *_LACKS[each])) for each in self._lacking.lacks[:1]),
            f"{both('clock')}: {moment.trust.value}",
            f"{both('library')}: {catalogue} / {programme}",
            f"{both('TV')}: {parts.television.evidence().value} · HDMI: {_screen(parts.screen())}",
            *((both("the TV is silent: turn it up"),) if parts.television.silent() else ()),
            f"{both('card')}: {free / 1e9:.1f} GB" if free is not None else f"{both('card')}: ?",
            f"{both('firmware')}: {parts.firmware}",
        )


def _screen(name: str | None) -> str:
    return "?" if name is None else name or "-"
