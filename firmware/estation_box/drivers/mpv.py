"""libmpv, through PyPI ``mpv``, as an `Engine`. All calls come from one thread; happenings leave by a callback.

Raw commands where the package's own wrappers fall short: `osd_overlay()` raises NameError, `loadfile()` drops the
entry's id. Named arguments fit libmpv 0.35 and 0.40 alike (0.38 put an index before the options).
"""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import mpv

from estation_box.drivers import mpv_options
from estation_box.drivers.hanging import Hanging
from estation_box.playout.engine import Closed, Drawn, EngineError, Gone, Happening, Layer, Opened, Sample
from estation_box.playout.frame import WHOLE, Frame
from estation_box.playout.player_words import Entry, Hung
from estation_box.settings import Video

TAIL: Final = Path(__file__).parent.parent / "playout" / "tail.png"
REDRAW_SECONDS: Final = 0.03  # a redraw takes 5 ms at the median and 25 at the 99th percentile
LOG_LINES_A_MINUTE: Final = 20  # a corrupt file makes thousands of lines a second
_WORDS: Final[Mapping[int, str]] = {
    -13: "the file cannot be opened",
    -14: "the sound output cannot be opened",
    -15: "the screen cannot be opened",
    -16: "the file holds no picture that can be decoded",
    -17: "the file is not a video or a picture",
    -18: "the file needs something that this box does not have",
}
_NO_PICTURE: Final = "the file holds no picture"
_END_ABORTED: Final = (2, 3)  # MPV_END_FILE_REASON_STOP, _QUIT
_MPV_ERRORS: Final = (SystemError, AttributeError, TypeError, ValueError, RuntimeError, MemoryError, OSError)
log = logging.getLogger(__name__)


class Mpv:
    """One libmpv for the life of the process; build it in the thread that will call it, and close it there."""

    def __init__(
        self,
        video: Video,
        happened: Callable[[Happening], None],
        hanging: Hanging,
        *,
        frame: Frame = WHOLE,
        connector: str = "",
    ) -> None:
        """Open libmpv and the screen. ``happened`` is called on libmpv's thread: it must only queue.

        ``frame``: the screen's shape; ``connector``: where it hangs, by the kernel's name, empty for libmpv's choice.

        Raises `EngineError` where libmpv refuses the settings.
        """
        self._happened = happened
        self._opened, self._refused = 0, (0, "")
        self._turning = threading.Lock()
        self._picture = "window" if video.output == "gpu" else "subtitles"
        self._lines = _Trickle(LOG_LINES_A_MINUTE)
        self._frame, self._hanging = frame, hanging
        options = mpv_options.output(video, frame, connector)
        try:
            self._mpv = mpv.MPV(loglevel="error", log_handler=self._log, **options)
            self._codings = frozenset(decoder["codec"] for decoder in self._get("decoder-list"))
            self._mpv.register_event_callback(self._event)
            self._add_hook()
        except _MPV_ERRORS as error:
            msg = f"libmpv does not start with video output {video.output!r}: {error}; see [video] in box.toml"
            raise EngineError(msg) from error

    def close(self) -> None:
        """End libmpv; afterwards nothing may be called."""
        self._mpv.terminate()

    def queue(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """See `Engine.queue`."""
        self._command("playlist-clear")
        tokens = [self._append(entry.path, mpv_options.of(entry)) for entry in entries]
        return (*tokens, self._append(str(TAIL), {"image-display-duration": "inf", "aid": "no", "sid": "no"}))

    def turn_to(self, token: int) -> None:
        """See `Engine.turn_to`."""
        with self._turning:
            for index, item in enumerate(self._get("playlist") or ()):
                if item["id"] == token and not item.get("current"):
                    self._command("playlist-play-index", str(index))

    def pause(self, *, paused: bool) -> None:
        """See `Engine.pause`."""
        self._command("set", "pause", "yes" if paused else "no")

    def overlay(self, layer: Layer, ass: str, pictures: Sequence[Hung] = ()) -> None:
        """See `Engine.overlay`. Pictures first: while nothing moves, libmpv redraws for the words alone."""
        if layer is Layer.COVER:
            size = (int(self._get("osd-width") or 0), int(self._get("osd-height") or 0))
            self._hanging.hang(pictures if all(size) else (), self._frame, size, self._command)
        self._named(
            "osd-overlay",
            id=int(layer),
            format="ass-events" if ass else "none",
            data=self._frame.placed(ass),
            res_x=self._frame.width,
            res_y=self._frame.height,
            z=int(layer),
            hidden=False,
        )

    def reveal(self) -> None:
        """See `Engine.reveal`. libmpv redraws only while it is paused, else with the next frame, 40 ms later."""
        self.overlay(Layer.COVER, "")
        time.sleep(REDRAW_SECONDS)
        self.pause(paused=False)

    def volume(self, decibels: float) -> None:
        """See `Mixer.volume`. libmpv's own scale is the cube root of what the ear gets; 100 is as recorded."""
        self._command("set", "volume", f"{100 * 10 ** (decibels / 60):.2f}")

    def sound(self, device: str) -> None:
        """Send the sound to another device, by libmpv's name; one that is not there is silent, and stops no picture."""
        self._command("set", "audio-device", device)

    def tracks(self, audio: int | None, subtitles: int | None) -> None:
        """See `Mixer.tracks`."""
        for name, number in (("aid", audio), ("sid", subtitles)):
            if number is not None:
                self._command("set", name, str(number) if number > 0 else "no")

    def sample(self) -> Sample:
        """See `Engine.sample`."""
        at = time.monotonic()
        return Sample(
            at=at,
            position=self._get("time-pos"),
            duration=self._get("duration"),
            dropped=int(self._get("frame-drop-count") or 0),
            fps=self._get("container-fps") or None,
            output=bool(self._get("vo-configured")),
            idle=bool(self._get("idle-active")),
        )

    def capture(self, path: str) -> None:
        """See `Engine.capture`. Cover and banner are in it with ``vo=gpu`` only: drm and x11 cannot read themselves."""
        self._command("screenshot-to-file", path, self._picture)

    def _append(self, path: str, options: Mapping[str, str]) -> int:
        words = ",".join(f"{name}={value}" for name, value in options.items())
        answer = self._named("loadfile", url=path, flags="append-play", options=words)
        return int(answer["playlist_entry_id"])

    def _command(self, *words: str) -> Any:
        try:
            return self._mpv.command(*words)
        except _MPV_ERRORS as error:
            msg = f"libmpv refused «{words[0]}»: {error}"
            raise EngineError(msg) from error

    def _named(self, command: str, **arguments: Any) -> Any:
        try:
            return self._mpv.command(command, **arguments)
        except _MPV_ERRORS as error:
            msg = f"libmpv refused «{command}»: {error}"
            raise EngineError(msg) from error

    def _get(self, name: str) -> Any:
        try:
            return self._mpv._get_property(name)  # noqa: SLF001 - None where there is no value; the public way decodes twice
        except _MPV_ERRORS as error:
            msg = f"libmpv does not tell «{name}»: {error}"
            raise EngineError(msg) from error

    def _event(self, event: Any) -> None:
        """On libmpv's thread: translate and hand on."""
        at = time.monotonic()
        kind = event.event_id.value
        if kind == mpv.MpvEventID.START_FILE:
            self._opened = event.data.playlist_entry_id
            self._happened(Opened(self._opened, at))
        elif kind == mpv.MpvEventID.HOOK:
            self._preloaded(event.data.id)
        elif kind == mpv.MpvEventID.PLAYBACK_RESTART:
            self._happened(Drawn(at))
        elif kind == mpv.MpvEventID.END_FILE:
            token, fault = self._refused
            self._happened(_closed(event.data, fault if token == event.data.playlist_entry_id else "", at))
        elif kind == mpv.MpvEventID.SHUTDOWN:
            self._happened(Gone(at))

    def _preloaded(self, hook: int) -> None:
        """On libmpv's thread, before a file touches the screen: one without a picture would make it black.

        It is left here, as if it could not be read: the tail card stands at the end, so that there is a next file.
        """
        try:
            fault = self._without_picture()
            if fault:
                self._refused = (self._opened, fault)
                with (
                    self._turning
                ):  # where it has been turned to another file meanwhile, that one must not be passed over
                    if any(item["id"] == self._opened and item.get("current") for item in self._get("playlist") or ()):
                        self._command("playlist-next", "force")
        finally:
            mpv.backend.mpv_hook_continue(self._mpv._event_handle, ctypes.c_uint64(hook))  # noqa: SLF001 - see _add_hook

    def _without_picture(self) -> str:
        codings = [track.get("codec") for track in self._get("track-list") or () if track["type"] == "video"]
        if any(coding in self._codings for coding in codings):
            return ""
        return f"the picture's coding ({codings[0] or 'unknown'}) cannot be shown" if codings else _NO_PICTURE

    def _add_hook(self) -> None:
        """The package knows the hook event and has no way to ask for it; its event client must be the one that asks."""
        client = self._mpv._event_handle  # noqa: SLF001 - hooks answer to the client that added them
        mpv.backend.mpv_hook_add(client, ctypes.c_uint64(0), b"on_preloaded", ctypes.c_int(0))

    def _log(self, _level: str, prefix: str, text: str) -> None:
        if self._lines.passes(time.monotonic()):
            log.warning("libmpv %s: %s", prefix, text.strip()[:300])


class _Trickle:
    """Lets a few through each minute."""

    def __init__(self, a_minute: int) -> None:
        self._a_minute = a_minute
        self._minute = 0
        self._count = 0

    def passes(self, at: float) -> bool:
        minute = int(at // 60)
        if minute != self._minute:
            self._minute, self._count = minute, 0
        self._count += 1
        return self._count <= self._a_minute


def _closed(data: Any, refused: str, at: float) -> Closed:
    reason: Literal["eof", "error", "stopped"]
    if refused:
        reason, error = "error", refused
    elif data.reason == data.EOF:
        reason, error = "eof", ""
    elif data.reason in _END_ABORTED:
        reason, error = "stopped", ""
    elif data.reason == data.REDIRECT:
        reason, error = "error", "the file is a play list, not a video"
    else:
        reason = "error"
        error = _WORDS.get(data.error, f"libmpv gave up on the file (code {data.error})")
    return Closed(data.playlist_entry_id, reason, error, at)
