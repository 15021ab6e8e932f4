"""The editor's desk behind the local page: what lies on it, and the one piece of work that is going on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BufferedIOBase
from pathlib import Path
from threading import Lock
from typing import Any, Final

from studio import importing, preparing, profiles, recalling, summary
from studio.checking import Checked, check, files_of, fix
from studio.errors import StudioError
from studio.files import need_room
from studio.house_profile import Declared
from studio.publishing import REPOSITORY
from studio.source import FILE_NAME, ItemSource, Source, read
from studio.stick import signed_items, write_stick
from studio.telling import lacking
from studio.workshop import Workshop

UPLOADS: Final = ".uploads"
CHUNK_BYTES: Final = 2**20
MAX_WAITING: Final = 8  # pieces of work


class Desk:
    """One studio (``folder``) and one editor's folder (``source``); everything that takes time is done one by one."""

    def __init__(self, folder: Path, source: Path, clock: Callable[[], datetime]) -> None:
        self._folder, self._source, self._clock = folder, source, clock
        self._worker = ThreadPoolExecutor(1)
        self._lock = Lock()
        self._checked: list[Checked] = []
        self._waiting = 0
        self._job: dict[str, Any] = {"what": "", "words": "", "fraction": 0.0, "error": "", "revision": 0}

    def close(self) -> None:
        """Begin nothing more; what is going on comes to its end."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def job(self) -> dict[str, Any]:
        """What is going on: ``what`` is empty where nothing is; ``revision`` rises when the desk looks different."""
        with self._lock:
            return dict(self._job)

    def state(self) -> dict[str, Any]:
        """Everything that the page shows."""
        with self._lock:
            checked = list(self._checked)
        listed = self._listed()
        items = {one.file: one for one in listed.items if one.file} if listed else {}
        waiting = preparing.waiting(self._folder)
        now = self._clock()
        sessions = summary.fortnight(preparing.library(self._folder), now)
        return {
            "name": listed.name if listed else self._source.name,
            "files": [_told(number, one, items.get(one.name), now) for number, one in enumerate(checked)],
            "waiting": waiting._asdict() if waiting else None,
            "persons": sorted(path.stem.partition("-")[2] for path in (self._folder / "keys").glob("targets-*.pem")),
            "fortnight": [
                {"at": f"{one.at:%Y-%m-%d %H:%M}", "minutes": one.minutes, "titles": one.titles}
                | {"shown": one.shown, "zh": one.why[0], "en": one.why[1]}
                for one in sessions
            ],
            "published": [
                {"id": item.id, "titles": item.titles}
                for item in (signed_items(self._folder).values() if self._published() else ())
            ],
            "stations": len(list((self._folder / profiles.FOLDER).glob("*.json"))),
        }

    def file(self, number: int, *, poster: bool) -> Path | None:
        """The film with this number, as it would be published; or its poster."""
        with self._lock:
            one = self._checked[number] if 0 <= number < len(self._checked) else None
        if one is None:
            return None
        still = one.probed is not None and one.probed.kind == "still"
        return one.poster if poster and not still else one.made or one.path

    def look(self) -> None:
        """Look through the editor's folder again."""
        self._do("look", self._look)

    def mend(self, numbers: Iterable[int]) -> None:
        """Make the house profile of these files; of all where none is named."""
        chosen = frozenset(numbers)
        self._do("fix", lambda: self._mend(chosen))

    def prepare(self) -> None:
        """Write down what is to be signed."""
        self._do("prepare", self._prepare)

    def sign(self, person: str) -> None:
        """Sign as this person."""
        self._do("sign", lambda: preparing.sign(self._folder, person, now=self._clock()))

    def recall(self, content: str) -> None:
        """Take a film off every box, for good; with two signatures it waits for them."""
        self._do("recall", lambda: recalling.recall(self._folder, content, now=self._clock()))

    def use(self, content: str) -> str:
        """What is recalled with this film, in words. Raises `StudioError`."""
        return "\n".join(recalling.lines(recalling.look(self._folder, content)))

    def stick(self, path: Path) -> None:
        """Write a stick for every station that was signed here."""
        papers = sorted((self._folder / profiles.FOLDER).glob("*.json"))
        self._do("stick", lambda: write_stick(self._folder, path, profiles=papers, progress=self._progress))

    def take(self, name: str, length: int, stream: BufferedIOBase) -> None:
        """A file that was dropped on the page: it becomes a draft. Raises `StudioError`."""
        plain = Path(name).name
        if Path(plain).suffix.lower() not in importing.MEDIA or plain.startswith(".") or not plain.isprintable():
            msg = f"«{plain[:80]}» is no film, picture or sound by its name"
            raise StudioError(msg)
        if not 0 < length <= importing.FILE_LIMIT_BYTES:
            msg = "it is empty, or larger than 8 GiB"
            raise StudioError(msg)
        need_room(self._source, length * 2)
        folder = self._source / UPLOADS
        folder.mkdir(exist_ok=True)
        half = folder / f".{plain}.half"
        left = length
        with half.open("wb") as file:
            while left and (block := stream.read(min(CHUNK_BYTES, left))):
                file.write(block)
                left -= len(block)
        if left:
            half.unlink()
            msg = "it did not arrive whole: drop it again"
            raise StudioError(msg)
        half.replace(folder / plain)
        self._do("import", lambda: self._import(folder))

    def _import(self, folder: Path) -> None:
        brought = importing.bring(self._source, str(folder), progress=self._progress)
        for path in folder.iterdir():
            path.unlink()
        self._look()
        if brought.failed:
            raise StudioError("; ".join(brought.failed))

    def _look(self) -> None:
        listed = self._listed()
        workshop = Workshop(self._source)
        with workshop.open():
            found = check(
                self._source,
                files_of(self._source, listed),
                _declared(listed),
                workshop=workshop,
                progress=self._progress,
            )
        with self._lock:
            self._checked = found

    def _mend(self, numbers: frozenset[int]) -> None:
        listed = self._listed()
        with self._lock:
            before = list(self._checked)
        chosen = [number for number in range(len(before)) if not numbers or number in numbers]
        items: dict[str, ItemSource | None] = {one.file: one for one in listed.items if one.file} if listed else {}
        workshop = Workshop(self._source)
        with workshop.open():
            some = [before[number] for number in chosen]
            after = fix(some, items, _declared(listed), workshop=workshop, progress=self._progress)
        for number, one in zip(chosen, after, strict=True):
            before[number] = one
        with self._lock:
            self._checked = before

    def _prepare(self) -> None:
        now = self._clock()
        composed, _ = preparing.prepare(self._folder, self._source, now=now, progress=self._progress)
        if composed.refused:
            raise StudioError("; ".join(composed.refused))

    def _published(self) -> bool:
        return (self._folder / REPOSITORY / "metadata" / "timestamp.json").is_file()

    def _listed(self) -> Source | None:
        return read(self._source) if (self._source / FILE_NAME).is_file() else None

    def _do(self, what: str, work: Callable[[], object]) -> None:
        with self._lock:
            if self._waiting >= MAX_WAITING:
                msg = "there is enough to do: wait until something is done"
                raise StudioError(msg)
            self._waiting += 1
        self._worker.submit(self._run, what, work)

    def _run(self, what: str, work: Callable[[], object]) -> None:
        with self._lock:
            self._job |= {"what": what, "words": "", "fraction": 0.0, "error": ""}
        error = "it ended as nobody foresaw: close the studio, open it again, and look on the terminal"
        try:
            work()
            error = ""
        except (StudioError, OSError) as caught:
            error = str(caught)
        finally:
            with self._lock:
                self._waiting -= 1
                self._job |= {"what": "", "words": "", "fraction": 1.0, "error": error, "done": what}
                self._job["revision"] += 1

    def _progress(self, words: str, fraction: float) -> None:
        with self._lock:
            self._job |= {"words": words, "fraction": fraction}


def _declared(listed: Source | None) -> Declared:
    return listed.house_profile if listed else "720p30"


def _told(number: int, one: Checked, item: ItemSource | None, now: datetime) -> dict[str, Any]:
    still = one.probed is not None and one.probed.kind == "still"
    return {
        "number": number,
        "name": one.name,
        "titles": item.titles if item else {},
        "topic": item.topic if item else "",
        "listed": item is not None,
        "draft": item is not None and item.draft,
        "kind": one.probed.kind if one.probed else "",
        "seconds": one.probed.seconds if one.probed else 0,
        "spoken": _languages(one, "audio"),
        "written": _languages(one, "subtitles"),
        "ready": one.ready,
        "made": one.made is not None,
        "fixable": one.fixable,
        "refusal": {"en": one.refusal, "zh": one.refusal_zh},
        "faults": [{"zh": fault.zh, "en": fault.en, "grave": fault.grave} for fault in one.faults],
        "papers": [lack._asdict() for lack in lacking(item, now.date())] if item else [],
        "loudness": [level for level in one.loudness if level is not None],
        "poster": one.poster is not None or still,
        "plays": one.probed is not None and not one.refusal and (one.made is not None or one.ready),
    }


def _languages(one: Checked, kind: str) -> list[str]:
    return [track.language for track in one.probed.tracks if track.kind == kind] if one.probed else []
