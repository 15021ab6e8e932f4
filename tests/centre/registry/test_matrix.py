"""Every route, every role, the own place and another: nobody reaches further than the role and its scope."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from estation_wire import bulletin_letter
from estation_wire.bulletin_letter import Letter
from estation_wire.bulletins import Bulletin

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
COUNTIES = ("653101", "653121")


class Route(NamedTuple):
    """The right that a route needs, and a request: method, keywords with the county's number, form.

    ``leads``: where a success leads; empty: it is a page of its own.
    """

    right: str
    method: str = "get"
    keywords: dict[str, str] | None = None
    form: dict[str, str] | None = None
    everywhere: bool = False
    leads: str = ""

    def done(self, fill: dict[str, Any]) -> tuple[int, str]:
        """The status of a success, and where it leads."""
        return (302, self.leads.format(**fill)) if self.leads else (200, "")

    @property
    def of_a_place(self) -> bool:
        """Whether it asks for an object of a county."""
        return bool(self.keywords) and self.keywords != YEAR


HALL, SITE, ONE, NOTICE = {"name": "hall-{n}"}, {"code": "site-{n}"}, {"pk": "{one}"}, {"name": "told-{n}"}
YEAR, DRAFT, TOWN = {"year": "2026"}, {"name": "draft-{n}"}, {"code": "65310{n}100"}
EXCUSE = {"week": "2026-W4{n}", "lost": "ours", "reason": "x"}
HISTORY, BULLETIN = "/stations/hall-{n}/history/", "/bulletins/told-{n}/"
ROUTES = {
    "stations": Route("see"),
    "today": Route("see"),
    "route": Route("see"),
    "today-in": Route("see", keywords=TOWN),
    "route-in": Route("see", keywords=TOWN),
    "regions": Route("see"),
    "region": Route("see", keywords=TOWN),
    "coverage": Route("see"),
    "site": Route("see", keywords=SITE),
    "site-week": Route("see", keywords=SITE | {"week": "2026-W48"}),
    "officers": Route("contact", keywords=SITE),
    "officer-link": Route("contact", "post", SITE | {"pk": "{officer}"}),
    "close-week": Route("register", "post", SITE, {"week": "2026-W50", "reason": "harvest"}, leads="/sites/site-{n}/"),
    "station": Route("see", keywords=HALL),
    "programme": Route("see", keywords=HALL),
    "week": Route("see", keywords=HALL | {"week": "2026-W48"}),
    "order": Route("order", "post", HALL, {"do": "identify"}, leads="/stations/hall-{n}/"),
    "history": Route("see", keywords=HALL),
    "fit": Route("fit", "post", HALL, {"serial": "new-{n}"}, leads=HISTORY),
    "take-away": Route("fit", "post", HALL, {"why": "moved"}, leads=HISTORY),
    "boxes": Route("see"),
    "box-condition": Route("fit", "post", {"serial": "box-{n}"}, {"to": "repair"}, leads="/boxes/"),
    "picture": Route("see", keywords={"command": "{n}" * 32}),
    "import": Route("register", everywhere=True),
    "export": Route("register", "post", everywhere=True),
    "reports": Route("carry", "post", form={"reports": "x.report"}),
    "report-ack": Route("carry", keywords=HALL, form={"journal": "a" * 32}),
    "alerts": Route("see"),
    "acknowledge": Route("attend", "post", {"pk": "{alert}"}, leads="/alerts/"),
    "silence": Route("attend", "post", {"pk": "{alert}"}, {"days": "7", "reason": "harvest"}, leads="/alerts/"),
    "silences": Route("see"),
    "silence-end": Route("attend", "post", {"pk": "{silence}"}, leads="/alerts/silences/"),
    "channels": Route("administer"),
    "channel-remove": Route("administer", "post", ONE, leads="/alerts/channels/"),
    "bulletins": Route("see"),
    "bulletin-new": Route("write"),
    "bulletin": Route("see", keywords=NOTICE),
    "bulletin-draft": Route("write", keywords=NOTICE),
    "bulletin-letter": Route("write", "post", DRAFT, {"file": "{n}"}, leads="/bulletins/draft-{n}/"),
    "bulletin-act": Route("write", "post", NOTICE, {"do": "recall"}, leads=BULLETIN),
    "library": Route("see"),
    "sums": Route("see"),
    "paragraph": Route("see", keywords=YEAR),
    "year-weeks": Route("see", keywords=YEAR),
    "year-sites": Route("see", keywords=YEAR | TOWN),
    "ledger": Route("ledger"),
    "ledger-year": Route("ledger", keywords=YEAR),
    "excuse": Route("ledger", "post", form=EXCUSE, everywhere=True, leads="/ledger/"),
    "terms": Route("ledger", everywhere=True),
    "officer-counts": Route("see"),
    "overdue": Route("ledger"),
    "batch": Route("ledger", keywords=ONE),
    "batch-sheet": Route("ledger", keywords=ONE),
    "payment": Route("ledger", keywords=ONE),
    "users": Route("administer"),
    "user": Route("administer", keywords={"pk": "{user}"}),
    "log": Route("administer", everywhere=True),
    "quarantine": Route("administer", everywhere=True),
    "second_factor": Route("own"),
    "password": Route("own"),
    "logout": Route("own", "post", leads="/login/"),
}
OPEN = {
    "login",
    "set_language",
    "healthz",
    "readyz",
    "mine",
    "officer-close",
    "poster",
    "poster-picture",
    "public-site",
    "public-bulletin",
}
BEARER = {"metrics"}  # behind a token of the API, which `tests/centre/api` tries
OF_THE_TREE = {"region", "today-in", "route-in", "year-sites"}  # a region's name is nobody's secret; its sites are
OF_WHOLE_REGIONS = {"channel-remove"}  # who is told of a county is a matter of whoever administers all of it
ROLES = ("monitor", "editor", "technician", "finance", "administrator")
SINGLE = ("region", "host", "kind")
LIMITS = (*SINGLE, *(f"all but {each}" for each in SINGLE))
"""A scope of one kind; and one of all three, beside which the other place differs in one alone."""
TRIED = [("sqlite", role, limit) for role in ROLES for limit in LIMITS]
TRIED += [("postgres", role, LIMITS[n]) for n, role in enumerate(ROLES)]  # each of both, not each pair


@pytest.fixture
def places(tables: None) -> Iterator[dict[str, int]]:
    """Two counties, each with a hall, its box, officer, picture, and a user; no demonstration."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import override_settings

    from estation_central.accounts.models import Grant
    from estation_central.alerts.models import Alert, AlertChannel, AlertSilence
    from estation_central.compliance import tables as written
    from estation_central.ledger.models import Batch, LedgerTerms, Payment
    from estation_central.registry import moving
    from estation_central.registry.adding import add
    from estation_central.registry.models import Body, Box, ClosedWeek, Officer, Region, Site
    from estation_central.stations.models import Picture, Watermark

    users = {}
    terms = LedgerTerms.objects.create(version=1, decided="from the beginning")
    for n, code in enumerate(COUNTIES):
        hall = add(f"hall-{n}", code, f"Place{n} hall", f"site-{n}", {}, now=NOW)
        county = Region.objects.get(code=code)
        Region.objects.filter(pk=county.pk).update(name=f"Place{n} county")
        town = Region.objects.create(code=f"65310{n}100", name=f"Place{n} town", level="township", parent=county)
        host = Body.objects.create(code=f"host-{n}", name=f"Place{n} host", kind="village")
        Site.objects.filter(pk=f"site-{n}").update(region=town, host=host, title=f"Place{n} site")
        moving.assign(Box.objects.create(serial=f"box-{n}"), hall, NOW)
        ClosedWeek.objects.create(site_id=f"site-{n}", week="2026-W40", reason=f"Place{n} week")
        Officer.objects.create(pk=n + 101, site_id=f"site-{n}", name=f"Place{n} officer", phone="13800000000")
        picture = {"station": f"hall-{n}", "media_type": "image/jpeg", "content": b"x", "received": NOW}
        Picture.objects.create(command=str(n) * 32, **picture)
        Watermark.objects.create(station=f"hall-{n}", journal="a" * 32, watermark=9)
        alert = {"county": code, "site": f"site-{n}", "level": code, "began": NOW, "level_since": NOW}
        Alert.objects.create(kind="silent", subject=f"hall-{n}", detail="9", **alert)
        quiet = {"until": datetime.now(UTC) + timedelta(days=9), "reason": f"Place{n} repair"}
        AlertSilence.objects.create(kind="silent", subject=f"site-{n}", **quiet)
        AlertChannel.objects.create(region=county, mail=f"Place{n}@county.example")
        week = (f"site-{n}", "2026-W48", "met", "", "", "", 1, 1, *(0,) * 4, *(0.0,) * 4, None, "", 0, "")
        written.insert(written.SITE, [week])
        batch = Batch.objects.create(title=f"Place{n} batch", made=NOW, paid=NOW.date() - timedelta(days=90))
        decided = {"year": 2025, "terms": terms, "due": True, "fen": 20_000, "met": 40, "counted": 50, "evidence": {}}
        Payment.objects.create(batch=batch, site_id=f"site-{n}", **decided)
        notice(n, f"site-{n}")
        user = User.objects.create_user(f"Place{n}-user")
        Grant.objects.create(user=user, role="monitor", region=county)
        users[n] = user.pk
    with override_settings(CENTRE=msgspec.structs.replace(settings.CENTRE, demo=False)):
        yield users


def key_of(n: int) -> Ed25519PrivateKey:
    """Who signs for a county."""
    return Ed25519PrivateKey.from_private_bytes(bytes([n + 1]) * 32)


def signed(n: int) -> bytes:
    """The county's draft, as it comes back from its signer."""
    payload = letter("draft", n)
    return bulletin_letter.seal(payload, (("key", key_of(n).sign(bulletin_letter.signed_bytes(payload))),))


def letter(name: str, n: int) -> bytes:
    said = Bulletin(id=f"{name}-{n}", priority="urgent", titles={"en": f"Place{n} told"}, issued=NOW)
    return msgspec.json.encode(Letter(v=1, role=COUNTIES[n], bulletin=said))


def notice(n: int, site: str) -> None:
    """Two bulletins for one site: one that was sent, and a draft; and who may sign it."""
    from estation_central.bulletins.models import Notice, Place
    from estation_central.publication.models import Speaker

    raw = key_of(n).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    Speaker.objects.create(role=COUNTIES[n], threshold=1, keys={"key": raw.hex()})
    for name, dates in (("told", {"signed": NOW, "sent": NOW}), ("draft", {})):
        words = {"name": f"{name}-{n}", "shown_as": f"x:{name}-{n}", "role": COUNTIES[n], "priority": "urgent"}
        made = Notice.objects.create(
            title=f"Place{n} told", payload=letter(name, n).decode(), issued=NOW, made=NOW, **words, **dates
        )
        Place.objects.create(notice=made, site_id=site)


def filling(n: int, users: dict[str, int]) -> dict[str, Any]:
    """What stands in the table's keywords, forms and ways, for the county of that number."""
    from estation_central.alerts.models import Alert, AlertSilence

    alert, silence = Alert.objects.get(subject=f"hall-{n}").pk, AlertSilence.objects.get(subject=f"site-{n}").pk
    return {"n": n, "one": n + 1, "officer": n + 101, "user": users[n], "alert": alert, "silence": silence}


def ask(client: Any, name: str, n: int, users: dict[str, int]) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    route, fill = ROUTES[name], filling(n, users)
    words = {key: value.format(**fill) for key, value in (route.keywords or {}).items()}
    form: dict[str, Any] = {key: value.format(**fill) for key, value in (route.form or {}).items()}
    if "file" in form:
        form["file"] = SimpleUploadedFile("letter.json", signed(n))
    if "reports" in form:
        form["reports"] = SimpleUploadedFile(form["reports"], b"of nobody")  # its line says so, and the page stands
    return getattr(client, route.method)(reverse(name, kwargs=words), form or None)


def succeeded(answer: Any, name: str, n: int, users: dict[str, int]) -> bool:
    """Whether it is a success, and no refusal that leads to the same page with a word of regret."""
    from django.contrib.messages import constants, get_messages

    told = [each for each in get_messages(answer.wsgi_request) if each.level >= constants.WARNING]
    way = answer.headers.get("Location", "")
    return (answer.status_code, way) == ROUTES[name].done(filling(n, users)) and not told


def logged_in(role: str, **scope: Any) -> Any:
    """Somebody with a role; an administrator has shown the second factor."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

    from estation_central.accounts.models import Grant

    user = User.objects.create_user(f"{role}-user")
    Grant.objects.create(user=user, role=role, **scope)
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    client.force_login(user)
    if role == "administrator":
        device = StaticDevice.objects.create(user=user, name="paper")
        StaticToken.objects.create(device=device, token="abc123")
        assert client.get("/").headers["Location"] == "/second-factor/"
        assert client.post("/second-factor/", {"token": "abc123"}).status_code == 302
    return client


def limits(limit: str, users: dict[str, int]) -> dict[str, Any]:
    """A scope around the first place, which the user of that place has, too."""
    from estation_central.accounts.models import Grant
    from estation_central.registry.models import Body, Region, Site

    everything = {
        "region": Region.objects.get(code=COUNTIES[0]),
        "host": Body.objects.get(code="host-0"),
        "kind": "village",
    }
    other = Site.objects.filter(pk="site-1")
    if limit in SINGLE:
        scope = {limit: everything[limit]}
        other.update(kind="school" if limit == "kind" else "village")
    else:
        scope, differs = everything, limit.removeprefix("all but ")
        same: dict[str, Any] = {"region": Region.objects.get(code="653100100"), "host": "host-0", "kind": "village"}
        other.update(**{key: value for key, value in same.items() if key != differs})
        if differs == "kind":
            other.update(kind="school")
    Grant.objects.filter(user=users[0]).update(**({"region": None} | scope))
    return scope


def test_every_route_stands_in_the_table(django: Path) -> None:
    """A new page is tried with every role, or this fails."""
    from django.urls import URLPattern, resolve

    from estation_central.site.urls import urlpatterns

    patterns = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
    assert [str(each.pattern) for each in urlpatterns if each not in patterns] == ["api/v1/"]
    assert {pattern.name for pattern in patterns} == ROUTES.keys() | OPEN | BEARER
    for pattern in patterns:
        right = getattr(pattern.callback, "needed_right", None)
        assert (right is None) == (pattern.name in OPEN | BEARER), pattern.name
        assert right is None or right.value == ROUTES[pattern.name].right
    assert resolve("/login/").func.login_required is False


def test_a_stranger_is_sent_to_the_log_in(places) -> None:
    """Without a login every page leads to the login, and tells nothing."""
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    for name in ROUTES:
        answer = ask(client, name, 0, places)
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/login/?next="), name


@pytest.mark.parametrize(("tables", "role", "limit"), TRIED, indirect=["tables"])
def test_nobody_reaches_another_place(places, role: str, limit: str) -> None:
    """Within the scope a role does what it may; of the other place it sees no object, no name, and changes nothing."""
    from estation_central.accounts.rules import RIGHTS, Role

    client = logged_in(role, **limits(limit, places))
    may = {right.value for right in RIGHTS[Role(role)]} | {"own"}
    by_region = limit not in {"host", "kind"}
    for name, route in ROUTES.items():
        if name == "logout":
            continue
        own, other = ask(client, name, 0, places), ask(client, name, 1, places)
        if route.right not in may or route.everywhere:
            assert (own.status_code, other.status_code) == (403, 403), name
            continue
        if name in OF_WHOLE_REGIONS and limit != "region":
            assert own.status_code == 404, name
        elif name == "second_factor" and role == "administrator":  # it was shown already
            assert own.headers["Location"] == "/today/"
        else:
            assert succeeded(own, name, 0, places), (name, own.status_code, own.headers.get("Location"))
        if route.of_a_place and not (name in OF_THE_TREE and not by_region):
            assert other.status_code == 404, name
        elif name != "second_factor":
            assert succeeded(other, name, 1, places), name
        if by_region or name not in {"regions", "coverage"} | OF_THE_TREE:
            assert b"Place1" not in other.content, name
        assert b"Place1" not in own.content or not by_region, name
    assert succeeded(ask(client, "logout", 0, places), "logout", 0, places)


@pytest.mark.parametrize("limit", LIMITS)
def test_what_was_refused_was_not_done(places, limit: str) -> None:
    """After all refusals the other place is as it was."""
    from estation_central.alerts.models import Alert, AlertChannel, AlertSilence
    from estation_central.bulletins.models import Notice
    from estation_central.ledger.models import ExcusedWeek
    from estation_central.registry.models import BoxAssignment, ClosedWeek
    from estation_central.stations.models import Command

    client = logged_in("administrator", **limits(limit, places))
    for name, route in ROUTES.items():
        if route.method == "post" and name != "logout":
            ask(client, name, 1, places)
    assert list(BoxAssignment.objects.filter(ended=None, station="hall-1").values_list("box", flat=True)) == ["box-1"]
    assert ClosedWeek.objects.filter(site="site-1").count() == 1
    assert not Command.objects.exists()
    assert not Notice.objects.exclude(ending="").exists()
    assert not Notice.objects.filter(pk="draft-1").exclude(signed=None).exists()
    assert not Alert.objects.filter(subject="hall-1").exclude(acknowledged=None).exists()
    assert not AlertSilence.objects.filter(subject="hall-1").exists()
    assert AlertSilence.objects.get(subject="site-1").until > datetime.now(UTC)
    assert AlertChannel.objects.filter(pk=2).exists()
    assert not ExcusedWeek.objects.exists()


def test_an_administrator_of_everything_reaches_everything(places) -> None:
    """All routes answer, for both places."""
    client = logged_in("administrator")
    for name in ROUTES:
        for n in (0, 1):
            if name not in {"logout", "second_factor"}:
                answer = ask(client, name, n, places)
                assert succeeded(answer, name, n, places), (name, answer.status_code, answer.headers.get("Location"))


def test_nobody_gives_more_than_the_own_role_reaches(places) -> None:
    """An administrator of a county makes no administrator of the prefecture, and none of another county."""
    from estation_central.accounts.models import Grant

    client = logged_in("administrator", **limits("region", places))
    before = Grant.objects.count()
    for form in (
        {"role": "administrator"},
        {"role": "monitor", "region": COUNTIES[1]},
        {"role": "finance", "kind": "school"},
    ):
        told = client.post(f"/users/{places[0]}/", form | {"do": "give"})
        assert (told.status_code, b"further than your own" in told.content) == (400, True), form
    assert Grant.objects.count() == before
    assert (
        client.post(f"/users/{places[0]}/", {"do": "give", "role": "finance", "region": COUNTIES[0]}).status_code == 302
    )
    assert Grant.objects.filter(role="finance", user=places[0]).exists()
    made = {"username": "new-one", "password1": "long enough 77", "password2": "long enough 77", "role": "monitor"}
    assert client.post("/users/", made).status_code == 400
    assert client.post("/users/", made | {"region": COUNTIES[0]}).status_code == 302
    assert client.post(f"/users/{places[1]}/", {"do": "close"}).status_code == 404


def test_a_look_at_an_officer_is_in_the_log(places) -> None:
    """Who looked at whose data and when; the log itself holds neither name nor phone."""
    from auditlog.models import LogEntry

    from estation_central.registry.models import Officer

    client = logged_in("monitor", **limits("region", places))
    assert b"Place0 officer" in client.get("/sites/site-0/officers/").content
    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    officer = Officer.objects.get(site="site-0")
    assert (entry.actor.username, entry.object_pk, entry.remote_addr) == ("monitor-user", str(officer.pk), None)
    officer.phone = "13911111111"
    officer.save()
    officer.delete()
    told = str(list(LogEntry.objects.values()))
    assert not re.search("officer'|Place0 officer|13800000000|13911111111", told), told


def test_changes_are_in_the_log_with_the_one_who_made_them(places) -> None:
    """A closed week, a box and a role: each stands there with the user's name and what it was before."""
    client = logged_in("administrator")
    client.post("/sites/site-0/closed-weeks/", {"week": "2026-W51", "reason": "exams"})
    assert client.post("/sites/site-0/closed-weeks/", {"week": "2026-W51", "reason": "again"}).status_code == 400
    client.post("/stations/hall-0/history/fit/", {"serial": "box-9"})
    client.post(f"/users/{places[0]}/", {"do": "close"})
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/log/").content.decode()))
    for part in ("administrator-user", "2026-W51", "box-9", "active: yes → no"):
        assert part in told, told


def test_what_a_box_sent_is_shown_and_does_nothing(places) -> None:
    """A message that is no message stands there with its reason, and a script in it is letters."""
    from estation_central.stations.models import Quarantined

    words = {"topic": "estation/v1/653101/hall-0/events", "reason": "not JSON", "received": NOW}
    Quarantined.objects.create(payload=b"<script>alert(1)</script>\xff\x00" + b"z" * 500, **words)
    told = logged_in("administrator").get("/quarantine/").content.decode()
    assert "not JSON" in told
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\xff\\x00zzz" in told
    assert "<script>" not in told
    assert "z" * 200 not in told
