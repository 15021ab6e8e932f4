"""Commands for whoever runs the centre: a copy, putting it back, the doctor, and tokens of the API."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import django

from estation_central.settings import CentreSettings

BROKER_PORT: Final = 8883
KEPT: Final = 14  # copies, of which one is made a night
TOKEN_DAYS: Final = 365


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the commands."""
    copy = commands.add_parser("backup", help="copy database, authority and settings into a new folder")
    copy.add_argument("folder", type=Path, help="on another disk; what is written there holds the authority's key")
    copy.add_argument("--keep", type=int, default=KEPT, metavar="N", help="remove older copies beyond so many")
    copy.set_defaults(run=make_copy)
    back = commands.add_parser("restore", help="put a copy back; stop all other processes of the centre first")
    back.add_argument("copy", type=Path)
    back.add_argument("--over", action="store_true", help="replace the centre that is there; it is lost")
    back.set_defaults(run=put_back)
    doctor = commands.add_parser("doctor", help="look at everything that the centre stands on")
    doctor.add_argument("--broker-port", type=int, default=BROKER_PORT)
    doctor.add_argument("--copies", type=Path, help="where the copies are, to say how old the newest is")
    doctor.set_defaults(run=examine)
    actions = commands.add_parser("api-token", help="tokens with which programs read").add_subparsers(
        required=True, metavar="ACTION"
    )
    new = actions.add_parser("make", help="print a new token; it is shown this once")
    new.add_argument("user", help="whose sight it has; a user of its own for each program")
    new.add_argument("name", help="what it is for")
    new.add_argument("--days", type=int, default=TOKEN_DAYS)
    new.set_defaults(run=lambda options, _: make_token(options))
    actions.add_parser("list", help="name them").set_defaults(run=lambda *_: list_tokens())
    gone = actions.add_parser("revoke", help="it is worth nothing from now on")
    gone.add_argument("user")
    gone.add_argument("name")
    gone.set_defaults(run=lambda options, _: revoke_token(options))


def make_copy(options: argparse.Namespace, settings: CentreSettings) -> int:
    """Make a copy, and remove those that are too old."""
    from estation_central.upkeep import backup  # noqa: PLC0415 (each subcommand loads what it needs)

    sys.stdout.write(f"{backup.make(settings, options.folder, datetime.now(UTC))}\n")
    for path in backup.prune(options.folder, max(1, options.keep)):
        sys.stdout.write(f"removed: {path}\n")
    return 0


def put_back(options: argparse.Namespace, settings: CentreSettings) -> int:
    """Put a copy back and bring its tables up to this program."""
    from estation_central import setting_up  # noqa: PLC0415
    from estation_central.upkeep import backup  # noqa: PLC0415

    manifest = backup.restore(settings, options.copy, over=options.over)
    setting_up.migrate(settings)
    sys.stdout.write(f"as it was at {manifest.made:%Y-%m-%d %H:%M:%S} UTC; boxes send again what came since\n")
    return 0


def examine(options: argparse.Namespace, settings: CentreSettings) -> int:
    """Say what was found; 1 where something is broken."""
    django.setup()
    from estation_central.upkeep import examining  # noqa: PLC0415
    from estation_central.upkeep.rules import Mark  # noqa: PLC0415

    broken = False
    for said in examining.examine(settings, options.broker_port, options.copies, datetime.now(UTC)):
        broken |= said.mark is Mark.FAULT
        sys.stdout.write(f"{said.mark.value:5} {said.what}: {said.words}\n")
    return int(broken)


def make_token(options: argparse.Namespace) -> int:
    """Print a new token; 2 where there is no such user."""
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415

    from estation_central.api import tokens  # noqa: PLC0415

    user = User.objects.filter(username=options.user).first()
    if user is None:
        sys.stderr.write(f"{options.user}: no such user; make one on the page of users\n")
        return 2
    token = tokens.make(user, options.name, datetime.now(UTC), timedelta(days=options.days))
    sys.stdout.write(f"{token}\n")
    return 0


def list_tokens() -> int:
    """Name every token."""
    django.setup()
    from estation_central.api.models import ApiToken  # noqa: PLC0415

    for token in ApiToken.objects.select_related("user"):
        used = f"used {token.used}" if token.used else "never used"
        sys.stdout.write(f"{token.user.get_username()} {token.name}: until {token.expires:%Y-%m-%d}, {used}\n")
    return 0


def revoke_token(options: argparse.Namespace) -> int:
    """Let a token be worth nothing; 2 where there is none of that name."""
    django.setup()
    from estation_central.api.models import ApiToken  # noqa: PLC0415

    if not ApiToken.objects.filter(user__username=options.user, name=options.name).delete()[0]:
        sys.stderr.write(f"{options.user} {options.name}: no such token; see `estation-central api-token list`\n")
        return 2
    return 0
