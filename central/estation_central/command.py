"""The `estation-central` command: sets the centre up, and runs its two processes. Wiring only."""

from __future__ import annotations

import argparse
import logging.config
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from estation_central import telling
from estation_central.authority.certificates import AuthorityError
from estation_central.settings import CentreSettings, CentreSettingsError, read

DEFAULT_PAGE_PORT: Final = 8080
DEFAULT_TLS_PORT: Final = 8883
DEFAULT_ENROLMENT_PORT: Final = 8444
DEFAULT_WEBSOCKET_PORT: Final = 443


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit code."""
    options = _parser().parse_args(arguments)
    logging.config.dictConfig(telling.configure(os.environ))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "estation_central.site.settings")
    try:
        result: int = options.run(options, read(os.environ))
    except (CentreSettingsError, AuthorityError, OSError) as error:
        sys.stderr.write(f"estation-central: {error}\n")
        return 2
    return result


def _init(options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central import setting_up  # noqa: PLC0415 (each subcommand loads what it needs)
    from estation_central.broker.configuration import Listeners  # noqa: PLC0415

    listeners = Listeners(
        address=options.listen, tls=options.tls_port, websocket=options.websocket_port, demo=options.demo_port
    )
    path = setting_up.init(settings, options.host, listeners)
    sys.stdout.write(f"authority: {settings.authority}\nbroker: mosquitto -c {path}\n")
    return 0


def _migrate(_options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central import setting_up  # noqa: PLC0415

    setting_up.migrate(settings)
    return 0


def _serve(options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central.site import server  # noqa: PLC0415

    server.serve(options.address, options.port, demo=settings.demo)
    return 0


def _enrol(options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central.enrolment import server  # noqa: PLC0415

    server.serve(settings, options.address, options.port)
    return 0


def _collect(options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central.authority.certificates import COLLECTOR  # noqa: PLC0415
    from estation_central.authority.folder import Authority  # noqa: PLC0415
    from estation_central.collector import app  # noqa: PLC0415
    from estation_central.collector.mqtt import BrokerAddress  # noqa: PLC0415

    authority = Authority(settings.authority)
    certificate, key = authority.pair(COLLECTOR)
    address = BrokerAddress(
        host=options.host,
        port=options.port,
        transport="websockets" if options.websocket else "tcp",
        authority=authority.certificate,
        certificate=certificate,
        key=key,
    )
    app.run(settings, address, options.region or [], options.metrics_port)
    return 0


def _station_add(options: argparse.Namespace, _settings: CentreSettings) -> int:
    from estation_central import registering  # noqa: PLC0415

    return registering.add(options)


def _station_invite(options: argparse.Namespace, _settings: CentreSettings) -> int:
    from estation_central import registering  # noqa: PLC0415

    return registering.invite(options.name, options.url)


def _sign_requests(options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central import registering  # noqa: PLC0415

    return registering.sign_requests(options.stick, settings)


def _take_reports(options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central.authority.folder import Authority  # noqa: PLC0415
    from estation_central.collector.by_stick import Mailbag  # noqa: PLC0415
    from estation_central.collector.stores import store_of  # noqa: PLC0415

    refused = False
    bag = Mailbag(options.stick, Authority(settings.authority), store_of(settings))
    for verdict in bag.take(datetime.now(UTC)):
        refused |= verdict.refused
        sys.stdout.write(f"{'refused: ' if verdict.refused else ''}{verdict.words}\n")
    return int(refused)


def _reckon(options: argparse.Namespace, _settings: CentreSettings) -> int:
    from estation_central import reckoning  # noqa: PLC0415

    return reckoning.run(everything=options.all, keep_on=options.keep_on, processes=options.processes)


def _tv_hours(options: argparse.Namespace, _settings: CentreSettings) -> int:
    from estation_central import reckoning  # noqa: PLC0415

    return reckoning.tv_hours(datetime.combine(options.since, time(), UTC))


def _revoke(options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central import registering  # noqa: PLC0415

    return registering.revoke(options.station, settings)


def _preview(options: argparse.Namespace, _settings: CentreSettings) -> int:
    from estation_central import previewing  # noqa: PLC0415

    return previewing.run(options)


def _library(options: argparse.Namespace, settings: CentreSettings) -> int:
    from estation_central import believing  # noqa: PLC0415

    return believing.run(options, settings)


def _send(options: argparse.Namespace, _settings: CentreSettings) -> int:
    from estation_central import ordering  # noqa: PLC0415

    return ordering.send(options.station, options.do, options.content, options.letter)


def _wait_session(options: argparse.Namespace, _settings: CentreSettings) -> int:
    from estation_central import ordering  # noqa: PLC0415

    return ordering.wait_session(options.station, options.timeout)


def _django(options: argparse.Namespace, _settings: CentreSettings) -> int:
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(["estation-central django", *options.words])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="estation-central", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = commands.add_parser("init", help="make authority, certificates, broker's configuration and tables")
    init.add_argument("--host", action="append", default=[], help="name or address by which boxes call the broker")
    init.add_argument("--listen", default="0.0.0.0", help="address that the broker listens on")  # noqa: S104 (boxes call in)
    init.add_argument("--tls-port", type=int, default=DEFAULT_TLS_PORT)
    init.add_argument("--websocket-port", type=int, default=DEFAULT_WEBSOCKET_PORT)
    init.add_argument("--demo-port", type=int, default=0, help="plain, read-only, on 127.0.0.1; for demonstrations")
    init.set_defaults(run=_init)

    commands.add_parser("migrate", help="make or change the tables").set_defaults(run=_migrate)

    serve = commands.add_parser("serve", help="the pages")
    serve.add_argument("--address", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=DEFAULT_PAGE_PORT)
    serve.set_defaults(run=_serve)

    enrol = commands.add_parser("enrol", help="the enrolment call; where the authority's key is")
    enrol.add_argument("--address", default="0.0.0.0", help="address to listen on")  # noqa: S104 (boxes call in)
    enrol.add_argument("--port", type=int, default=DEFAULT_ENROLMENT_PORT)
    enrol.set_defaults(run=_enrol)

    collect = commands.add_parser("collect", help="the collector")
    collect.add_argument("--host", default="127.0.0.1")
    collect.add_argument("--port", type=int, default=DEFAULT_TLS_PORT)
    collect.add_argument("--websocket", action="store_true", help="MQTT over WebSocket")
    collect.add_argument("--region", action="append", help="county code; again for more; default: all")
    collect.add_argument("--metrics-port", type=int, default=0, help="figures for Prometheus, on 127.0.0.1; 0: none")
    collect.set_defaults(run=_collect)
    _add_stations(commands)
    _add_sticks(commands)
    _add_weeks(commands)

    words = commands.add_parser("django", help="Django's own commands, such as createsuperuser")
    words.add_argument("words", nargs=argparse.REMAINDER)
    words.set_defaults(run=_django)
    return parser


def _add_weeks(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from estation_central import alerting, clustering, filing, keeping, paying  # noqa: PLC0415 (each subcommand loads what it needs)

    filing.add(commands)
    paying.add(commands)
    alerting.add(commands)
    keeping.add(commands)
    clustering.add(commands)
    reckon = commands.add_parser("reckon", help="bring the weeks of all sites up to date")
    reckon.add_argument(
        "--all", action="store_true", help="forget what was reckoned, and make it again from the records"
    )
    reckon.add_argument("--keep-on", action="store_true", help="again every minute, until it is told to stop")
    reckon.add_argument("--processes", type=int, choices=range(1, 17), default=1, metavar="N", help="1 to 16")
    reckon.set_defaults(run=_reckon)
    hours = commands.add_parser("tv-hours", help="for how long each station's TV was seen on, by month")
    hours.add_argument("since", type=date.fromisoformat, help="the first day, such as 2026-11-01")
    hours.set_defaults(run=_tv_hours)


def _add_preview(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    look = commands.add_parser("preview", help="what a station will show, and why not")
    look.add_argument("profile", type=Path, help="the station's signed profile")
    look.add_argument("library", type=Path, help="the studio's folder `repository`, or ESTATION/library of a stick")
    look.add_argument("--begin", default="", help="from when on, such as 2026-12-01T00:00:00+08:00; default: now")
    look.add_argument("--days", type=int, default=14)
    look.set_defaults(run=_preview)
    library = commands.add_parser("library", help="take in what the studio published, verified; after each publication")
    library.add_argument("library", type=Path, help="the studio's folder `repository`, or ESTATION/library of a stick")
    library.add_argument("--root", type=Path, help="the studio's root.json, the first time")
    library.set_defaults(run=_library)


def _add_stations(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    station = commands.add_parser("station", help="the registry").add_subparsers(required=True, metavar="ACTION")
    add = station.add_parser("add", help="add a station, or change it")
    add.add_argument("name")
    add.add_argument("--region", required=True, help="county code, six digits")
    add.add_argument("--title", required=True, help="its name for people")
    add.add_argument("--site", required=True)
    add.add_argument("--site-kind", choices=("village", "school", "mobile"), help="of a new site: village")
    add.add_argument("--timezone", help="of the site; of a new one: Asia/Shanghai")
    add.add_argument("--sessions", type=int, help="the site's weekly minimum: sessions; of a new one: 1")
    add.add_argument("--seconds", type=int, help="and counting seconds of each; of a new one: 600")
    add.add_argument("--policy", choices=("any-room", "share", "every-room"), help="of a site with several rooms")
    add.add_argument("--share", type=int, help="with --policy share: percent of the rooms")
    add.set_defaults(run=_station_add)

    invite = station.add_parser("invite", help="a token with which the station's box gets its certificate by network")
    invite.add_argument("name")
    invite.add_argument("--url", required=True, help="where boxes enrol: https://centre.example:8444/enrol")
    invite.set_defaults(run=_station_invite)

    _add_preview(commands)
    _add_orders(commands)


def _add_orders(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    revoke = commands.add_parser("revoke", help="take a station's certificates back")
    revoke.add_argument("station")
    revoke.set_defaults(run=_revoke)

    send = commands.add_parser("send", help="send a station a command")
    send.add_argument("station")
    send.add_argument("do", choices=("sync", "play", "stop", "identify", "picture", "bulletin"))
    send.add_argument("--content", action="append", default=[], help="content id to play; again for more")
    send.add_argument("--letter", type=Path, help="the bulletin that the studio signed")
    send.set_defaults(run=_send)
    wait = commands.add_parser("wait-session", help="wait until this week's minimum is met")
    wait.add_argument("--station", required=True)
    wait.add_argument("--timeout", type=float, default=180.0, help="seconds")
    wait.set_defaults(run=_wait_session)


def _add_sticks(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sign = commands.add_parser("sign-requests", help="sign what boxes asked for on a stick")
    sign.add_argument("stick", type=Path, help="where the stick is mounted")
    sign.set_defaults(run=_sign_requests)

    take = commands.add_parser("take-reports", help="store what boxes report on a stick, and leave acknowledgements")
    take.add_argument("stick", type=Path, help="where the stick is mounted")
    take.set_defaults(run=_take_reports)


if __name__ == "__main__":
    sys.exit(main())
