"""The ledger's pages and commands: decide, pay, take receipts, and say what is missing."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from estation_central import command
from tests.centre.ledger.test_batches import judged, sites, undone

HOST = {"host": "localhost", "accept-language": "en"}
YEAR = 2025


@pytest.fixture
def clerk(django: Path) -> Any:
    """A finance clerk of the whole network, and three sites: two with weeks."""
    from django.contrib.auth.models import User  # noqa: PLC0415 (Django must be set up first)
    from django.test import Client  # noqa: PLC0415

    from estation_central.accounts.models import Grant  # noqa: PLC0415
    from estation_central.registry.models import Site  # noqa: PLC0415

    with undone():
        Site.objects.exclude(code__in=sites(3)).update(closed=date(2020, 1, 1), opened=None)
        for week, verdict, cause in (("W10", "met", ""), ("W11", "not met", "no-session"), ("W12", "not due", "")):
            judged("pay-0000", f"{YEAR}-{week}", verdict, cause)
        user = User.objects.create_user("clerk")
        Grant.objects.create(user=user, role="finance")
        client = Client(headers=HOST)
        client.force_login(user)
        yield client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_year_from_the_decision_to_the_last_receipt(clerk: Any) -> None:
    """A clerk sets the budget, decides, downloads the sheet, notes the payment and books a receipt."""
    from estation_central.ledger.models import Batch, Payment  # noqa: PLC0415 (Django must be set up first)

    assert clerk.post("/ledger/", {"do": "budget", "year": YEAR, "yuan": "500"}).status_code == 302
    lacking = clerk.post("/ledger/", {"do": "batch", "title": "2025年补贴", "year": YEAR})
    assert (lacking.status_code, "lacks 100.00 yuan" in text(lacking)) == (400, True)
    clerk.post("/ledger/", {"do": "budget", "year": YEAR, "yuan": "1000.00"})
    made = clerk.post("/ledger/", {"do": "batch", "title": "2025年补贴", "year": YEAR})
    batch = Batch.objects.get()
    assert made.headers["Location"] == f"/ledger/batches/{batch.pk}/"
    assert "600.00 yuan 3 yes 0 no" in text(clerk.get(made.headers["Location"]))
    sheet = openpyxl.load_workbook(io.BytesIO(clerk.get(f"/ledger/batches/{batch.pk}/sheet.xlsx").content))
    assert list(sheet.worksheets[0].iter_rows(values_only=True))[-1][2] == "陆佰元整"
    payment = Payment.objects.get(site="pay-0000")
    told = text(clerk.get(f"/ledger/payments/{payment.pk}/"))
    assert "yes: 200.00 yuan" in told
    assert "1 of the 2 weeks that count were met" in told
    assert re.search(r"2025-W10 met 2025-W11 not met 2025-W12 closed", told)
    paid = datetime.now(UTC).date() - timedelta(days=100)
    early = clerk.post(f"/ledger/payments/{payment.pk}/", receipt("A-1", "200"))
    assert (early.status_code, "not paid yet" in text(early)) == (400, True)
    assert clerk.post(f"/ledger/batches/{batch.pk}/", {"day": f"{paid}"}).status_code == 302
    assert clerk.post(f"/ledger/batches/{batch.pk}/", {"day": f"{paid}"}).status_code == 400
    for number, yuan, status in (("A-1", "150.50", 302), ("A-2", "49.51", 400), ("A-2", "1.001", 400)):
        assert clerk.post(f"/ledger/payments/{payment.pk}/", receipt(number, yuan)).status_code == status, yuan
    assert text(clerk.get("/ledger/overdue/")).count("200.00") == 3
    clerk.post(f"/ledger/payments/{payment.pk}/", receipt("A-2", "49.50"))
    assert text(clerk.get("/ledger/overdue/")).count("200.00") == 2
    assert re.search(r"2025 3 600.00 600.00 1000.00 400.00", text(clerk.get("/ledger/")))


def receipt(number: str, yuan: str) -> dict[str, str]:
    return {"do": "receipt", "number": number, "day": "2026-01-20", "yuan": yuan}


def test_what_cannot_be_booked_is_told_in_the_clerks_language(clerk: Any) -> None:
    """A budget that lacks, a batch that was paid, a receipt that is there already: in Chinese, and no English."""
    from estation_central.ledger.models import Batch, Payment  # noqa: PLC0415 (Django must be set up first)

    chinese = {"accept-language": "zh-CN"}

    def refused(page: str, form: dict[str, str]) -> str:
        told = clerk.post(page, form, headers=chinese)
        assert told.status_code == 400
        return text(told)

    make = {"do": "batch", "title": "补贴", "year": f"{YEAR}"}
    clerk.post("/ledger/", {"do": "budget", "year": YEAR, "yuan": "500"})
    assert "2025 年预算尚缺 100.00 元" in refused("/ledger/", make)
    clerk.post("/ledger/", {"do": "budget", "year": YEAR, "yuan": "1000"})
    clerk.post("/ledger/", make)
    assert "均已列入批次" in refused("/ledger/", make)
    batch, payment = Batch.objects.get(), Payment.objects.get(site="pay-0000")
    line = f"/ledger/payments/{payment.pk}/"
    assert "A-1：所属批次尚未发放" in refused(line, receipt("A-1", "200"))
    assert "自始无条件。" in text(clerk.get(line, headers=chinese))
    clerk.post(f"/ledger/batches/{batch.pk}/", {"day": "2026-01-20"})
    assert "补贴：已登记发放" in refused(f"/ledger/batches/{batch.pk}/", {"day": "2026-01-21"})
    clerk.post(line, receipt("A-1", "150"))
    assert "A-1：该编号的收据已登记" in refused(line, receipt("A-1", "1"))
    assert "A-2：收据合计 201.00 元，超过已发放的 200.00 元" in refused(line, receipt("A-2", "51"))


def test_a_week_is_excused_with_a_reason(clerk: Any) -> None:
    """Our server was away: the week counts no more at the next decision, and the payment's page says why."""
    from estation_central.ledger import batches  # noqa: PLC0415 (Django must be set up first)
    from estation_central.ledger.models import Payment  # noqa: PLC0415

    batches.make("one", [YEAR], ["pay-0000"], datetime.now(UTC))
    page = f"/ledger/payments/{Payment.objects.get().pk}/"
    excuse = {"do": "excuse", "week": f"{YEAR}-W11", "lost": "ours"}
    assert clerk.post(page, excuse).status_code == 400
    assert clerk.post(page, excuse | {"reason": "our server was away"}).status_code == 302
    assert "2025-W11 · our own fault · our server was away" in text(clerk.get(page))
    assert clerk.post(page, excuse | {"reason": "again"}).status_code == 400
    (decided,) = batches.decide(batches.newest_terms(), ["pay-0000"], YEAR)
    assert (decided.met, decided.counted) == (1, 1)


def test_a_fault_of_ours_is_excused_to_every_site_at_once(clerk: Any) -> None:
    """Our server was away for a week: nobody's weeks count, before anything was decided; a slip is taken back."""
    from auditlog.models import LogEntry  # noqa: PLC0415 (Django must be set up first)

    from estation_central.ledger import batches, rules  # noqa: PLC0415
    from estation_central.ledger.models import ExcusedWeek  # noqa: PLC0415

    judged("pay-0001", f"{YEAR}-W11", "not met", "no-session")
    terms = rules.Terms(version=2, least_percent=60)
    both = ["pay-0000", "pay-0001"]
    assert [each.due for each in batches.decide(terms, both, YEAR)] == [False, False]
    form = {"week": f"{YEAR}-W11", "lost": "ours", "reason": "the server was away"}
    for slip in ({"week": "2025-11"}, {"lost": "rain"}, {"reason": ""}):
        assert clerk.post("/ledger/excused/", form | slip).status_code == 400, slip
    assert clerk.get("/ledger/excused/").status_code == 405
    told = text(clerk.post("/ledger/excused/", form, follow=True))
    assert "counts against no site any more" in told
    assert f"{YEAR}-W11 lost to: our own fault · the server was away" in told
    again = clerk.post("/ledger/excused/", form)
    assert (again.status_code, "in the list already" in text(again)) == (400, True)
    assert [each.due for each in batches.decide(terms, both, YEAR)] == [True, True]
    week = ExcusedWeek.objects.get()
    entry = LogEntry.objects.get(object_pk=str(week.pk), content_type__model="excusedweek")
    assert (entry.actor.username, entry.changes_dict["reason"][1]) == ("clerk", "the server was away")
    assert "所有站点" in text(clerk.get("/ledger/", headers={"accept-language": "zh-CN"}))
    for wrong, status in (("x", 404), ("999999999999999999999", 404), (f"{week.pk}", 302)):
        assert clerk.post("/ledger/excused/", {"back": wrong}).status_code == status, wrong
    assert not ExcusedWeek.objects.exists()
    assert LogEntry.objects.filter(content_type__model="excusedweek", action=LogEntry.Action.DELETE).count() == 1


def test_who_keeps_a_county_excuses_nobody_else(clerk: Any) -> None:
    """The form is not on a county's page, and what is sent all the same is refused."""
    from django.contrib.auth.models import User  # noqa: PLC0415 (Django must be set up first)
    from django.test import Client  # noqa: PLC0415

    from estation_central.accounts.models import Grant  # noqa: PLC0415
    from estation_central.ledger.models import ExcusedWeek  # noqa: PLC0415
    from estation_central.registry.models import Region  # noqa: PLC0415

    all_of_them = ExcusedWeek.objects.create(week=f"{YEAR}-W12", lost="ours", reason="the server was away")
    user = User.objects.create_user("county")
    Grant.objects.create(user=user, role="finance", region=Region.objects.get(code="653199"))
    client = Client(headers=HOST)
    client.force_login(user)
    assert "excuse it for all" in text(clerk.get("/ledger/"))
    assert "excuse it for all" not in text(client.get("/ledger/"))
    form = {"week": f"{YEAR}-W11", "lost": "ours", "reason": "x"}
    for sent in (form, {"back": f"{all_of_them.pk}"}):
        assert client.post("/ledger/excused/", sent).status_code == 403
    assert list(ExcusedWeek.objects.values_list("week", flat=True)) == [f"{YEAR}-W12"]


def test_a_clerk_of_a_county_keeps_the_own_lines(clerk: Any) -> None:
    """Of a batch of everybody the county sees its own lines and their sum, and does not note its payment."""
    from django.contrib.auth.models import User  # noqa: PLC0415 (Django must be set up first)
    from django.test import Client  # noqa: PLC0415

    from estation_central.accounts.models import Grant  # noqa: PLC0415
    from estation_central.ledger import batches  # noqa: PLC0415
    from estation_central.registry.models import Region, Site  # noqa: PLC0415

    other = Region.objects.create(code="653198", name="另县", level="county")
    Site.objects.filter(pk="pay-0002").update(region=other)
    batch = batches.make("all", [YEAR], ["pay-0000", "pay-0001", "pay-0002"], datetime.now(UTC))
    user = User.objects.create_user("county")
    Grant.objects.create(user=user, role="finance", region=other)
    client = Client(headers=HOST)
    client.force_login(user)
    told = text(client.get(f"/ledger/batches/{batch.pk}/"))
    assert "200.00 yuan 1 yes" in told
    assert "pay-0001" not in told
    assert client.post(f"/ledger/batches/{batch.pk}/", {"day": "2026-01-20"}).status_code == 403
    assert client.post("/ledger/", {"do": "budget", "year": YEAR, "yuan": "1"}).status_code == 403
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/ledger/batches/{batch.pk}/sheet.xlsx").content))
    assert len(list(sheet.worksheets[0].iter_rows())) == 5


def test_new_terms_are_tried_on_a_year_before_they_hold(clerk: Any) -> None:
    """The clerk sees who would change and what it costs; exactly that is kept, by the one who looked, and is logged."""
    from auditlog.models import LogEntry  # noqa: PLC0415 (Django must be set up first)

    from estation_central.ledger.models import LedgerTerms  # noqa: PLC0415

    judged("pay-0001", f"{YEAR}-W10", "not met", "silent")
    form = {"do": "try", "yuan": "150", "least_percent": "60", "decided": "the board, 2026-01-05", "year": f"{YEAR}"}
    told = clerk.post("/ledger/terms/", form)
    assert told.status_code == 200
    words = text(told)
    for part in ("by version 1 3 0 600.00", "by version 2 2 1 300.00", "1 sites would be decided", "not due 1 / 2"):
        assert part in words, words
    assert not LedgerTerms.objects.exists()
    strict = text(clerk.post("/ledger/terms/", form | {"silent_counts": "on"}))
    assert "by version 2 1 2 150.00" in strict
    seen = re.search('name="seen" value="([^"]+)"', told.content.decode())
    assert seen is not None
    for bad in ("", "x", seen[1][:-2] + "xx"):
        clerk.post("/ledger/terms/", {"do": "keep", "seen": bad})
        assert not LedgerTerms.objects.exists()
    assert "from the next batch on" in text(clerk.post("/ledger/terms/", {"do": "keep", "seen": seen[1]}, follow=True))
    again = text(clerk.post("/ledger/terms/", {"do": "keep", "seen": seen[1]}, follow=True))
    assert "There is a version 2 meanwhile" in again
    kept = LedgerTerms.objects.order_by("version").values_list("version", "fen", "least_percent", "silent_counts")
    assert list(kept) == [(1, 20_000, None, False), (2, 15_000, 60, False)]
    assert LogEntry.objects.get(object_pk="2", content_type__model="ledgerterms").actor.username == "clerk"
    assert "Terms 2: at least 60" in text(clerk.get("/ledger/"))
    for slip in ({"yuan": "-1"}, {"least_percent": "101"}, {"decided": ""}, {"year": "1999"}):
        assert clerk.post("/ledger/terms/", form | slip).status_code == 400, slip


def test_the_year_says_what_a_session_cost_and_how_many_officers_there_are(clerk: Any) -> None:
    """600 yuan for four sessions of which one was counted; each figure leads to what stands behind it."""
    from estation_central.compliance.models import SiteMonth  # noqa: PLC0415 (Django must be set up first)
    from estation_central.ledger import batches  # noqa: PLC0415
    from estation_central.registry.models import Officer  # noqa: PLC0415

    batches.make("all", [YEAR], ["pay-0000", "pay-0001", "pay-0002"], datetime.now(UTC))
    sums = {"sessions": 4, "enough": 3, "seconds": 2600.0, "attendances": 30, "told": 1}
    SiteMonth.objects.create(site="pay-0000", month=f"{YEAR}-03", series="", **sums)
    for name in ("one", "two"):
        Officer.objects.create(site_id="pay-0001", name=name, phone="13800000000")
    year = clerk.get(f"/years/{YEAR}/").content.decode()
    assert f'<a href="/ledger/years/{YEAR}/#money">150.00</a> yuan a session' in year
    assert f'<a href="/ledger/years/{YEAR}/#money">20.00</a> yuan an attendance' in year
    assert '<a href="/officers/#officers">2</a> information officers' in year
    told = text(clerk.get("/officers/"))
    assert "2 officers 2 sites without one" in told
    assert not re.search(r"\b(one|two)\b 138|13800000000", told)


def test_the_same_by_command(clerk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Decide, pay, book a receipt, ask what is overdue: on the command line, where a slip is told in one line."""
    from estation_central.ledger.models import Batch  # noqa: PLC0415 (Django must be set up first)

    def ledger(*words: str) -> tuple[int, str]:
        code = command.main(["ledger", *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    sheet = tmp_path / "sheet.xlsx"
    code, told = ledger("batch", "2025", str(sheet), "--year", f"{YEAR}", "--site", "pay-0000", "--site", "pay-0001")
    number = str(Batch.objects.get().pk)
    assert (code, told) == (0, f"batch {number}: 2 payments, 400.00 yuan, in {sheet}\n")
    assert openpyxl.load_workbook(sheet).worksheets[0].max_row == 6
    again = ledger("batch", "x", str(sheet), "--year", f"{YEAR}", "--site", "pay-0000")
    assert again[0] == 2
    assert "in a batch already" in again[1]  # in English, as everything that a command says
    paid = f"{datetime.now(UTC).date() - timedelta(days=100)}"
    assert ledger("pay", number, paid) == (0, "")
    assert ledger("pay", number, paid)[0] == ledger("pay", "999999", paid)[0] == 2
    assert ledger("receipt", "pay-0000", f"{YEAR}", "B-1", "2026-01-20", "200.00") == (0, "")
    assert ledger("receipt", "pay-0002", f"{YEAR}", "B-2", "2026-01-20", "200.00")[0] == 2
    assert ledger("overdue") == (0, f"第1文化室 (pay-0001) {YEAR}: 200.00 yuan, paid {paid}\n")
    with pytest.raises(SystemExit):
        ledger("receipt", "pay-0001", f"{YEAR}", "B-3", "2026-01-20", "0.001")
