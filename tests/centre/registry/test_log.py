"""The log misses nothing: whatever somebody changes through a page stands there, or has its reason not to."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password

from tests.centre.registry.test_matrix import ROUTES, ask, logged_in, places

__all__ = ["places"]
WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)
YEAR = 2025
SAID_BY = {"command": "bulletin"}  # by which a bulletin and its recall are sent: thousands at once


class Act(NamedTuple):
    """Something that is done through a page: its address and form; and what the log then says of it, in English."""

    path: str
    form: dict[str, Any]
    says: str


ACTS = (
    Act("/alerts/channels/", {"region": "653101", "mail": "a@b.example", "language": "en"},
        "by mail to: – → a@b.exa"),
    Act("/alerts/channels/", {"hook": "https://far.example/hook?key=secret-1", "language": "en"}, "→ far.example"),
    Act("/users/", {"username": "new", "password1": "long enough 77", "password2": "long enough 77", "role": "monitor"},
        "user new made"),
    Act("/users/{user}/", {"do": "give", "role": "finance"}, "role: – → finance clerk"),
    Act("/users/{user}/", {"do": "take", "grant": "{grant}"}, "deleted"),
    Act("/users/{user}/", {"do": "close"}, "active: yes → no"),
    Act("/users/{user}/", {"do": "anew"}, "second factor on paper"),
    Act("/password/", {"old_password": "right enough 77", "new_password1": "long enough 78",
                       "new_password2": "long enough 78"}, "password: … → …"),
    Act("/ledger/", {"do": "budget", "year": f"{YEAR}", "yuan": "900"}, "fen: – → 90000"),
    Act("/ledger/", {"do": "batch", "title": "second", "year": f"{YEAR - 1}"}, "yuan: 0 → 400.00"),
    Act("/ledger/batches/{batch}/", {"day": "2026-01-20"}, "paid: – → 2026-01-20"),
    Act("/ledger/payments/1/", {"do": "receipt", "number": "A-1", "day": "2026-01-20", "yuan": "200"},
        "receipt A-1 made"),
    Act("/ledger/payments/1/", {"do": "excuse", "week": f"{YEAR}-W11", "lost": "ours", "reason": "server"},
        "excused week"),
    Act("/stations/hall-0/commands/", {"do": "identify"}, "command hall-0 identify made ordered: show its name"),
    Act("/bulletins/told-1/act/", {"do": "recall"}, "bulletin told-1 changed recall: → …"),
    Act("/stations/hall-1/history/take-away/", {"why": "broken"}, "why it ended: → broken"),
)  # fmt: skip


@contextmanager
def writes() -> Iterator[set[str]]:
    """The tables that are written to in here."""
    from django.db import connection

    found: set[str] = set()

    def watch(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 (as Django calls it)
        if told := WRITES.match(sql):
            found.add(told[1])
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(watch):
        yield found


def unheard(tables: set[str], since: int) -> set[str]:
    """Tables that were written to, are watched, and have no entry in the log since then."""
    from django.apps import apps

    from estation_central.accounts.logged import LEFT_OUT

    heard = {each.content_type.model_class()._meta.db_table for each in entries(since)}
    left_out = {apps.get_model(label)._meta.db_table for label in LEFT_OUT}
    return tables - heard - left_out - {table for table, other in SAID_BY.items() if other in heard}


def newest() -> int:
    from auditlog.models import LogEntry

    return LogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def entries(since: int) -> list[Any]:
    from auditlog.models import LogEntry

    return list(LogEntry.objects.filter(pk__gt=since).select_related("content_type").order_by("pk"))


def read(client: Any) -> str:
    told = re.sub(r"<[^>]+>", " ", client.get("/log/", headers={"accept-language": "en"}).content.decode())
    return re.sub(r"\s+", " ", told)


def test_every_table_is_logged_or_says_why_not(django: Path) -> None:
    """A new table is watched, or stands on the list with its reason; none stands on both."""
    from auditlog.registry import auditlog
    from django.apps import apps

    from estation_central.accounts.logged import LEFT_OUT, WATCHED

    known = {model._meta.label for model in apps.get_models()}
    assert WATCHED.keys() | LEFT_OUT.keys() == known
    assert not WATCHED.keys() & LEFT_OUT.keys()
    assert all(len(reason) > 8 for reason in LEFT_OUT.values())
    assert {model._meta.label for model in auditlog.get_models()} == WATCHED.keys()


def test_what_is_logged_has_its_name_in_chinese(django: Path) -> None:
    """The log names what was changed, and its fields, in the reader's language."""
    from auditlog.registry import auditlog
    from django.utils import translation

    from estation_central.site import log

    with translation.override("zh-hans"):
        names = {model._meta.label: log.what(model) for model in auditlog.get_models()}
        assert not [label for label, name in names.items() if re.search("[a-z]{3}", name)], names
        fields = {
            f"{model._meta.label}.{each.name}": log.field_name(model, each.name)
            for model in auditlog.get_models()
            for each in model._meta.get_fields()
            if not each.auto_created and _is_logged(auditlog.get_model_fields(model), each.name)
        }
        assert {name: word for name, word in fields.items() if re.search("[a-z]{3}", word)} == {}


def _is_logged(of_model: dict[str, Any], field: str) -> bool:
    named = of_model["include_fields"]
    return field not in of_model["exclude_fields"] and (not named or field in named)


def test_whatever_a_page_changes_is_in_the_log(places) -> None:
    """Every form of the matrix, and those that have several: each table that it writes has its entry."""
    client = logged_in("administrator")
    for name, route in ROUTES.items():
        if name in {"logout", "import", "export"}:
            continue
        since = newest()
        with writes() as tables:
            ask(client, name, 0, places)
        assert not unheard(tables, since), name
        if route.method == "post":
            assert newest() > since, name


def test_the_forms_of_a_page_are_in_the_log_with_what_they_did(places) -> None:
    """Who is told of alerts, users, passwords, money, commands: the entry says what, and never a secret."""
    from django.contrib.auth.models import User
    from django_otp.plugins.otp_static.models import StaticDevice

    from estation_central.accounts.models import Grant
    from estation_central.ledger.models import Batch

    client = logged_in("administrator")
    StaticDevice.objects.create(user_id=places[1], name="paper of another")
    User.objects.filter(username="administrator-user").update(password=make_password("right enough 77"))
    keep = client.session["otp_device_id"]
    client.force_login(User.objects.get(username="administrator-user"))  # the password is another: so is the session
    session = client.session
    session["otp_device_id"] = keep
    session.save()
    for act in ACTS:
        grant = Grant.objects.filter(user=places[1]).order_by("-pk").first()
        batch = Batch.objects.order_by("-pk").first()
        fill = {"user": places[1], "grant": grant and grant.pk, "batch": batch and batch.pk}
        form = {key: value.format(**fill) for key, value in act.form.items()}
        since = newest()
        with writes() as tables:
            answer = client.post(act.path.format(**fill), form, headers={"accept-language": "en"})
        assert answer.status_code == 302, (act, re.findall(r"errorlist.*?</ul>", answer.content.decode(), re.DOTALL))
        assert not unheard(tables, since), act
        assert newest() > since, act
        told = read(client)
        assert act.says in told, (act, told[:1500])
    assert "administrator-user" in told
    assert "secret-1" not in read(client)


def test_alerts_that_begin_by_themselves_are_not_in_the_log_and_who_takes_them_up_is(places) -> None:
    """An outage makes hundreds of alerts and no entry; who takes one up, or lets one be told again, makes one."""
    from estation_central.alerts.models import Alert, AlertSilence

    since = newest()
    now = datetime(2026, 11, 24, tzinfo=UTC)
    words = {"county": "653101", "site": "site-0", "level": "653101", "began": now, "level_since": now}
    alert = Alert.objects.create(kind="resets", subject="hall-0", detail="4", **words)
    assert newest() == since
    client = logged_in("monitor")
    client.post(f"/alerts/{alert.pk}/acknowledge/")
    silence = AlertSilence.objects.get(subject="site-0")
    client.post(f"/alerts/silences/{silence.pk}/end/")
    told = {each.content_type.model: sorted(each.changes) for each in entries(since)}
    assert (told["alert"], told["alertsilence"]) == (["acknowledged", "by"], ["until"])
    assert told.keys() == {"user", "grant", "alert", "alertsilence"}  # the first two: the monitor was made just now


def test_commands_at_a_desk_are_in_the_log_too(places) -> None:
    """A token for a program, an invitation of a box, a channel of alerts: made and taken back, without a secret."""
    from estation_central import alerting, keeping
    from estation_central.enrolment import register

    since = newest()
    hook = {"mail": "", "hook": "https://far.example/hook?key=secret-2", "secret": "s" * 16, "daily": False}
    assert alerting.add_channel(Namespace(region="653101", language="en", **hook)) == 0
    assert keeping.make_token(Namespace(user="Place0-user", name="reader", days=9)) == 0
    token = register.invite("hall-0", datetime.now(UTC))
    assert keeping.revoke_token(Namespace(user="Place0-user", name="reader")) == 0
    told = [f"{each.content_type.model} {each.action}" for each in entries(since)]
    assert told == ["alertchannel 0", "apitoken 0", "enrolmenttoken 0", "apitoken 2"]
    said = str([(each.object_repr, each.changes) for each in entries(since)])
    assert "far.example" in said
    assert not re.search(f"secret-2|{token}|ssss|digest", said)
