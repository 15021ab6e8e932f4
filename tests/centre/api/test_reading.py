"""The read API: a token reaches as far as its user, and no further; what it answers is what its description says."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import msgspec
import pytest
import schemathesis
from schemathesis import GenerationMode

from estation_central import command
from estation_wire import codec
from estation_wire.messages import Health
from estation_wire.values import Trust, Tv
from tests.support.centre import BOOT

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
COUNTIES = ("653101", "653121")
YEAR = timedelta(days=365)
ROUTES = (
    "regions",
    "sites",
    "sites/site-{n}/weeks",
    "stations",
    "stations/hall-{n}",
    "alerts",
    "figures?begin=2026-11-23&region={county}",
)
OWN = (b"Place0", b"site-0", b"2026-W48", b"653101")


def fill() -> None:
    """Two counties, each with a hall that spoke, a week and an alert."""
    from estation_central.alerts.models import Alert
    from estation_central.compliance.models import Showing, SiteVerdict, StationStay
    from estation_central.registry.adding import add
    from estation_central.stations.models import Latest

    columns = {f"{what}_{kind}": 0 for what in ("sessions", "seconds") for kind in ("confirmed", "unknown", "off")}
    columns |= {"sessions_guessed": 1, "seconds_guessed": 600.0, "rooms": 1, "met_rooms": 1, "late": 0}
    for n, county in enumerate(COUNTIES):
        add(f"hall-{n}", county, f"Place{n} hall", f"site-{n}", {}, now=NOW)
        words = {"at": NOW, "trust": Trust.NETWORK, "boot": BOOT, "up": 1.0, "undelivered": 7, "tv": Tv.ON}
        payload = codec.encode(Health(v=1, **words)).decode()
        Latest.objects.create(station=f"hall-{n}", leaf="health", region=county, payload=payload, heard=NOW)
        SiteVerdict.objects.create(site=f"site-{n}", week="2026-W48", verdict="met", **columns)
        showing = {"week": "2026-W48", "day": "2026-11-24", "evidence": "confirmed", "enough": True, "counting": 600.0}
        StationStay.objects.create(station=f"hall-{n}", first_day="0001-01-01", last_day="9999-12-31", site=f"site-{n}")
        Showing.objects.create(station=f"hall-{n}", session="5" * 32, shown=600.0, origin="planned", **showing)
        alert = {"county": county, "site": f"site-{n}", "level": county, "began": NOW, "level_since": NOW}
        Alert.objects.create(kind="silent", subject=f"hall-{n}", detail="9", **alert)


def token(name: str, **scope: Any) -> str:
    """The token of a new user; a monitor where a scope is given."""
    from django.contrib.auth.models import User

    from estation_central.accounts.models import Grant
    from estation_central.api import tokens

    user = User.objects.create_user(name)
    if scope:
        Grant.objects.create(user=user, role="monitor", **scope)
    return tokens.make(user, "a program", datetime.now(UTC), YEAR)


@pytest.fixture
def client(tables: None) -> Iterator[Any]:
    """A program of sorts, outside a demonstration; the proxy has ended HTTPS."""
    from django.conf import settings
    from django.test import Client, override_settings

    fill()
    with override_settings(CENTRE=msgspec.structs.replace(settings.CENTRE, demo=False)):
        yield Client(headers={"host": "localhost"})


def ask(client: Any, route: str, token: str, n: int = 0) -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return client.get(f"/api/v1/{route.format(n=n, county=COUNTIES[n])}", headers=headers)


def test_a_token_reaches_as_far_as_its_user(client: Any) -> None:
    """Every route, of the own county and of the other, of which there is no name and nothing to be had by asking."""
    from estation_central.registry.models import Region

    own = token("county", region=Region.objects.get(code=COUNTIES[0]))
    for route in ROUTES:
        answer = ask(client, route, own)
        assert answer.status_code == 200, (route, answer.content)
        assert any(word in answer.content for word in OWN), route
        assert b"Place1" not in answer.content, route
        assert b"hall-1" not in answer.content, route
        if "{" in route:
            assert ask(client, route, own, 1).status_code == 404, route
    assert ask(client, "figures?begin=2026-11-23", own).status_code == 403
    assert ask(client, "stations/hall-0", own).json()["undelivered"] == 7
    by_kind = token("by-kind", kind="village")
    assert ask(client, ROUTES[-1], by_kind).status_code == 404  # its sums would hold schools, too


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_token_that_holds_there_is_nothing(client: Any, route: str) -> None:
    """None, an invented one, an old one, a revoked one, and that of a user who was closed or has no role."""
    from django.contrib.auth.models import User

    from estation_central.api import tokens
    from estation_central.api.models import ApiToken

    held = token("held", kind="village")
    user = User.objects.get(username="held")
    old = tokens.make(user, "old", datetime.now(UTC) - YEAR, timedelta(days=364))
    replaced = tokens.make(user, "twice", datetime.now(UTC), YEAR)
    tokens.make(user, "twice", datetime.now(UTC), YEAR)
    for each in ("", "estation_" + "x" * 43, "x" * 300, old, replaced):
        assert ask(client, route, each).status_code == 401, each
    assert ask(client, route, token("nobody")).status_code == 403
    ApiToken.objects.filter(name="a program", user=user).delete()
    assert ask(client, route, held).status_code == 401
    closed = token("closed", kind="village")
    User.objects.filter(username="closed").update(is_active=False)
    assert ask(client, route, closed).status_code == 401


def test_nothing_is_changed_by_it_and_no_token_is_kept(client: Any) -> None:
    """No other method has a route; in the tables there is a digest."""
    from estation_central.api.models import ApiToken
    from estation_central.api.reading import routes

    everything = token("all", kind="")
    for method in ("post", "put", "patch", "delete"):
        headers = {"authorization": f"Bearer {everything}"}
        assert getattr(client, method)("/api/v1/stations/hall-0", headers=headers).status_code == 405
    kept = ApiToken.objects.values().get()
    assert everything not in str(kept)
    assert len(routes()) == len(ROUTES) + 2  # its description, and its root


def test_tokens_on_the_command_line(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Made, named, used and revoked."""
    token("program", kind="village")
    assert command.main(["api-token", "make", "nobody", "x"]) == 2
    capsys.readouterr()
    assert command.main(["api-token", "make", "program", "dashboard", "--days", "30"]) == 0
    made = capsys.readouterr().out.strip()
    assert ask(client, "stations", made).status_code == 200
    assert command.main(["api-token", "list"]) == 0
    assert re.search(r"^program dashboard: until \d{4}-\d\d-\d\d, used ", capsys.readouterr().out, re.MULTILINE)
    assert command.main(["api-token", "revoke", "program", "dashboard"]) == 0
    assert command.main(["api-token", "revoke", "program", "dashboard"]) == 2
    assert ask(client, "stations", made).status_code == 401


def test_health_and_figures_for_those_who_watch(client: Any) -> None:
    """Alive and ready for anybody; figures for whoever may see everything."""
    from django.db import connection

    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    assert client.get("/metrics").status_code == 401
    county = {"authorization": f"Bearer {token('kind', kind='village')}"}
    assert client.get("/metrics", headers=county).status_code == 401
    answer = client.get("/metrics", headers={"authorization": f"Bearer {token('all', kind='')}"})
    told = answer.content.decode()
    for line in (
        "estation_stations 2.0",
        "estation_stations_online 0.0",
        'estation_weeks{verdict="met"} 2.0',
        'estation_alerts{kind="silent"} 2.0',
    ):
        assert f"\n{line}\n" in told, told
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'api'")
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)


@pytest.mark.parametrize("made", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_it_answers_as_it_says(client: Any, made: GenerationMode) -> None:
    """Whatever is asked, well or badly made: no answer of 500, and none that the description does not name."""
    from django.test import override_settings

    from estation_central.site.wsgi import application

    headers = {"Authorization": f"Bearer {token('all', kind='')}"}
    tried = 0
    with override_settings(SECURE_SSL_REDIRECT=False):
        for found in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application).get_all_operations():
            operation = found.ok()

            @hypothesis.given(case=operation.as_strategy(generation_mode=made))
            @hypothesis.settings(max_examples=10, deadline=None, derandomize=True, database=None)
            def ask_it(case: Any) -> None:
                case.call_and_validate(headers=headers)

            ask_it()
            tried += 1
    assert tried == len(ROUTES)
