"""Another way to follow the film on the screen, for this one showing: one key goes through all that there are.

Another language or a spoken description is another track of the same file, and changes at once. A version in sign
language is another file: the session's next part goes on with it where the film was left.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from estation_box.apps.core_parts import Library
from estation_box.clock.moment import Moment
from estation_box.playout import show as shows
from estation_box.playout import tracks
from estation_box.playout.interfaces import PlayerLink
from estation_box.playout.player_words import Speak
from estation_box.playout.service import Playout
from estation_box.playout.show import Clip, Show
from estation_box.playout.tracks import Voice
from estation_wire.library import Item
from estation_wire.profile import Access, Profile
from estation_wire.versions import stand_ins

TAIL_SECONDS: Final = 5.0  # of a version that is shorter than where the film was left: its end is still seen


class Speaking:
    """How the film is followed now, and what comes next."""

    def __init__(self, playout: Playout, player: PlayerLink, shelf: Library) -> None:
        self._playout = playout
        self._player = player
        self._shelf = shelf

    def ways(self, clip: Clip) -> int:
        """In how many ways the film can be followed here."""
        return len(tracks.voices(self._versions(clip)))

    def next(self, profile: Profile, moment: Moment) -> Voice | None:
        """Turn the session to the next way to follow the film on the screen; None where there is no other.

        The films after it speak that language too, where they have it, else the station's own.
        """
        show = self._playout.show
        clip = show.current if show is not None and self._playout.on_screen else None
        if show is None or clip is None:
            return None
        versions = self._versions(clip)
        there = tracks.voices(versions)
        now = next((tracks.voice(each, clip.audio) for each in versions if each.id == clip.content), None)
        if len(there) < 2 or now is None:
            return None
        chosen = there[(there.index(now) + 1) % len(there)]
        if chosen.content == clip.content:
            return chosen if self._speak(show, chosen, profile) else None
        item = next(each for each in versions if each.id == chosen.content)
        return chosen if self._turn(show, item, chosen, profile, moment) else None

    def _versions(self, clip: Clip) -> list[Item]:
        """The film and its other versions, as far as they are held."""
        film = clip.of or clip.content
        items = self._shelf.items((film,))
        found = items | self._shelf.items(tuple(stand_ins(items.values())))
        return [each for each in found.values() if each.id == clip.content or self._shelf.held(each.id) is not None]

    def _speak(self, show: Show, chosen: Voice, profile: Profile) -> bool:
        items = self._shelf.items(tuple(each.content for each in show.clips))
        spoken = (chosen.language, *profile.languages)
        after = shows.spoken(show, items, spoken, profile.subtitles, _needs(chosen, profile))
        told = {str(n): (each.audio, each.subtitles) for n, each in enumerate(after.clips) if each.end is None}
        if not self._player.ask(Speak, session=show.session, tracks=told):
            return False
        self._playout.show = after
        return True

    def _turn(self, show: Show, item: Item, chosen: Voice, profile: Profile, moment: Moment) -> bool:
        """Go on with another file, from where the film was left."""
        rest, path = shows.next_part(shows.cut_short(show)), self._shelf.held(item.id)
        if rest is None or rest.current is None or path is None or not self._playout.stop("keeper", moment):
            return False
        left = rest.current
        at = min(left.position, max(item.seconds - TAIL_SECONDS, 0.0))
        spoken = (chosen.language, *profile.languages) if chosen.language else profile.languages
        clip = shows.clip_of(
            item, str(path), spoken, profile.subtitles, _needs(chosen, profile), of=left.of or left.content
        )
        clip = replace(clip, position=at, began_at=at)
        return self._playout.play(replace(rest, clips=(clip, *rest.clips[1:])), moment)


def _needs(chosen: Voice, profile: Profile) -> tuple[Access, ...]:
    """The station's needs, with or without the description, as was chosen."""
    others: tuple[Access, ...] = tuple(each for each in profile.access if each != "description")
    return (*others, "description") if chosen.described else others
