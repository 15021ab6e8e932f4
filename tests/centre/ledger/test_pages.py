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
    assert "in a batch already" in again[1]
    paid = f"{datetime.now(UTC).date() - timedelta(days=100)}"
    assert ledger("pay", number, paid) == (0, "")
    assert ledger("pay", number, paid)[0] == ledger("pay", "999999", paid)[0] == 2
    assert ledger("receipt", "pay-0000", f"{YEAR}", "B-1", "2026-01-20", "200.00") == (0, "")
    assert ledger("receipt", "pay-0002", f"{YEAR}", "B-2", "2026-01-20", "200.00")[0] == 2
    assert ledger("overdue") == (0, f"第1文化室 (pay-0001) {YEAR}: 200.00 yuan, paid {paid}\n")
    with pytest.raises(SystemExit):
        ledger("receipt", "pay-0001", f"{YEAR}", "B-3", "2026-01-20", "0.001")
