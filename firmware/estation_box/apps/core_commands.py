"""What the centre may ask of the box, and who does it. Each command is answered: done, or refused with a reason."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from estation_box.apps.core_starts import Starts
from estation_box.apps.events import PictureTaken
from estation_box.clock.moment import Moment
from estation_box.drivers.thumbnail import ThumbnailError, thumbnail
from estation_box.playout.interfaces import PlayerLink
from estation_box.playout.player_words import Answer, Capture
from estation_box.playout.service import Playout
from estation_box.programme.sessions import Sessions
from estation_box.reporting.service import Reporter
from estation_wire.messages import AnyCommand, Bulletin, Identify, Picture, Play, Stop, Sync
from estation_wire.values import Origin

IDENTIFY_SECONDS: Final = 15.0
NO_LETTERS: Final = "this box takes no bulletins by command"
MAX_CAPTURES: Final = 4  # pictures under way at once; more are refused


class Commands:
    """Follows the centre's commands through the rooms that can."""

    def __init__(
        self,
        playout: Playout,
        sessions: Sessions,
        starts: Starts,
        player: PlayerLink,
        *,
        runtime: Path,
        sync: Callable[[], str],
        put: Callable[[PictureTaken], None],
        letter: Callable[[str, Moment], str] = lambda _document, _moment: NO_LETTERS,
    ) -> None:
        """``sync`` starts a refresh, ``letter`` takes a signed bulletin; both return why not, or an empty text."""
        self._playout = playout
        self._sessions = sessions
        self._starts = starts
        self._player = player
        self._runtime = runtime
        self._sync = sync
        self._put = put
        self._letter = letter
        self._captures: dict[int, tuple[str, Path]] = {}
        self.identify_until = 0.0

    def follow(self, command: AnyCommand, moment: Moment, reporter: Reporter) -> None:
        """Do what is asked, and answer."""
        if isinstance(command, Picture):
            refusal = self._capture(command.id)
            if refusal:
                reporter.reply(command.id, "refused", refusal)
            return
        refusal = self._refusal(command, moment)
        if refusal:
            reporter.reply(command.id, "refused", refusal)
        elif isinstance(command, Play):
            reporter.reply(command.id, "accepted", "it begins after the countdown, unless somebody presses «later»")
        else:
            reporter.reply(command.id, "done")

    def read_stick(self) -> str:
        """Have sync read the stick again; why not, where that cannot be."""
        return self._sync()

    def captured(self, answer: Answer) -> None:
        """The player answered; if it was a picture, shrink it in a thread of its own."""
        waiting = self._captures.pop(answer.n, None)
        if waiting is None:
            return
        command, path = waiting
        if not answer.ok:
            self._put(PictureTaken(command, b"", answer.error))
            return
        threading.Thread(target=self._shrink, args=(command, path), name="picture", daemon=True).start()

    def told(self, picture: PictureTaken, reporter: Reporter) -> None:
        """The small picture is there, or not: answer the command."""
        if picture.jpeg:
            reporter.reply(picture.command, "done", media_type="image/jpeg", attachment=picture.jpeg)
        else:
            reporter.reply(picture.command, "refused", picture.why)

    def _refusal(self, command: AnyCommand, moment: Moment) -> str:
        if isinstance(command, Sync):
            return self._sync()
        if isinstance(command, Play):
            show = self._sessions.asked(command.contents, Origin.COMMAND)
            return self._starts.order(show, moment) if show.clips else "none of these items is held on this box"
        if isinstance(command, Stop):
            return "" if self._playout.stop("command", moment) else "no session is on the screen"
        if isinstance(command, Identify):
            self.identify_until = moment.up + IDENTIFY_SECONDS
            return ""
        if isinstance(command, Bulletin):
            return self._letter(command.document, moment)
        return "this firmware cannot do that yet"

    def _capture(self, command: str) -> str:
        if len(self._captures) >= MAX_CAPTURES:
            return "other pictures are under way"
        path = self._runtime / f"picture-{command[:8]}.jpg"
        number = self._player.ask(Capture, path=str(path))
        if not number:
            return "no player is there"
        self._captures[number] = (command, path)
        return ""

    def _shrink(self, command: str, path: Path) -> None:
        try:
            self._put(PictureTaken(command, thumbnail(path)))
        except ThumbnailError as error:
            self._put(PictureTaken(command, b"", str(error)))
        finally:
            path.unlink(missing_ok=True)
