"""The three verbs of the public suite ``tuf-conformance``, around this box's own client: init, refresh, download.

    python -m estation_box.apps.tuf_client --metadata-dir DIR init ROOT.json
    python -m estation_box.apps.tuf_client --metadata-dir DIR --metadata-url URL refresh
    python -m estation_box.apps.tuf_client --metadata-dir DIR --metadata-url URL --target-name NAME
        --target-base-url URL --target-dir DIR download

What the box adds is on: the durable mark (beside DIR), the stated root, one parent for each role. What differs from the
box: what verified before a failure is kept, as TUF has it; the box takes all or nothing. Exit status 0 or 1.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import msgspec

from estation_box.drivers.http import HttpFile, HttpSource, Server
from estation_box.drivers.tuf import TufClient
from estation_box.drivers.two_copies import TwoCopies
from estation_box.library.interfaces import SyncError
from estation_box.library.trust import Mark, judge, read_mark
from estation_box.library.trust_interfaces import DelegatedAttempt
from estation_wire import stick as layout


class Repository:
    """See `Stick`: metadata at one address, targets at another."""

    def __init__(self, metadata: HttpSource, targets: HttpSource) -> None:
        self._metadata = metadata
        self._targets = targets

    def open(self, name: str) -> HttpFile:
        """See `Stick.open`."""
        return self._of(name).open(name)

    def read(self, name: str, limit: int) -> bytes:
        """See `Stick.read`."""
        return self._of(name).read(name, limit)

    def names(self, folder: str, limit: int) -> tuple[str, ...]:
        """See `Stick.names`."""
        return self._of(folder).names(folder, limit)

    def write(self, name: str, data: bytes) -> None:
        """See `Stick.write`."""
        self._of(name).write(name, data)

    def _of(self, name: str) -> HttpSource:
        return self._targets if name.startswith(layout.TARGETS) else self._metadata


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one verb; 0 when it succeeded fully, 1 with a plain word when not."""
    options = _options(arguments)
    try:
        if options.verb == "init":
            _init(options)
        else:
            _refresh(options)
    except (SyncError, OSError) as error:
        print(f"tuf-client: {error}", file=sys.stderr)
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tuf-client", description=__doc__)
    parser.add_argument("--metadata-dir", type=Path, required=True)
    for name in ("--metadata-url", "--target-name", "--target-base-url"):
        parser.add_argument(name, default="")
    parser.add_argument("--target-dir", type=Path)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("init").add_argument("root", type=Path)
    verbs.add_parser("refresh")
    verbs.add_parser("download")
    return parser.parse_args(arguments)


def _init(options: argparse.Namespace) -> None:
    data = options.root.read_bytes()
    options.metadata_dir.mkdir(parents=True, exist_ok=True)
    (options.metadata_dir / "root.json").write_bytes(data)
    _beside(options.metadata_dir, "root").write_bytes(data)


def _refresh(options: argparse.Namespace) -> None:
    folder: Path = options.metadata_dir
    client = TufClient(folder, _beside(folder, "root"), whole=False)
    marks = TwoCopies(_beside(folder, "mark"))
    chance = random.Random()  # noqa: S311 - it spreads waits
    metadata = Server(options.metadata_url, beneath=f"{layout.METADATA}/")
    targets = Server(options.target_base_url, beneath=f"{layout.TARGETS}/")
    with (
        HttpSource(metadata, chance) as one,
        HttpSource(targets, chance) as other,
        client.attempt(Repository(one, other), datetime.now(UTC)) as attempt,
    ):
        mark = read_mark(marks.read())
        judge(attempt, mark)
        if options.verb == "download":
            _download(attempt, options.target_name, options.target_dir)
        new = Mark(versions=attempt.versions, signed=mark.signed, keys=attempt.online_keys)
        marks.write(msgspec.json.encode(new))
        attempt.keep()


def _download(attempt: DelegatedAttempt, name: str, folder: Path) -> None:
    """Store what is signed under ``name``, unless it is there already."""
    path = folder / quote(name, safe="")
    attempt.find(name)  # refuses a role of two parents, as the box does
    if path.is_file() and sha256(path.read_bytes()).hexdigest() == attempt.digest(name):
        return
    data = attempt.document(name)
    folder.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)


def _beside(folder: Path, what: str) -> Path:
    return folder.with_name(f"{folder.name}.{what}")


if __name__ == "__main__":
    sys.exit(main())
