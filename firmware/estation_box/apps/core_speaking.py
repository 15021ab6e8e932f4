"""Another language for the film that is on the screen, for this one showing: one key goes through all that it has."""

from __future__ import annotations

from estation_box.apps.core_parts import Library
from estation_box.playout import show as shows
from estation_box.playout import tracks
from estation_box.playout.interfaces import PlayerLink
from estation_box.playout.player_words import Speak
from estation_box.playout.service import Playout
from estation_wire.profile import Profile


class Speaking:
    """What is spoken now, and what comes next."""

    def __init__(self, playout: Playout, player: PlayerLink, shelf: Library) -> None:
        self._playout = playout
        self._player = player
        self._shelf = shelf

    def next(self, profile: Profile) -> str:
        """Turn the session to the next language of the film on the screen; its tag, empty where there is no other.

        The films after it speak that language too, where they have it, else the station's own.
        """
        show = self._playout.show
        clip = show.current if show is not None and self._playout.on_screen else None
        if show is None or clip is None:
            return ""
        items = self._shelf.items(tuple(each.content for each in show.clips))
        there = tracks.spoken_in(items[clip.content]) if clip.content in items else ()
        if len(there) < 2:
            return ""
        chosen = there[(there.index(clip.language) + 1) % len(there) if clip.language in there else 0]
        after = shows.spoken(show, items, (chosen, *profile.languages), profile.subtitles, profile.access)
        told = {str(n): (each.audio, each.subtitles) for n, each in enumerate(after.clips) if each.end is None}
        if not self._player.ask(Speak, session=show.session, tracks=told):
            return ""
        self._playout.show = after
        return chosen
