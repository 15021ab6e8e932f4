"""``estation-studio``: make a studio, publish a library, sign a profile, write a stick."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from studio import profiles, publishing
from studio.errors import StudioError
from studio.stick import write_stick

EXIT_REFUSED: Final = 3  # the library was published, but not every file was fit for it


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 when done, 1 with a plain word when not, 3 when some files were refused."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options, datetime.now(UTC)))
    except (StudioError, OSError) as error:
        print(f"estation-studio: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="estation-studio", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    init = commands.add_parser("init", help="make keys and the first root")
    init.add_argument("--threshold", type=int, choices=range(1, 10), default=1, help="signatures for root and targets")
    init.set_defaults(run=_init)
    publish = commands.add_parser("publish", help="check, copy and sign what SOURCE/library.toml lists")
    publish.set_defaults(run=_publish)
    profile = commands.add_parser("profile", help="sign the profile of one station")
    profile.set_defaults(run=_profile)
    stick = commands.add_parser("stick", help="put library, profiles and certificates on a stick")
    stick.set_defaults(run=_stick)
    for command in (init, publish, profile, stick):
        command.add_argument("folder", type=Path, metavar="FOLDER", help="the studio's own folder")
    publish.add_argument("source", type=Path, metavar="SOURCE", help="the editor's folder")
    profile.add_argument("profile", type=Path, metavar="PROFILE.toml")
    stick.add_argument("stick", type=Path, metavar="STICK", help="where the stick is mounted")
    stick.add_argument("--profile", type=Path, action="append", default=[], help="a signed profile; may be repeated")
    stick.add_argument("--certificate", type=Path, action="append", default=[], help="STATION.pem; may be repeated")
    return parser


def _init(options: argparse.Namespace, now: datetime) -> int:
    root = publishing.init(options.folder, now=now, threshold=options.threshold)
    print(f"keys are in {options.folder / 'keys'}, without a password: keep that folder on an encrypted disk")
    print(f"{root} goes into the boxes' image")
    return 0


def _publish(options: argparse.Namespace, now: datetime) -> int:
    published = publishing.publish(options.folder, options.source, now=now, progress=_progress)
    _end_of_progress()
    print(
        f"{len(published.contents)} programmes; catalogue {published.catalogue}, programme {published.programme}"
        + ("" if published.changed else " (nothing new)")
    )
    for refusal in published.refused:
        print(f"refused: {refusal}", file=sys.stderr)
    return EXIT_REFUSED if published.refused else 0


def _profile(options: argparse.Namespace, now: datetime) -> int:
    print(profiles.sign_file(options.folder, options.profile, now=now))
    return 0


def _stick(options: argparse.Namespace, _now: datetime) -> int:
    write_stick(
        options.folder,
        options.stick,
        profiles=options.profile,
        certificates=options.certificate,
        progress=_progress,
    )
    _end_of_progress()
    print(f"{options.stick} is ready; unmount it before you pull it")
    return 0


def _progress(words: str, fraction: float) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{fraction:4.0%} {words}", end="", file=sys.stderr, flush=True)


def _end_of_progress() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
