"""Commands of the alerts: a pass (by a timer, every ten minutes), the day's digest, and who is told."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

import django
from django.core.exceptions import ValidationError


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the commands."""
    alert = commands.add_parser("alert", help="look for what is wrong, and tell those who are to know")
    alert.add_argument("--digest", action="store_true", help="send the day's digest to those who have not had it")
    alert.set_defaults(run=lambda options, _: run(digest=options.digest))

    actions = commands.add_parser("alert-channel", help="who is told of alerts").add_subparsers(
        required=True, metavar="ACTION"
    )
    new = actions.add_parser("add", help="tell somebody, by mail or by a web hook")
    new.add_argument("--region", default="", help="code of the region; default: the whole network")
    way = new.add_mutually_exclusive_group(required=True)
    way.add_argument("--mail", default="", metavar="ADDRESS")
    way.add_argument("--hook", default="", metavar="URL", help="gets a POST with JSON")
    new.add_argument("--secret", default="", help="signs what the hook gets; 16 characters at least")
    new.add_argument("--language", choices=("zh-hans", "en"), default="zh-hans")
    new.add_argument("--daily", action="store_true", help="only the digest")
    new.set_defaults(run=lambda options, _: add_channel(options))
    actions.add_parser("list", help="name them").set_defaults(run=lambda *_: list_channels())
    gone = actions.add_parser("remove", help="tell them no more")
    gone.add_argument("number", type=int)
    gone.set_defaults(run=lambda options, _: remove_channel(options.number))


def run(*, digest: bool) -> int:
    """One pass, or the digest; 1 where somebody could not be told, who is told at the next."""
    django.setup()
    from estation_central.alerts import service  # noqa: PLC0415 (models want Django set up)
    from estation_central.alerts.posting import RealPost  # noqa: PLC0415

    done = (service.digest if digest else service.run)(RealPost(), datetime.now(UTC))
    sys.stdout.write(
        f"alerts: {done.begun} new, {done.over} over, {done.told} messages sent, {done.failed} not taken\n"
    )
    return int(bool(done.failed))


def add_channel(options: argparse.Namespace) -> int:
    """Add somebody to be told; 2 where the region or the address cannot be."""
    django.setup()
    from estation_central.alerts.models import AlertChannel  # noqa: PLC0415
    from estation_central.registry.models import Region  # noqa: PLC0415

    region = Region.objects.filter(code=options.region).first()
    if options.region and region is None:
        sys.stderr.write(f"{options.region}: no such region in the registry\n")
        return 2
    words = {name: getattr(options, name) for name in ("mail", "hook", "secret", "language", "daily")}
    channel = AlertChannel(region=region, **words)
    try:
        channel.full_clean()
    except ValidationError as error:
        sys.stderr.write(f"{options.mail or options.hook}: {' '.join(error.messages)}\n")
        return 2
    channel.save()
    sys.stdout.write(f"{channel}\n")
    return 0


def list_channels() -> int:
    """Name everybody who is told."""
    django.setup()
    from estation_central.alerts.models import AlertChannel  # noqa: PLC0415

    for channel in AlertChannel.objects.select_related("region"):
        daily = " daily" if channel.daily else ""
        told = f"{channel.pk}: {channel.mail or channel.hook}"
        sys.stdout.write(f"{told} {channel.region or 'everywhere'} {channel.language}{daily}\n")
    return 0


def remove_channel(number: int) -> int:
    """Tell somebody no more; 2 where there is no such channel."""
    django.setup()
    from estation_central.alerts.models import AlertChannel  # noqa: PLC0415

    if not AlertChannel.objects.filter(pk=number).delete()[0]:
        sys.stderr.write(f"{number}: no such channel; see `estation-central alert-channel list`\n")
        return 2
    return 0
