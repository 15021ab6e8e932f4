"""The workshop beside an editor's files: what was measured and what was made. The editor's files stay as they are.

``.studio/`` in the editor's folder::

    lock                  one studio at a time
    seen/HASH.json        a file's content id and loudness, while its size and date stay
    made/KEY.mp4          the house profile's form of a file; KEY hangs on its bytes and the recipe
    made/KEY.json         written last: what is named here is whole
    posters/CONTENT.jpg   a picture of each film
    half/                 what is being made; swept at the next start
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from estation_wire.blocks import content_id
from estation_wire.decoding import decoder
from estation_wire.picture import encode
from studio import ffmpeg, recipe
from studio.errors import StudioError
from studio.files import block_list_of, need_room, write_whole
from studio.house_profile import Declared
from studio.probe import Probed, Refused, probe

FOLDER: Final = ".studio"
CUT_SECONDS: Final = 2.0  # containers round, and end with their longest track
END_SECONDS: Final = 5.0  # a track of subtitles or sound may end later than the picture
CUT_SHARE: Final = 0.01
T = TypeVar("T", bound=Struct)


class Seen(Struct, frozen=True, kw_only=True):
    """What is known of a file that had this size and date. ``loudness``: LUFS by sound track; None: not measured.

    ``about``: what ffprobe said; empty where it could not read the file.
    """

    name: str
    size: int
    date_ns: int
    content: str
    about: str = ""
    gap: float | None = None
    loudness: tuple[float | None, ...] | None = None


class Made(Struct, frozen=True, kw_only=True):
    """What was made of a file: its name in ``made/``, its bytes, the loudness of its tracks in LUFS."""

    of: str
    file: str
    size: int
    loudness: tuple[float | None, ...] = ()


class Workshop:
    """The workshop of ``source``; ``writes`` False: look, and leave no trace."""

    def __init__(self, source: Path, *, writes: bool = True) -> None:
        self._source = source
        self._folder = source / FOLDER
        self._writes = writes
        self._guard = Lock()
        self._busy: dict[str, Lock] = {}

    @contextmanager
    def open(self) -> Iterator[None]:
        """Keep others out, and sweep what was left half made; raises `StudioError` where another is at work."""
        if not self._writes:
            yield
            return
        self._folder.mkdir(exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                msg = f"another studio is at work in {self._source}: wait for it, or end it"
                raise StudioError(msg) from None
            for half in (self._folder / "half").glob("*"):
                half.unlink(missing_ok=True)
            yield

    def seen(self, path: Path) -> Seen:
        """The file's content id: from the notes where size and date are as they were, else read through."""
        state = path.stat()
        kept = _kept(self._note(path), Seen)
        if kept is not None and (kept.size, kept.date_ns) == (state.st_size, state.st_mtime_ns):
            return kept
        content = content_id(block_list_of(path))
        try:
            about = ffmpeg.about(path).decode(errors="replace")
        except ffmpeg.Unreadable:
            about = ""
        found = Seen(name=path.name, size=state.st_size, date_ns=state.st_mtime_ns, content=content, about=about)
        self._keep(path, found)
        return found

    def probe(
        self,
        path: Path,
        audio: tuple[str, ...] | None = None,
        subtitles: tuple[str, ...] | None = None,
        *,
        convertible: bool = False,
    ) -> Probed:
        """As `probe.probe`; a file that is as it was is not asked again."""
        about = self.seen(path).about.encode() if path.is_file() else b""
        return probe(path, audio=audio, subtitles=subtitles, convertible=convertible, about=about)

    def measured(self, path: Path, probed: Probed) -> Seen:
        """The same with key frames and loudness, which takes a while the first time; raises `Refused`."""
        seen = self.seen(path)
        if seen.loudness is not None or probed.kind == "still":
            return seen
        try:
            heard = [ffmpeg.hear(path, number) for number in range(len(probed.facts.sounds))]
            found = ffmpeg.reach(path, probed.seconds) if probed.kind == "video" else None
        except ffmpeg.Unreadable as error:
            msg = f"it cannot be read to its end ({error})"
            raise Refused(msg, "无法完整读取，请重新获取") from None
        if found and found.end < probed.seconds - END_SECONDS:
            msg = "it is cut off before its end: copy it again"
            raise Refused(msg, "文件不完整，请重新拷贝")
        measured = replace(seen, gap=found.gap if found else None, loudness=_lufs(heard))
        self._keep(path, measured)
        return measured

    def made(self, path: Path, declared: Declared, card: Path | None = None) -> tuple[Path, Made] | None:
        """What was made of the file before, whole; None where nothing was."""
        if not (self._folder / "made").is_dir():
            return None
        name = self._key(path, declared, card)
        kept = _kept(self._folder / "made" / f"{name}.json", Made)
        if kept is None:
            return None
        file = self._folder / "made" / kept.file
        return (file, kept) if file.is_file() and file.stat().st_size == kept.size else None

    def make(
        self,
        path: Path,
        probed: Probed,
        declared: Declared,
        told: Callable[[float, float], None],
        card: Path | None = None,
    ) -> tuple[Path, Made]:
        """The house profile's form of the file, made now unless it was before. Raises `Refused`, `StudioError`."""
        name = self._key(path, declared, card)
        with self._alone(name):
            before = self.made(path, declared, card)
            if before is not None:
                return before
            need_room(self._folder, recipe.expected(probed.kind, probed.seconds, declared).bytes)
            try:
                return self._make(name, path, probed, declared, told=told, card=card)
            except ffmpeg.Unreadable as error:
                raise Refused(str(error)) from None

    def _make(
        self,
        name: str,
        path: Path,
        probed: Probed,
        declared: Declared,
        *,
        told: Callable[[float, float], None],
        card: Path | None,
    ) -> tuple[Path, Made]:
        ending = recipe.suffix(probed)
        sounds = range(len(probed.facts.sounds))
        heard = [ffmpeg.hear(path, number) for number in sounds]
        half = self._half(f"{name}{ending}")
        ffmpeg.make(recipe.arguments(path, probed, heard, declared, card), half, told)
        whole = _length(half)
        if whole < probed.seconds - max(CUT_SECONDS, probed.seconds * CUT_SHARE):
            msg = f"it is damaged: {whole:.0f} of its {probed.seconds:.0f} s can be read; get it again"
            raise Refused(msg, f"文件已损坏：只能读取 {whole:.0f} 秒，共 {probed.seconds:.0f} 秒；请重新获取")
        loudness = _lufs([ffmpeg.hear(half, number) for number in sounds])
        target = self._settle(half, self._folder / "made" / f"{name}{ending}")
        made = Made(of=path.name, file=target.name, size=target.stat().st_size, loudness=loudness)
        write_whole(self._folder / "made" / f"{name}.json", msgspec.json.encode(made))
        return target, made

    def poster(self, path: Path, probed: Probed) -> Path | None:
        """A JPEG of the film, kept by content; None where there is none to be had, or where it is a picture itself."""
        target = self.poster_of(self.seen(path).content)
        with self._alone(target.name):
            return target if target.is_file() else self._draw(path, probed, target)

    def _draw(self, path: Path, probed: Probed, target: Path) -> Path | None:
        if probed.kind != "video" or not self._writes:
            return None
        for any_frame in (False, True):
            half = self._half(target.name)
            try:
                ffmpeg.make(recipe.poster(path, probed.seconds, any_frame=any_frame), half, lambda *_: None)
            except ffmpeg.Unreadable:
                continue
            if half.is_file() and half.stat().st_size:
                return self._settle(half, target)
        return None

    def picture(self, path: Path, probed: Probed) -> Path | None:
        """The film's small picture for the menu at the TV, kept by content; None where it has no poster."""
        poster = self.poster(path, probed)
        if poster is None:
            return None
        target = poster.with_suffix(".picture")
        with self._alone(target.name):
            if not target.is_file():
                try:
                    write_whole(target, encode(ffmpeg.picture(poster)))
                except ffmpeg.Unreadable:
                    return None
        return target

    def poster_of(self, content: str) -> Path:
        """Where the poster of a content id lies, if there is one."""
        return self._folder / "posters" / f"{content}.jpg"

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Two files of the same bytes are made once, one after the other."""
        with self._guard:
            lock = self._busy.setdefault(name, Lock())
        with lock:
            yield

    def _key(self, path: Path, declared: Declared, card: Path | None) -> str:
        return recipe.key(self.seen(path).content, declared, self.seen(card).content if card else "")

    def _note(self, path: Path) -> Path:
        name = os.path.relpath(path, self._source)
        return self._folder / "seen" / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"

    def _keep(self, path: Path, seen: Seen) -> None:
        if self._writes:
            write_whole(self._note(path), msgspec.json.encode(seen))

    def _half(self, name: str) -> Path:
        (self._folder / "half").mkdir(exist_ok=True)
        return self._folder / "half" / name

    def _settle(self, half: Path, target: Path) -> Path:
        """Make a finished file durable, then give it its name."""
        with half.open("rb") as file:
            os.fsync(file.fileno())
        target.parent.mkdir(exist_ok=True)
        return half.replace(target)


def _kept(path: Path, type_: type[T]) -> T | None:
    try:
        kept: Any = decoder(type_).decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None
    return kept  # type: ignore[no-any-return]


def _length(path: Path) -> float:
    try:
        return probe(path).seconds
    except Refused:  # hardly anything came out of it
        return 0.0


def _lufs(heard: Sequence[ffmpeg.Heard | None]) -> tuple[float | None, ...]:
    return tuple(None if one is None else float(one.input_i) for one in heard)
