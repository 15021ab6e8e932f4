"""Batches, receipts and the clerk's sheet, over the tables."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from estation_central.ledger import sheet

MADE = datetime(2026, 11, 29, tzinfo=UTC)
VILLAGES, SCHOOLS, YEARS = 2339, 1239, (2024, 2025, 2026)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes is gone after it: the tests of this process share a database."""
    from django.db import transaction  # noqa: PLC0415 (Django must be set up)

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def network(django: Path) -> Iterator[list[str]]:
    """Three sites in the registry, empty of weeks; their codes."""
    with undone():
        yield sites(3)


@pytest.fixture(autouse=True)
def in_english(django: Path) -> Iterator[None]:
    """What cannot be booked is told in the language of these tests."""
    from django.utils import translation  # noqa: PLC0415 (Django must be set up)

    with translation.override("en"):
        yield


def sites(count: int) -> list[str]:
    from estation_central.registry.models import Region, Site  # noqa: PLC0415 (models want Django set up)

    region, _ = Region.objects.get_or_create(code="653199", defaults={"name": "县", "level": "county"})
    kinds = ["village"] * VILLAGES + ["school"] * SCHOOLS
    Site.objects.bulk_create(
        [
            Site(code=f"pay-{n:04}", kind=kinds[n], title=f"第{n}文化室", region=region, opened=date(2023, 12, 1))
            for n in range(count)
        ]
    )
    return [f"pay-{n:04}" for n in range(count)]


def judged(site: str, week: str, verdict: str, cause: str = "", lost: str = "") -> None:
    from estation_central.compliance import tables  # noqa: PLC0415 (models want Django set up)

    figures = (0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0)
    tables.insert(tables.SITE, [(site, week, verdict, cause, lost, "", 1, 0, *figures, None, "", 0, "")])


def test_the_networks_three_years_are_two_million_to_the_yuan(django: Path, tmp_path: Path) -> None:
    """3,578 sites, 200 yuan, three years: 2,146,800.00, in figures and in capitals, on one sheet."""
    from estation_central.ledger import batches  # noqa: PLC0415 (models want Django set up)

    path = tmp_path / "发放表.xlsx"
    with undone():
        batch = batches.make("2024至2026年网络补贴", YEARS, sites(VILLAGES + SCHOOLS), MADE)
        batches.write_sheet(batch, path)
    book = openpyxl.load_workbook(path)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    lines, (_, total, _, figure), (_, _, capitals, _) = rows[2:-2], rows[-2], rows[-1]
    assert len(lines) == 3 * 3578
    assert [line[0] for line in lines] == list(range(1, 3 * 3578 + 1))
    assert lines[0] == (1, "第0文化室", 2024, 200)
    assert Decimal(str(figure)) == sum(Decimal(str(line[3])) for line in lines) == Decimal("2146800.00")
    assert total == sheet.TOTAL
    assert capitals == "贰佰壹拾肆万陆仟捌佰元整"


def test_a_year_is_paid_once(network: list[str]) -> None:
    """A second batch takes what the first left out, and nothing twice."""
    from estation_central.ledger import batches  # noqa: PLC0415 (models want Django set up)
    from estation_central.ledger.models import Payment  # noqa: PLC0415

    batches.make("one", [2026], network[:2], MADE)
    second = batches.make("two", [2026], network, MADE)
    assert list(Payment.objects.filter(batch=second).values_list("site", flat=True)) == network[2:]
    with pytest.raises(batches.LedgerError, match="already"):
        batches.make("three", [2026], network, MADE)


def test_a_no_keeps_its_weeks_and_may_be_decided_again(network: list[str]) -> None:
    """Half of the weeks was asked for; a stick in January changes the verdict, and the next batch pays."""
    from estation_central.compliance.models import SiteVerdict  # noqa: PLC0415 (models want Django set up)
    from estation_central.ledger import batches  # noqa: PLC0415
    from estation_central.ledger.models import ExcusedWeek, LedgerTerms, Payment  # noqa: PLC0415

    site = network[0]
    LedgerTerms.objects.create(version=2, least_percent=50, decided="the board, 2026-01-05")
    judged(site, "2026-W01", "not met", "no-session")
    judged(site, "2026-W02", "not met", "too-short", "power")
    judged(site, "2026-W03", "met")
    judged(site, "2026-W04", "not met", "too-short")
    judged(site, "2025-W52", "not met", "no-session")
    batches.make("one", [2026], [site], MADE)
    (no,) = Payment.objects.filter(site=site)
    assert (no.due, no.fen, no.met, no.counted, no.terms_id) == (False, 0, 1, 3, 2)
    assert no.evidence == {"2026-W01": "not-met", "2026-W02": "power", "2026-W03": "met", "2026-W04": "not-met"}
    ExcusedWeek.objects.create(week="2026-W04", lost="ours", reason="our server was away")
    batches.make("two", [2026], [site], MADE)
    yes = Payment.objects.get(site=site, due=True)
    assert (yes.fen, yes.met, yes.counted, yes.evidence["2026-W04"]) == (20_000, 1, 2, "ours")
    assert SiteVerdict.objects.filter(site=site).count() == 5


def test_a_budget_is_not_overdrawn(network: list[str]) -> None:
    """Three sites and money for two: nothing is booked, and the clerk reads what is lacking."""
    from estation_central.ledger import batches  # noqa: PLC0415 (models want Django set up)
    from estation_central.ledger.models import Batch, Budget  # noqa: PLC0415

    Budget.objects.create(year=2026, fen=40_000)
    with pytest.raises(batches.LedgerError, match=r"2026: the budget lacks 200\.00 yuan"):
        batches.make("all", [2026], network, MADE)
    assert not Batch.objects.exists()
    batches.make("two", [2026], network[:2], MADE)
    assert batches.remaining(2026) == 0


def test_receipts_come_back_or_are_overdue(network: list[str]) -> None:
    """Sixty days after the payment the clerk is told who owes a paper; half a receipt is none."""
    from estation_central.ledger import batches  # noqa: PLC0415 (models want Django set up)
    from estation_central.ledger.models import Payment  # noqa: PLC0415

    day = date(2026, 3, 1)
    batch = batches.make("one", [2026], network, MADE)
    first, second, third = Payment.objects.order_by("site")
    with pytest.raises(batches.LedgerError, match="not paid yet"):
        batches.receipt(first, "A-1", day, 20_000)
    batches.pay(batch, day)
    with pytest.raises(batches.LedgerError, match="paid already"):
        batches.pay(batch, day)
    batches.receipt(first, "A-1", day, 20_000)
    batches.receipt(second, "A-2", day, 10_000)
    for number, fen, words in (("A-2", 10_000, "already"), ("A-3", 10_001, "receipts for 200.00")):
        with pytest.raises(batches.LedgerError, match=words):
            batches.receipt(second, number, day, fen)
    assert batches.overdue(day + timedelta(days=60)) == []
    assert batches.overdue(day + timedelta(days=61)) == [second, third]
    assert batches.costs(2026, 40, None) == (Decimal("15.00"), None)
    assert batches.costs(2026, 0, 1000) == (None, Decimal("0.60"))


def test_a_units_name_is_never_a_formula(tmp_path: Path) -> None:
    """Whoever names a hall «=1+1» or «@SUM» gets it printed as it stands."""
    names = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")']
    path = tmp_path / "sheet.xlsx"
    sheet.write(path, "=title", [sheet.Line(name, 2026, 20_000) for name in names], MADE)
    with zipfile.ZipFile(path) as packed:
        assert not any("<f>" in packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml"))
    found = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))
    assert [row[1] for row in found[2:-2]] == names
    assert list(tmp_path.iterdir()) == [path]


def test_a_sheet_has_an_end(tmp_path: Path) -> None:
    """More than a clerk can print is refused before anything is written."""
    with pytest.raises(sheet.SheetTooLongError, match="by county"):
        sheet.write(tmp_path / "sheet.xlsx", "all", [sheet.Line("x", 2026, 1)] * (sheet.MAX_ROWS + 1), MADE)
    assert not list(tmp_path.iterdir())
