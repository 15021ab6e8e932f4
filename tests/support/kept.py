"""What tests make once and keep below ``build``: one of them makes it, whole or not at all, and the others wait."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build"


@contextmanager
def once(kept: Path) -> Iterator[Path | None]:
    """The folder or file that is to be made in its place, None where it is there already."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (kept.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            yield None
            return
        being = kept.with_name(f"{kept.name}.part")
        shutil.rmtree(being, ignore_errors=True)
        yield being
        being.rename(kept)


def key(files: Iterable[Path]) -> str:
    """A name for what is made of these files: another one as soon as one of them changes."""
    told = hashlib.sha256()
    for path in sorted(files):
        told.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()[:16]
