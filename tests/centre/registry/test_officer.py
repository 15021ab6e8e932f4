"""An officer's own page: a link instead of a password, one site, two taps; nothing behind a dead link."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.centre.ledger.test_batches import undone

TODAY = date(2026, 11, 29)
SAID = "农忙 · harvest（信息员 · by the officer）"


@pytest.fixture
def officer(django: Any) -> Any:
    """An officer of a hall, and one of another hall."""
    from estation_central.registry.adding import add
    from estation_central.registry.models import Officer

    with undone():
        for n in (1, 2):
            add(f"off-{n}", "653151", f"hall {n}", f"off-site-{n}", {}, now=datetime(2026, 11, 1, tzinfo=UTC))
        Officer.objects.create(site_id="off-site-2", name="乙", phone="13800000002")
        yield Officer.objects.create(site_id="off-site-1", name="甲", phone="13800000001")


@pytest.fixture
def phone(django: Any) -> Any:
    """A telephone that is logged in nowhere; a form without its token is refused."""
    from django.test import Client

    return Client(headers={"host": "localhost", "accept-language": "en"}, enforce_csrf_checks=True)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def tap(phone: Any, page: Any, address: str, **form: str) -> Any:
    """Press a button of ``page``."""
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode()))
    return phone.post(address, {"csrfmiddlewaretoken": token, **form})


def test_a_link_opens_one_site_until_its_day(officer: Any) -> None:
    """Its token is not kept; a new link, a last day of duty and a year end it; a guess opens nothing."""
    from estation_central.registry import linking
    from estation_central.registry.models import OfficerLink

    first = linking.make(officer, TODAY)
    assert first not in str(list(OfficerLink.objects.values()))
    assert linking.officer_of(first, TODAY) == officer
    assert linking.officer_of(first, TODAY + linking.GOOD_FOR) == officer
    assert linking.officer_of(first, TODAY + linking.GOOD_FOR + timedelta(days=1)) is None
    second = linking.make(officer, TODAY)
    assert linking.officer_of(first, TODAY) is None
    assert linking.officer_of(second, TODAY) == officer
    for guess in ("", second[:-1], second + "x", "x" * 10_000):
        assert linking.officer_of(guess, TODAY) is None
    officer.until = TODAY + timedelta(days=3)
    officer.save()
    third = linking.make(officer, TODAY)
    assert linking.officer_of(third, TODAY + timedelta(days=3)) == officer
    assert linking.officer_of(third, TODAY + timedelta(days=4)) is None
    linking.revoke(officer)
    assert linking.officer_of(third, TODAY) is None
    linking.make(officer, TODAY)
    officer.delete()
    assert not OfficerLink.objects.exists()


def test_closed_in_two_taps_and_open_again_in_one(officer: Any, phone: Any) -> None:
    """The reason, then yes; the registry says who said it. What the office closed, the officer does not open."""
    from estation_central.registry import linking
    from estation_central.registry.models import ClosedWeek

    weeks = ClosedWeek.objects.filter(site_id="off-site-1")
    home = f"/mine/{linking.make(officer, datetime.now(UTC).date())}/"
    page = phone.get(home)
    assert "Not done yet" in text(page)
    assert "nothing was heard" in text(page)
    assert page.headers["Cache-Control"].count("no-store") == 1
    assert phone.post(f"{home}closed/", {"reason": "harvest"}).status_code == 403
    asked = tap(phone, page, f"{home}closed/", reason="harvest")
    assert not weeks.exists()
    (week,) = re.findall(r'name="week" value="([\w-]+)"', asked.content.decode())
    assert tap(phone, asked, f"{home}closed/", reason="harvest", week="2020-W01").status_code == 200
    assert not weeks.exists()  # what was confirmed was another week
    assert tap(phone, asked, f"{home}closed/", reason="harvest", week=week).status_code == 302
    closed = weeks.get()
    assert (closed.site_id, closed.week, closed.reason) == ("off-site-1", week, SAID)
    page = phone.get(home)
    assert "harvest" in text(page)
    tap(phone, page, f"{home}closed/", do="open")
    assert not weeks.exists()
    ClosedWeek.objects.create(site_id="off-site-1", week=week, reason="the office")
    tap(phone, asked, f"{home}closed/", reason="harvest", week=week)
    tap(phone, asked, f"{home}closed/", do="open")
    assert weeks.get().reason == "the office"
    tap(phone, asked, f"{home}closed/", reason="<b>anything", week=week)
    assert weeks.count() == 1


def test_the_poster_leads_to_the_public_page_and_tells_no_secret(officer: Any, phone: Any) -> None:
    """Whoever reads the code on the wall sees what is shown, and not the officer's page, name or phone."""
    from estation_central.registry import linking

    token = linking.make(officer, datetime.now(UTC).date())
    poster = phone.get(f"/mine/{token}/poster/")
    assert "<svg" in poster.content.decode()
    assert token not in poster.content.decode()
    (address,) = re.findall(r"http://localhost(/at/[\w-]+/)", text(poster))
    public = phone.get(address)
    assert "hall 1" in text(public)
    assert not re.search("甲|13800000001|/mine/", public.content.decode() + poster.content.decode())
    assert phone.get("/at/nowhere/").status_code == 404


def test_the_poster_is_a_picture_as_well(officer: Any, phone: Any) -> None:
    """What a telephone passes on to the group: letters, and a code that opens the public page."""
    import segno
    from PIL import Image

    from estation_central.registry import linking
    from estation_central.site.poster_picture import WIDTH, drawable

    assert drawable()  # `make set-up` and `scripts/install-centre` bring the faces
    token = linking.make(officer, datetime.now(UTC).date())
    page = phone.get(f"/mine/{token}/poster/")
    (address,) = set(re.findall(r'<img src="([^"]+)"', page.content.decode()))
    drawn = {}
    for title in ("hall 1", "文化室", "ئاۋات يېزىسى"):
        officer.site.title = title
        officer.site.save()
        answer = phone.get(urljoin(f"/mine/{token}/poster/", address))
        assert answer.headers["Content-Type"] == "image/png"
        assert len(answer.content) < 60_000
        drawn[title] = answer.content
    assert len(set(drawn.values())) == 3
    image = Image.open(io.BytesIO(answer.content)).convert("L")
    rows = [list(row) for row in segno.make("http://localhost/at/off-site-1/", error="m").matrix_iter(border=4)]
    side = 320 // len(rows)
    left, top = (WIDTH - side * len(rows)) // 2, image.height - 90 - side * len(rows)
    middle = side // 2
    read = [
        [image.getpixel((left + x * side + middle, top + y * side + middle)) < 128 for x in range(len(rows))]
        for y in range(len(rows))
    ]
    assert read == [[bool(dark) for dark in row] for row in rows]


def test_a_name_in_two_scripts_stands_as_people_read_it() -> None:
    """Arabic runs are kept whole; what begins in Arabic letters is set from the right."""
    from estation_central.site.poster_picture import _runs

    assert _runs("村 ئاۋات يېزىسى 1") == [("村 ", False), ("ئاۋات يېزىسى", True), (" 1", False)]
    assert _runs("ئىلىم-پەن 12") == [(" 12", False), ("ئىلىم-پەن", True)]
    assert _runs("") == []


def test_a_link_that_is_no_more_says_so_and_nothing_else(officer: Any, phone: Any) -> None:
    """Taken back, run out or guessed: one plain page, and the same for each."""
    from estation_central.registry import linking

    token = linking.make(officer, datetime.now(UTC).date())
    linking.revoke(officer)
    for path in (f"/mine/{token}/", f"/mine/{token}/poster/", f"/mine/{token}/poster.png", "/mine/guess/"):
        answer = phone.get(path)
        assert answer.status_code == 404
        assert "taken back or has run out" in text(answer)
        assert "off-site" not in text(answer)


def test_who_may_call_the_officer_hands_the_link_out(officer: Any) -> None:
    """It is shown once, and who made it stands in the log; of the officer no name."""
    from auditlog.models import LogEntry
    from django.contrib.auth.models import User
    from django.test import Client

    from estation_central.accounts.models import Grant
    from estation_central.registry.models import OfficerLink

    user = User.objects.create_user("monitor-of-officers")
    Grant.objects.create(user=user, role="monitor")
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    client.force_login(user)
    made = client.post(f"/sites/off-site-1/officers/{officer.pk}/link/", {"do": "make"})
    (path,) = re.findall(r"http://localhost(/mine/[\w-]+/)", text(made))
    assert Client(headers={"host": "localhost"}).get(path).status_code == 200
    assert path not in client.get("/sites/off-site-1/officers/").content.decode()
    entry = LogEntry.objects.get_for_model(OfficerLink).filter(action=LogEntry.Action.CREATE).get()
    assert entry.actor == user
    assert not re.search("甲|13800000001", str(LogEntry.objects.filter(pk=entry.pk).values()))
    client.post(f"/sites/off-site-1/officers/{officer.pk}/link/", {"do": "revoke"})
    assert Client(headers={"host": "localhost"}).get(path).status_code == 404
    assert client.post(f"/sites/off-site-2/officers/{officer.pk}/link/", {"do": "make"}).status_code == 404
