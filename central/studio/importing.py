"""Drafts from a folder or a feed: files come beside ``library.toml``, and lines are added at its end.

What an editor wrote is never touched; what was brought in before is not brought again, also where the editor threw
it away. A draft is not published until somebody removes the word ``draft``.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from estation_wire.blocks import content_id
from estation_wire.decoding import decoder
from studio.checking import files_of
from studio.errors import Progress, StudioError, silent
from studio.feed import FEED_LIMIT_BYTES, Offer, offers
from studio.files import block_list_of, copy_whole, need_room, write_whole
from studio.source import FILE_NAME, Source, read
from studio.workshop import FOLDER, Workshop

TIMEOUT_SECONDS: Final = 30.0  # without one byte
FILE_LIMIT_BYTES: Final = 8 * 2**30
CHUNK_BYTES: Final = 2**20
TOPIC: Final = "general-science"
MEDIA: Final = frozenset(
    [
        ".mp4",
        ".m4v",
        ".mov",
        ".mkv",
        ".webm",
        ".avi",
        ".mpg",
        ".mpeg",
        ".ts",
        ".flv",
        ".wmv",
        ".mp3",
        ".m4a",
        ".aac",
        ".ogg",
        ".opus",
        ".wav",
        ".flac",
        ".png",
        ".jpg",
        ".jpeg",
        ".bmp",
        ".webp",
        ".tif",
        ".tiff",
    ]
)


class Brought(NamedTuple):
    """What came of an import: the new items' words; what could not be had, and why."""

    drafts: tuple[str, ...]
    failed: tuple[str, ...]


def bring(source: Path, what: str, *, progress: Progress = silent) -> Brought:
    """Bring a folder's files, or the films of the feed at a ``file:``, ``http:`` or ``https:`` address, as drafts.

    Interrupted, run it again. Raises `StudioError` where folder or feed cannot be read at all.
    """
    source.mkdir(parents=True, exist_ok=True)
    listed = read(source) if (source / FILE_NAME).is_file() else _begun(source)
    offered = list(_of_feed(what)) if "://" in what else list(_of_folder(Path(what), source))
    workshop = Workshop(source)
    drafts, failed = [], []
    with workshop.open():
        known = {workshop.seen(path).content for path in _files(source, listed)}
        notes = source / FOLDER / "brought.json"
        before = set(decoder(list[str]).decode(notes.read_bytes())) if notes.is_file() else set()
        for number, offer in enumerate(offered):
            progress(f"{offer.title} ({number + 1}/{len(offered)})", number / len(offered))
            note = _note(offer)
            if note in before:
                continue
            try:
                word = _bring(source, offer, known, listed)
            except (StudioError, OSError, HTTPException, ValueError) as error:
                failed.append(f"{offer.title}: {error}")
                continue
            if word:
                drafts.append(word)
                listed = read(source)
            before.add(note)
            write_whole(notes, msgspec.json.encode(sorted(before)))
    return Brought(tuple(drafts), tuple(failed))


def _note(offer: Offer) -> str:
    """By what an offer is known again: its address, and for a file here its date."""
    path = Path(unquote(urlsplit(offer.address).path))
    dated = offer.address.startswith("file:") and path.is_file()
    return f"{offer.address} {path.stat().st_mtime_ns}" if dated else offer.address


def _begun(source: Path) -> Source:
    """A list with nothing on it but the association's name, for the editor to mend."""
    write_whole(source / FILE_NAME, f"name = {_quoted(source.resolve().name)}\n".encode())
    return read(source)


def _files(source: Path, listed: Source) -> Iterator[Path]:
    yield from (source / name for name, item in files_of(source, listed) if item and (source / name).is_file())


def _of_folder(folder: Path, source: Path) -> Iterator[Offer]:
    if not folder.is_dir():
        msg = f"{folder} is no folder, and no address with ://"
        raise StudioError(msg)
    for name, _ in files_of(folder, None):
        path = (folder / name).resolve()
        if path.suffix.lower() in MEDIA and not path.is_relative_to(source.resolve() / FOLDER):
            yield Offer(path.stem.replace("_", " ").replace("-", " ")[:200], path.as_uri(), "und", "", "")


def _of_feed(address: str) -> list[Offer]:
    if urlsplit(address).scheme not in {"file", "http", "https"}:
        msg = f"{address}: only file:, http: and https: addresses are read"
        raise StudioError(msg)
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the scheme is checked
            raw = answer.read(FEED_LIMIT_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        msg = f"{address} cannot be read: {error}"
        raise StudioError(msg) from None
    return offers(raw, address)


def _bring(source: Path, offer: Offer, known: set[str], listed: Source) -> str | None:
    """Bring one file and write its draft; None where the same bytes are on the list already."""
    name = Path(unquote(urlsplit(offer.address).path)).name
    suffix = Path(name).suffix.lower()
    if suffix not in MEDIA:
        msg = f"«{suffix or name}» is no film, picture or sound by its name"
        raise StudioError(msg)
    half = source / FOLDER / "half" / f"brought{suffix}"
    half.parent.mkdir(exist_ok=True)
    local = Path(unquote(urlsplit(offer.address).path)) if offer.address.startswith("file:") else None
    if local is not None:
        if local.stat().st_size > FILE_LIMIT_BYTES:
            msg = "it is larger than 8 GiB"
            raise StudioError(msg)
        need_room(source, local.stat().st_size)
        content = content_id(copy_whole(local, half, lambda _: None))
    else:
        _download(offer.address, half)
        content = content_id(block_list_of(half))
    if content in known:
        half.unlink()
        return None
    word = _free(_word(Path(name).stem), {one.id for one in listed.items})
    target = source / f"{word}{suffix}"
    inside = local is not None and local.is_relative_to(source.resolve()) and not _hidden(local, source.resolve())
    if inside:
        half.unlink()
    elif target.exists() and content_id(block_list_of(target)) != content:
        word = _free(f"{word}-{content[:8]}", set())
        target = source / f"{word}{suffix}"
        half.replace(target)
    else:
        half.replace(target)
    file = local.relative_to(source.resolve()).as_posix() if inside and local else target.name
    _write(source / FILE_NAME, _draft(word, file, offer))
    known.add(content)
    return word


def _hidden(path: Path, source: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(source).parts)


def _download(address: str, half: Path) -> None:
    got = 0
    with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer, half.open("wb") as file:  # noqa: S310 - see feed
        said = int(answer.headers.get("Content-Length") or 0)
        need_room(half.parent, min(said, FILE_LIMIT_BYTES))
        while block := answer.read(CHUNK_BYTES):
            got += len(block)
            if got > FILE_LIMIT_BYTES:
                msg = "it is larger than 8 GiB"
                raise StudioError(msg)
            file.write(block)
    if said and got != said:
        msg = f"the connection broke after {got} of {said} bytes: run the import again"
        raise StudioError(msg)


def _draft(word: str, file: str, offer: Offer) -> str:
    lines = ["", "[[items]]", "draft = true", f"id = {_quoted(word)}", f"file = {_quoted(file)}"]
    lines += [f"titles = {{ {offer.language} = {_quoted(offer.title)} }}", f'topic = "{TOPIC}"']
    lines += [
        f"{key} = {_quoted(value)}" for key, value in (("credit", offer.credit), ("licence", offer.licence)) if value
    ]
    return "\n".join(lines) + "\n"


def _write(path: Path, draft: str) -> None:
    """Add lines at the end; raises `StudioError` and leaves the file as it is where they would not fit there."""
    before = path.read_bytes()
    after = before + (b"" if before.endswith(b"\n") else b"\n") + draft.encode()
    try:
        msgspec.toml.decode(after, type=Source)
    except msgspec.MsgspecError as error:
        msg = f"{path} takes no more lines at its end ({error}): write its items as [[items]], one table each"
        raise StudioError(msg) from None
    write_whole(path, after)


def _word(stem: str) -> str:
    word = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:48].lower()
    return word or "film"


def _free(word: str, taken: set[str]) -> str:
    number, found = 2, word
    while found in taken:
        found, number = f"{word}-{number}", number + 1
    return found


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()  # a JSON string is a TOML string
