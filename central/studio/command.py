"""``estation-studio``: check films, make a studio, publish a library, sign a profile, write a stick."""

from __future__ import annotations

import argparse
import sys
import time
import webbrowser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from studio import handing, importing, office, preparing, profiles, publishing, telling
from studio.checking import Checked, check, files_of, fix
from studio.desk import Desk
from studio.errors import Progress, StudioError
from studio.page import listen
from studio.source import FILE_NAME, read
from studio.stick import plan, write_stick
from studio.workshop import FOLDER as WORKSHOP
from studio.workshop import Workshop

FOLDER_HELP: Final = "the studio's own folder"
SOURCE_HELP: Final = "the editor's folder"
EXIT_REFUSED: Final = 3  # the library was published, but not every file was fit for it


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 when done, 1 with a plain word when not, 3 when some files were refused."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options, datetime.now(UTC)))
    except (StudioError, OSError) as error:
        print(f"estation-studio: {error}", file=sys.stderr)
        return 1


Commands = Any
"""What `argparse.ArgumentParser.add_subparsers` gives; it has no public name."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="estation-studio", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    init = commands.add_parser("init", help="make keys and the first root")
    init.add_argument("folder", type=Path, metavar="FOLDER", help=FOLDER_HELP)
    init.add_argument("--threshold", type=int, choices=range(1, 10), default=1, help="signatures for root and targets")
    init.set_defaults(run=_init)
    _films(commands)
    _signing(commands)
    _sticks(commands)
    office.add(commands, FOLDER_HELP)
    opened = commands.add_parser("open", help="the same as a page on this machine")
    opened.add_argument("folder", type=Path, metavar="FOLDER", help=FOLDER_HELP)
    opened.add_argument("source", type=Path, metavar="SOURCE", help=SOURCE_HELP)
    opened.add_argument("--port", type=int, default=0, help="a fixed port; without it, any free one")
    opened.add_argument("--no-browser", action="store_true", help="print the address, and open nothing")
    opened.set_defaults(run=_open)
    return parser


def _films(commands: Commands) -> None:
    imported = commands.add_parser("import", help="bring the films of a folder or feed into SOURCE as drafts")
    imported.add_argument("source", type=Path, metavar="SOURCE", help=SOURCE_HELP)
    imported.add_argument("what", metavar="FOLDER|FEED", help="a folder, or the address of an RSS or Atom feed")
    imported.set_defaults(run=_import)
    check = commands.add_parser("check", help="look at every film, picture and sound of a folder")
    check.add_argument("source", type=Path, metavar="SOURCE", help=f"{SOURCE_HELP}, with or without library.toml")
    check.set_defaults(run=_check)
    publish = commands.add_parser("publish", help="check, copy and sign what SOURCE/library.toml lists")
    publish.add_argument("folder", type=Path, metavar="FOLDER", help=FOLDER_HELP)
    publish.add_argument("source", type=Path, metavar="SOURCE", help=SOURCE_HELP)
    publish.add_argument(
        "--as", dest="role", default=publishing.PUBLISHER, metavar="ROLE", help="as a county, a township, a desk"
    )
    publish.set_defaults(run=_publish)
    for command in (check, publish):
        command.add_argument("--fix", action="store_true", help="make the house profile of what is not in it")
        command.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")


def _signing(commands: Commands) -> None:
    prepare = commands.add_parser("prepare", help="write down what is to be signed, and say what changes")
    prepare.set_defaults(run=_prepare)
    sign = commands.add_parser("sign", help="sign what was prepared; the last signature publishes it")
    sign.add_argument("--as", dest="person", required=True, metavar="PERSON", help="signs with keys/targets-PERSON.pem")
    sign.set_defaults(run=_sign)
    for command in (prepare, sign):
        command.add_argument("folder", type=Path, metavar="FOLDER", help=FOLDER_HELP)
        command.add_argument("--profile", type=Path, help="show the fortnight of this station")
        command.add_argument(
            "--role", default=publishing.PUBLISHER, help="a county, a township or a desk that signs here"
        )
    prepare.add_argument("source", type=Path, metavar="SOURCE", help=SOURCE_HELP)


def _sticks(commands: Commands) -> None:
    profile = commands.add_parser("profile", help="sign the profile of one station")
    profile.set_defaults(run=_profile)
    stick = commands.add_parser("stick", help="put library, profiles and certificates on a stick, and read it back")
    stick.set_defaults(run=_stick)
    for command in (profile, stick):
        command.add_argument("folder", type=Path, metavar="FOLDER", help=FOLDER_HELP)
    profile.add_argument("profile", type=Path, metavar="PROFILE.toml")
    stick.add_argument("stick", type=Path, metavar="STICK", help="where the stick is mounted")
    stick.add_argument("--profile", type=Path, action="append", default=[], help="a signed profile; may be repeated")
    stick.add_argument("--all-stations", action="store_true", help="every profile that was signed here")
    stick.add_argument("--dry-run", action="store_true", help="say what would be written, and change nothing")
    stick.add_argument("--certificate", type=Path, action="append", default=[], help="STATION.pem; may be repeated")


def _init(options: argparse.Namespace, now: datetime) -> int:
    root = publishing.init(options.folder, now=now, threshold=options.threshold)
    print(f"keys are in {options.folder / 'keys'}, without a password: keep that folder on an encrypted disk")
    print(f"{root} goes into the boxes' image")
    return 0


def _check(options: argparse.Namespace, _now: datetime) -> int:
    checked = _looked(options)
    return 0 if all(one.ready for one in checked) else EXIT_REFUSED


def _looked(options: argparse.Namespace) -> list[Checked]:
    """Every file of the editor's folder, looked at and, if wanted, made anew; told on the terminal."""
    folder: Path = options.source
    source = read(folder) if (folder / FILE_NAME).is_file() else None
    declared = source.house_profile if source else "720p30"
    files = files_of(folder, source)
    workshop = Workshop(folder, writes=not options.dry_run)
    with workshop.open():
        checked = check(folder, files, declared, workshop=workshop, progress=_progress)
        if options.fix and not options.dry_run:
            checked = fix(checked, dict(files), declared, workshop=workshop, progress=_progress)
    _end_of_progress()
    print("\n".join(telling.of_files(checked, declared)))
    return checked


def _import(options: argparse.Namespace, _now: datetime) -> int:
    brought = importing.bring(options.source, options.what, progress=_progress)
    _end_of_progress()
    print(f"{len(brought.drafts)} drafts: give each its titles and topic in {FILE_NAME}, then remove its draft = true")
    for failure in brought.failed:
        print(f"not brought: {failure}", file=sys.stderr)
    return EXIT_REFUSED if brought.failed else 0


def _publish(options: argparse.Namespace, now: datetime) -> int:
    if options.fix or options.dry_run:
        _looked(options)
    source = read(options.source)
    papers = [f"{one.id}: {fault.en}" for one in source.items for fault in telling.lacking(one, now.date())]
    if options.dry_run:
        print("nothing was changed")
        return 0
    (options.source / WORKSHOP).mkdir(exist_ok=True)  # what is made of the films, their small pictures among it
    published = publishing.publish(options.folder, options.source, now=now, role=options.role, progress=_progress)
    _end_of_progress()
    print(
        f"{len(published.contents)} programmes; catalogue {published.catalogue}, programme {published.programme}"
        + ("" if published.changed else " (nothing new)")
    )
    for word in (*published.told, *papers):
        print(f"better: {word}", file=sys.stderr)
    for refusal in published.refused:
        print(f"refused: {refusal}", file=sys.stderr)
    return EXIT_REFUSED if published.refused else 0


def _open(options: argparse.Namespace, _now: datetime) -> int:
    desk = Desk(options.folder, options.source, lambda: datetime.now(UTC))
    server, address = listen(desk, options.port)
    desk.look()
    print(f"{address}\nCtrl-C closes the studio.", flush=True)
    if not options.no_browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("closing when what is going on is done")
    finally:
        server.server_close()
        desk.close()
    return 0


def _prepare(options: argparse.Namespace, now: datetime) -> int:
    station = profiles.read(options.profile) if options.profile else None
    handing.bring_back(options.folder, options.role)
    (options.source / WORKSHOP).mkdir(exist_ok=True)
    composed, summary = preparing.prepare(
        options.folder, options.source, now=now, role=options.role, profile=station, progress=_progress
    )
    _end_of_progress()
    print(summary, end="")
    for refusal in composed.refused:
        print(f"refused: {refusal}", file=sys.stderr)
    print(f"now each person signs: estation-studio sign {options.folder} --as PERSON")
    return EXIT_REFUSED if composed.refused else 0


def _sign(options: argparse.Namespace, now: datetime) -> int:
    station = profiles.read(options.profile) if options.profile else None
    state = preparing.sign(options.folder, options.person, now=now, role=options.role, profile=station)
    print(state.summary, end="")
    print(f"{state.signatures} of {state.threshold} signatures" + ("; published" if state.published else ""))
    if state.handed:
        print(f"请把 {state.handed} 带给发布方 · bring {state.handed} to the publisher: estation-studio accept")
    return 0


def _profile(options: argparse.Namespace, now: datetime) -> int:
    print(profiles.sign_file(options.folder, options.profile, now=now))
    return 0


def _stick(options: argparse.Namespace, _now: datetime) -> int:
    signed = options.folder / profiles.FOLDER
    papers = [*options.profile, *(sorted(signed.glob("*.json")) if options.all_stations else ())]
    if options.dry_run:
        load = plan(options.folder, options.stick, papers)
        print("\n".join(telling.of_stick(load)))
        print("nothing was changed")
        return EXIT_REFUSED if load.missing else 0
    load = write_stick(
        options.folder,
        options.stick,
        profiles=papers,
        certificates=options.certificate,
        progress=_with_minutes(time.monotonic()),
    )
    _end_of_progress()
    for title in load.missing:
        print(f"missing: {title}: it is signed, but its file is not in this studio", file=sys.stderr)
    print(f"{options.stick} is ready; unmount it before you pull it")
    return EXIT_REFUSED if load.missing else 0


def _with_minutes(begin: float) -> Progress:
    """Progress that tells how many minutes are left, at the speed since ``begin``."""

    def told(words: str, fraction: float) -> None:
        left = (time.monotonic() - begin) * (1 - fraction) / max(fraction, 0.001) / 60
        _progress(f"{words}, {left:.0f} min left", fraction)

    return told


def _progress(words: str, fraction: float) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{fraction:4.0%} {words}", end="", file=sys.stderr, flush=True)


def _end_of_progress() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
