"""From what stations said to a mail in somebody's box: real tables, a real mail server, a real hook."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from estation_central import command
from estation_wire import codec
from estation_wire.messages import Health
from estation_wire.values import Trust, Tv
from tests.support.centre import BOOT, record
from tests.support.post_office import HookServer, MailServer

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # a Wednesday
DARK, FAR = "653101", "653121"
SECRET = "a secret of 24 characters"


@pytest.fixture
def post(tables: None) -> Iterator[tuple[MailServer, HookServer]]:
    """Two counties of a prefecture, somebody to be told at every level, and no demonstration."""
    from django.conf import settings
    from django.test import override_settings

    from estation_central.alerts.models import AlertChannel
    from estation_central.registry.models import Region

    prefecture = Region.objects.create(code="6531", name="prefecture", level="prefecture")
    for code in (DARK, FAR):
        Region.objects.create(code=code, name=f"county {code}", level="county", parent=prefecture)
    with MailServer() as mail, HookServer() as hook:
        made = (
            {"region": Region.objects.get(code=DARK), "mail": "dark@county.example", "language": "en"},
            {"region": Region.objects.get(code=FAR), "hook": hook.url, "secret": SECRET, "language": "en"},
            {"region": prefecture, "mail": "all@prefecture.example"},
            {"mail": "daily@network.example", "daily": True, "language": "en"},
        )
        for words in made:
            AlertChannel.objects.create(**words)
        centre = msgspec.structs.replace(settings.CENTRE, demo=False)
        with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=mail.port, CENTRE=centre):
            yield mail, hook


def station(name: str, county: str, heard: datetime, **health: Any) -> None:
    """A hall, and what it said last."""
    from estation_central.registry.adding import add
    from estation_central.stations.models import Latest

    add(name, county, f"room of {name}", f"site-of-{name}", {}, now=NOW)
    told = {"at": heard, "trust": Trust.NETWORK, "boot": BOOT, "up": 1.0, "undelivered": 0, "tv": Tv.ON} | health
    payload = codec.encode(Health(v=1, **told)).decode()
    Latest.objects.create(station=name, leaf="health", region=county, payload=payload, heard=heard)


def run(now: datetime) -> Any:
    from estation_central.alerts import service
    from estation_central.alerts.posting import RealPost

    return service.run(RealPost(), now)


def test_from_the_hall_to_the_mail_and_one_level_up(post: tuple[MailServer, HookServer]) -> None:
    """A dark county is one mail; a hook that was down is told later; what nobody takes up goes to the prefecture."""
    mail, hook = post
    for n in range(7):
        station(f"hall-{n}", DARK, NOW - timedelta(days=4))
    station("far-0", FAR, NOW - timedelta(minutes=2), card_worn_percent=91)
    station("far-1", FAR, NOW - timedelta(days=8))
    hook.status = 503
    first = run(NOW)
    assert (first.begun, first.over, first.told, first.failed) == (3, 0, 1, 1)
    ((to, subject, text),) = mail.read()
    assert (to, subject) == ("dark@county.example", f"E-Station: county dark: county {DARK}")
    assert "7 of its stations are silent" in text

    hook.status = 302  # it would send us elsewhere: that is no answer
    assert run(NOW + timedelta(minutes=10)).failed == 1
    hook.status = 204
    again = run(NOW + timedelta(minutes=20))
    assert (again.begun, again.told, again.failed, mail.read()) == (0, 1, 0, [])
    ((path, headers, body),) = hook.taken
    assert path == "/"
    assert headers["X-Estation-Signature"] == f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    told = json.loads(body)
    assert told["alerts"] == [{"kind": "silent", "subject": "far-1"}, {"kind": "card-worn", "subject": "far-0"}]
    assert "worn by 91 per cent" in told["text"]
    assert run(NOW + timedelta(minutes=30)).told == 0

    assert run(NOW + timedelta(days=3)).told == 1
    ((to, subject, text),) = mail.read()
    assert (to, subject) == ("all@prefecture.example", "E-Station: 3 条告警")
    assert re.search(rf"全县失联：?:? ?county {DARK}", text), text
    assert run(NOW + timedelta(days=4)).told == 0


def test_over_taken_up_silenced_and_the_digest(post: tuple[MailServer, HookServer]) -> None:
    """A hall that speaks again is over; what is taken up or silenced is told nobody; the digest comes once a day."""
    from estation_central.alerts import service
    from estation_central.alerts.models import Alert, AlertSilence
    from estation_central.alerts.posting import RealPost
    from estation_central.stations.models import Latest

    mail, hook = post
    for name in ("far-0", "far-1", "far-2", "far-3"):
        station(name, FAR, NOW - timedelta(days=8))
    words = {"subject": "site-of-far-1", "until": NOW + timedelta(days=30), "reason": "the hall is rebuilt"}
    AlertSilence.objects.create(**words)
    assert run(NOW).begun == 4
    assert [each["subject"] for each in json.loads(hook.taken[0][2])["alerts"]] == ["far-0", "far-2", "far-3"]
    Alert.objects.filter(subject="far-0").update(acknowledged=NOW)
    Latest.objects.filter(station="far-2").delete()
    station("far-2", FAR, NOW + timedelta(days=2))
    after = run(NOW + timedelta(days=3))
    assert (after.over, after.told) == (1, 1)
    ((_, subject, _),) = mail.read()  # far-3 alone went up
    assert subject.endswith(": room of far-3")

    mail.refuses = "451 later"
    assert service.digest(RealPost(), NOW).failed == 2
    mail.refuses = ""
    done = service.digest(RealPost(), NOW)
    assert (done.told, done.failed) == (2, 0)
    assert [to for to, _, _ in mail.read()] == ["all@prefecture.example", "daily@network.example"]
    assert service.digest(RealPost(), NOW + timedelta(hours=1)).told == 0


def test_forced_starts_and_copied_cards_from_the_records(post: tuple[MailServer, HookServer]) -> None:
    """Three starts by the watchdog today; the same told late, from last month, or by the power, are none."""
    from django.db import connection

    from estation_central.alerts.models import Alert
    from estation_central.collector import months
    from estation_central.compliance import tables
    from estation_central.stations.models import HashMismatch, JournalRecord

    _, hook = post
    if connection.vendor == "postgresql":
        months.make(tables.run, NOW.date().replace(day=1))
    cases = {
        "far-0": ("watchdog", NOW - timedelta(hours=2)),
        "far-1": ("power", NOW - timedelta(hours=2)),
        "far-2": ("watchdog", NOW - timedelta(days=30)),
    }
    for name, (why, at) in cases.items():
        station(name, FAR, NOW)
        for seq in (1, 2, 3):
            raw = record(seq, "boot", at=at, why=why, firmware="1.0").decode()
            head = {"journal": "a" * 32, "seq": seq, "boot": BOOT, "up": 1.0, "trust": "network", "understood": True}
            JournalRecord.objects.create(station=name, at=at, kind="boot", raw=raw, received=NOW, **head)
    HashMismatch.objects.create(station="far-1", journal="a" * 32, seq=1, theirs="", first_seen=NOW, last_seen=NOW)
    assert run(NOW).begun == 2
    assert {(row.kind, row.subject) for row in Alert.objects.all()} == {("resets", "far-0"), ("cloned-card", "far-1")}
    assert len(hook.taken) == 1


def test_the_page(post: tuple[MailServer, HookServer]) -> None:
    """A monitor of the county takes an alert up and keeps another quiet; another county's is not there."""
    from django.contrib.auth.models import User
    from django.test import Client

    from estation_central.accounts.models import Grant
    from estation_central.alerts.models import Alert, AlertSilence
    from estation_central.registry.models import Region

    station("far-0", FAR, NOW - timedelta(days=8))
    station("dark-0", DARK, NOW - timedelta(days=8))
    run(NOW)
    user = User.objects.create_user("county-monitor")
    Grant.objects.create(user=user, role="monitor", region=Region.objects.get(code=FAR))
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    client.force_login(user)
    seen = client.get("/alerts/").content.decode()
    assert ("room of far-0" in seen, "dark-0" in seen) == (True, False)
    own, other = (Alert.objects.get(subject=name) for name in ("far-0", "dark-0"))
    assert client.post(f"/alerts/{other.pk}/acknowledge/").status_code == 404
    assert client.post(f"/alerts/{own.pk}/silence/", {"days": "61", "reason": "x"}).status_code == 302
    assert not AlertSilence.objects.exists()
    assert client.post(f"/alerts/{own.pk}/silence/", {"days": "7", "reason": "new roof"}).status_code == 302
    assert client.post(f"/alerts/{own.pk}/acknowledge/").status_code == 302
    shown = client.get("/alerts/").content.decode()
    assert "taken up by county-monitor" in shown
    assert "new roof" in shown
    assert AlertSilence.objects.get().subject == "far-0"


@pytest.mark.usefixtures("tables")
def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Who is told is named on the command line; a hook over an open line and an unknown region are refused."""
    from estation_central.alerts.models import AlertChannel

    def said(*arguments: str) -> tuple[int, str]:
        code = command.main(arguments)
        told = capsys.readouterr()
        return code, told.out or told.err

    hook, mail = ("alert-channel", "add", "--hook"), ("alert-channel", "add", "--mail", "a@b.example")
    code, words = said(*hook, "http://far.example/")
    assert (code, "https://" in words) == (2, True)
    assert said(*mail, "--region", "999999") == (2, "999999: no such region in the registry\n")
    assert said(*mail, "--language", "en") == (0, "1: a@b.example\n")
    assert said("alert") == (0, "alerts: 0 new, 0 over, 0 messages sent, 0 not taken\n")
    assert said("alert", "--digest") == (0, "alerts: 0 new, 0 over, 0 messages sent, 0 not taken\n")  # nothing stands
    AlertChannel.objects.update(digest_sent=None)
    station("far-0", FAR, datetime.now(UTC) - timedelta(days=8))
    assert said("alert") == (1, "alerts: 1 new, 0 over, 0 messages sent, 1 not taken\n")
    assert said("alert", "--digest") == (
        1,
        "alerts: 0 new, 0 over, 0 messages sent, 1 not taken\n",
    )  # no server is named
    assert said("alert-channel", "list") == (0, "1: a@b.example everywhere en\n")
    assert said("alert-channel", "remove", "1") == (0, "")
    assert said("alert-channel", "list") == (0, "")
