"""The yearly report in the network's own words: behind each figure stands the row that it was taken from."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from tests.centre.registry.conftest import tables

__all__ = ["tables"]
NOW = datetime(2026, 12, 1, tzinfo=UTC)
YEAR = 2026
COUNTIES = ("653101", "653121")
WEEKS = (("met", ""), ("met", ""), ("met", ""), ("not met", "silent"), ("not met", "no-session"), ("not due", ""))
KINDS = {"village": 5, "school": 3, "mobile": 1}


class Rows(HTMLParser):
    """What stands in the element of an id, piece by piece."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self._wanted, self._depth = wanted, 0
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._depth or dict(attrs).get("id") == self._wanted:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        self._depth -= bool(self._depth)

    def handle_data(self, data: str) -> None:
        if self._depth and data.strip():
            self.pieces.append(data.strip())


@pytest.fixture
def network(tables: None) -> None:
    """Nine sites in two counties, one of them given up; their weeks, sums, officers, bulletins and subsidies."""
    from estation_central.compliance import tables as written
    from estation_central.compliance.models import BulletinShown, SiteMonth
    from estation_central.ledger import batches
    from estation_central.registry.adding import add
    from estation_central.registry.models import Officer, Region, Site

    number = 0
    for kind, count in KINDS.items():
        for _ in range(count):
            code, county = f"site-{number}", COUNTIES[number % 2]
            for room in range(1 + number % 3):
                add(f"room-{number}-{room}", county, "room", code, {}, now=NOW)
                written.insert(written.STAY, [(f"room-{number}-{room}", "0001-01-01", "9999-12-31", code)])
            Site.objects.filter(pk=code).update(kind=kind, title=f"站点{number}", opened=date(2025, 1, 1))
            for week, (verdict, cause) in enumerate(WEEKS[number % 4 :], 10):
                told = (code, f"{YEAR}-W{week}", verdict, cause, "", "", 1, 0, *(0,) * 4, *(0.0,) * 4, None, "", 0, "")
                written.insert(written.SITE, [told])
            told_by = None if kind == "mobile" else 310 + number
            SiteMonth.objects.create(
                site=code, month=f"{YEAR}-03", series="", sessions=41 + number, enough=40, seconds=9e4,
                attendances=told_by, told=0 if told_by is None else 17 + number,
            )  # fmt: skip
            for name in "ab"[: number % 3]:
                Officer.objects.create(site_id=code, name=name, phone="13800000000")
            number += 1
    Region.objects.filter(code=COUNTIES[1]).update(name="另县")
    Site.objects.filter(pk="site-0").update(closed=date(YEAR, 6, 1))
    for bulletin, times in (("flood", 97), ("frost", 134)):
        BulletinShown.objects.create(station="room-0-0", bulletin=bulletin, day=f"{YEAR}-05-01", times=times)
    batch = batches.make("补贴", [YEAR], [f"site-{n}" for n in range(number)], NOW)
    batches.pay(batch, date(YEAR, 11, 3))
    batches.make("去年", [YEAR - 1], ["site-1"], NOW)


def reader(*roles: str, **scope: Any) -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    from estation_central.accounts.models import Grant

    user = User.objects.create_user("reader")
    for role in roles:
        Grant.objects.create(user=user, role=role, **scope)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def told(client: Any, year: int, language: str) -> list[tuple[str, str]]:
    """The figures of the paragraph with their links; a figure without one is a fault."""
    page = client.get(f"/years/{year}/", headers={"accept-language": language}).content.decode()
    (said,) = re.findall(r'<p class="paragraph".*?</p>', page, re.DOTALL)
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', said)
    bare = re.sub(r"<a .*?</a>|<[^>]+>", " ", said)
    assert set(re.findall(r"\d+", bare)) <= {f"{year}"}, bare
    return [(address.replace("&amp;", "&"), figure) for address, figure in links]


def follow(client: Any, address: str, figure: str, language: str) -> None:
    path, _, mark = address.partition("#")
    page = client.get(path, headers={"accept-language": language})
    assert page.status_code == 200, path
    rows = Rows(mark)
    rows.feed(page.content.decode())
    assert figure in rows.pieces, (address, figure, rows.pieces)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("demo", [True, False])
def test_every_figure_of_the_report_stands_in_the_row_behind_its_link(network, language: str, demo: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """Sites, stations, officers, sessions, attendances, bulletins, weeks, yuan: each is followed and found."""
    from django.conf import settings
    from django.test import override_settings

    with override_settings(CENTRE=msgspec.structs.replace(settings.CENTRE, demo=demo)):
        client = reader("monitor", "finance")
        found = told(client, YEAR, language)
        figures = [figure for _, figure in found]
        halls, schools = (sum(41 + n for n in numbers) for numbers in (range(5), range(5, 8)))
        assert figures[:4] == ["4", "3", "18", "9"], figures
        assert {f"{halls}", f"{schools}", "231", "33", "15", "45.5", "1800.00"} <= set(figures), figures
        for address, figure in found:
            follow(client, address, figure, language)
        for address, figure in told(client, YEAR - 2, language):  # a year of nothing has its figures as well
            follow(client, address, figure, language)


def test_whoever_sees_a_county_alone_follows_its_own_figures(network) -> None:
    """The same of one county: its figures are smaller, and are those of the pages that its people may open."""
    from django.conf import settings
    from django.test import override_settings

    from estation_central.registry.models import Region

    with override_settings(CENTRE=msgspec.structs.replace(settings.CENTRE, demo=False)):
        client = reader("monitor", region=Region.objects.get(code=COUNTIES[1]))
        found = told(client, YEAR, "en")
        assert [figure for _, figure in found][:2] == ["2", "2"]
        assert not any("/ledger/" in address for address, _ in found)
        for address, figure in found:
            follow(client, address, figure, "en")
        assert client.get(f"/ledger/years/{YEAR}/").status_code == 403
        page = client.get(f"/years/{YEAR}/weeks/").content.decode()
        assert ("另县" in page, COUNTIES[0] in page) == (True, False)
        assert client.get(f"/years/{YEAR}/weeks/{COUNTIES[0]}/").status_code == 404


def test_the_weeks_of_a_county_are_those_of_its_sites(network) -> None:
    """Behind a county's row stand its sites, each with its weeks; they add up to the county, counties to the year."""
    client = reader("monitor")

    def numbers(path: str) -> list[int]:
        rows = Rows("all")
        rows.feed(client.get(path, headers={"accept-language": "en"}).content.decode())
        return [int(each) for each in rows.pieces[1:6]]

    counties = [numbers(f"/years/{YEAR}/weeks/{code}/") for code in COUNTIES]
    assert numbers(f"/years/{YEAR}/weeks/") == [sum(each) for each in zip(*counties, strict=True)]
    page = client.get(f"/years/{YEAR}/weeks/{COUNTIES[0]}/").content.decode()
    assert "站点0" in page
    assert "站点1" not in page
    for bad in (f"/years/{YEAR}/weeks/nowhere/", "/years/1999/weeks/", "/ledger/years/1999/"):
        assert client.get(bad).status_code in {403, 404}, bad
