"""Reports by the page: somebody without a shell hands in what a stick brought, and has the word for the next stick."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from estation_box.drivers.seal import Seal
from estation_central.settings import CentreSettings
from estation_wire import stick as layout
from tests.centre.test_by_stick import Office
from tests.reporting.test_by_stick import Box
from tests.support.central_here import pointed_at
from tests.support.centre import JOURNAL, REGION, STATION
from tests.support.registry import add_station

OTHER, OTHER_REGION = "hall-0008", "653102"
PAGE = "/reports/"
ACK = f"{PAGE}{STATION}.ack?journal={JOURNAL}"


class Desk(NamedTuple):
    """A county's technician at the centre's pages, and the stations' keys."""

    client: Any
    office: Office
    settings: CentreSettings

    def hand_in(self, *files: tuple[str, bytes] | Path, field: str = "reports", client: Any = None) -> Any:
        """What the browser sends."""
        named = [(each.name, each.read_bytes()) if isinstance(each, Path) else each for each in files]
        sent = {field: [SimpleUploadedFile(name, raw) for name, raw in named]}
        return (client or self.client).post(PAGE, sent)


@pytest.fixture
def office(state: Path, store: Any, query: Any, tmp_path: Path) -> Office:
    """Two counties with a hall each, whose boxes have certificates."""
    office = Office(tmp_path, state, store)
    office.certify(OTHER, Seal(tmp_path / "other.pem"))
    add_station(query, STATION, "site-0", region=REGION)
    add_station(query, OTHER, "site-1", region=OTHER_REGION)
    query("UPDATE station SET title = 'far room' WHERE name = %s", OTHER)
    return office


@pytest.fixture
def desk(django: Path, database: str, state: Path, office: Office) -> Iterator[Desk]:
    """The pages over them; the technician is the first county's."""
    from django.conf import settings
    from django.test import override_settings

    centre = msgspec.structs.replace(settings.CENTRE, state=state, database=database, demo=False)
    with pointed_at(centre), override_settings(CENTRE=centre):
        yield Desk(somebody("technician", REGION), office, centre)


def somebody(role: str, county: str = "", **words: Any) -> Any:
    """A browser of a user with a role, in a county or everywhere."""
    from django.contrib.auth.models import User
    from django.test import Client

    from estation_central.accounts.models import Grant
    from estation_central.registry.models import Region

    user = User.objects.create_user(f"{role}-{county}")
    Grant.objects.create(user=user, role=role, region=Region.objects.get(code=county) if county else None)
    client = Client(headers={"host": "localhost", "accept-language": "en"}, **words)
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def stored(query: Any, station: str = STATION) -> list[int]:
    return [seq for (seq,) in query("SELECT seq FROM journal_record WHERE station = %s ORDER BY seq", station)]


def test_a_months_records_come_home_by_the_page_and_the_box_hears_of_it(desk: Desk, query: Any, tmp_path: Path) -> None:
    """A real box leaves its reports; a volunteer hands them in, puts one file back, and the box lets go of all."""
    folder = tmp_path / "box"
    folder.mkdir()
    box = Box(folder)
    desk.office.certify(STATION, box.seal)
    box.centre = SimpleNamespace(pem=desk.office.authority.certificate.read_text())
    box.write(250)
    box.visit()
    files = sorted((box.stick / layout.reports(STATION)).glob("*.report"), reverse=True)
    answer = desk.hand_in(*files)
    told = text(answer)
    assert "3 reports are here" in told
    assert told.index("1–100") < told.index("101–200") < told.index("201–250")
    assert stored(query) == list(range(1, 251))
    link, name = re.findall(r'href="([^"]+)" download="([^"]+)"', answer.content.decode())[0]
    given = desk.client.get(link)
    assert f'filename="{name}"' in given.headers["Content-Disposition"]
    assert f"{layout.ACKS}/{name}" in told
    target = box.stick / layout.ACKS / name
    target.parent.mkdir()
    target.write_bytes(given.content)
    for path in files:
        path.unlink()
    lines = box.visit()
    assert box.journal.undelivered() == 0
    assert not list(box.stick.rglob("*.report"))
    assert all(line.ok for line in lines)


def test_the_same_reports_twice_count_once(desk: Desk, query: Any) -> None:
    """A copy of the stick changes no figure, and the page says that it was here already; what grew is told apart."""
    from estation_central.registry.models import Delivery

    first = desk.office.report(1, 30).read_bytes()
    longer = desk.office.report(1, 40).read_bytes()
    assert "taken, 30 new records" in text(desk.hand_in(("a.report", first)))
    assert "it was here already" in text(desk.hand_in(("a.report", first)))
    again = desk.hand_in(("a.report", first), ("b.report", longer), ("c.report", first))
    assert text(again).count("it was here already") == 2
    assert "taken, 10 new records" in text(again)
    assert stored(query) == list(range(1, 41))
    rows = list(Delivery.objects.order_by("id").values_list("taken", "refused", "records"))
    assert rows == [(1, 0, 30), (1, 0, 0), (3, 0, 10)]
    assert "Handed in by you before" in text(desk.client.get(PAGE))


def test_each_file_that_is_no_good_says_why_and_the_others_are_taken(desk: Desk, query: Any, tmp_path: Path) -> None:
    """Changed, cut, too large, nonsense, not the box's, newer, unknown, without its beginning: a line for each."""
    good = desk.office.report(1, 5).read_bytes()
    stranger = desk.office.report(1, 2, seal=Seal(tmp_path / "stranger.pem")).read_bytes()
    nobody = desk.office.report(1, 2, station="hall-0099").read_bytes()
    files = {
        "good": good,
        "changed": good[:-20] + bytes([good[-20] ^ 1]) + good[-19:],
        "cut": good[:-30],
        "large": good + b"x" * layout.REPORT_LIMIT_BYTES,
        "empty": b"",
        "zip": b"PK\x03\x04" + bytes(range(256)) * 40,
        "script": b"<script>alert(1)</script>\n<b>\n",
        "newer": good.replace(b'"v":1', b'"v":2', 1),
        "stranger": stranger,
        "nobody": nobody,
        "later": desk.office.report(51, 60).read_bytes(),
    }
    told = desk.hand_in(*((f"<{name}>.report", raw) for name, raw in files.items()))
    page = told.content.decode()
    assert told.status_code == 200
    assert "1 report is here · 10 refused" in text(told)
    for words, count in (
        ("cut, changed, or no report", 5),
        ("larger than a report ever is", 1),
        ("written by newer firmware", 1),
        ("not signed by this station", 1),
        ("not of your places", 1),
        ("the reports before it are not here", 1),
    ):
        assert page.count(words) == count, words
    assert "<script>" not in page
    assert "&lt;cut&gt;.report" in page
    assert stored(query) == [1, 2, 3, 4, 5]
    everywhere = somebody("technician")
    assert "no certificate yet" in text(desk.hand_in(("n.report", nobody), client=everywhere))
    chinese = desk.client.post(
        PAGE, {"reports": SimpleUploadedFile("z.report", files["cut"])}, headers={"accept-language": "zh-CN"}
    )
    assert "不完整、被改动或不是报告" in text(chinese)


def test_a_stick_is_not_turned_away_for_who_carries_it(desk: Desk, query: Any, tmp_path: Path) -> None:
    """The bus came from the next county: its records count, and its carrier learns no more than the file says."""
    far = desk.office.report(1, 9, station=OTHER, seal=Seal(tmp_path / "other.pem")).read_bytes()
    told = desk.hand_in(("far.report", far))
    assert "taken, 9 new records" in text(told)
    assert stored(query, OTHER) == list(range(1, 10))
    assert "far room" not in text(told)
    assert ".ack" not in text(told)
    assert desk.client.get(f"{PAGE}{OTHER}.ack?journal={JOURNAL}").status_code == 404
    there = somebody("monitor", OTHER_REGION)
    told = desk.hand_in(("far.report", far), client=there)
    assert "far room" in text(told)
    assert there.get(f"{PAGE}{OTHER}.ack?journal={JOURNAL}").status_code == 200


def test_the_whole_folder_may_be_chosen(desk: Desk, query: Any) -> None:
    """Of what lies beside the reports nothing is looked at; without a report there is nothing to do."""
    report = desk.office.report(1, 3)
    beside = [("receipt.html", b"<html>"), ("request.pem", b"x")]
    assert "1 report is here" in text(desk.hand_in(report, *beside, field="folder"))
    none = desk.hand_in(*beside, field="folder")
    assert (none.status_code, "their names end in .report" in text(none)) == (400, True)
    assert desk.client.post(PAGE).status_code == 400
    assert stored(query) == [1, 2, 3]


def test_what_is_handed_in_is_bounded(desk: Desk, query: Any) -> None:
    """A hundred files, 8 MiB, so many times an hour: beyond it nothing is read, and the page says what to do."""
    from django.contrib.auth.models import User

    from estation_central.registry.models import Delivery
    from estation_central.site import reports

    raw = desk.office.report(1, 1).read_bytes()
    many = desk.hand_in(*((f"{n}.report", raw) for n in range(reports.MOST_FILES + 1)))
    assert (many.status_code, "hand in 100 at most at once" in text(many)) == (400, True)
    assert desk.hand_in(*((f"{n}.report", raw) for n in range(501))).status_code == 400
    large = desk.client.post(PAGE, {"reports": SimpleUploadedFile("a.report", b"x" * 9 * 2**20)})
    assert (large.status_code, "8 MiB" in large.content.decode()) == (413, True)
    user = User.objects.get(username=f"technician-{REGION}")
    now = reports.datetime.now(reports.UTC)
    rows = [Delivery(at=now, by=user, taken=0, refused=0, records=0) for _ in range(reports.MOST_AN_HOUR)]
    Delivery.objects.bulk_create(rows)
    often = desk.hand_in(("a.report", raw))
    assert (often.status_code, "often enough" in text(often)) == (429, True)
    assert stored(query) == []


def test_a_form_of_another_site_hands_nothing_in(desk: Desk, query: Any) -> None:
    """Without the page's own token nothing is read."""
    strict = somebody("monitor", REGION, enforce_csrf_checks=True)
    assert desk.hand_in(desk.office.report(1, 3), client=strict).status_code == 403
    assert stored(query) == []


@pytest.mark.parametrize("role", ["editor", "finance"])
def test_who_carries_no_sticks_has_no_such_page(desk: Desk, role: str) -> None:
    """Neither the page nor an acknowledgement."""
    client = somebody(role, REGION)
    desk.hand_in(desk.office.report(1, 3))
    assert [client.get(each).status_code for each in (PAGE, ACK)] == [403, 403]
    assert desk.client.get(ACK).status_code == 200
    assert desk.client.get(f"{PAGE}{STATION}.ack").status_code == 404
    assert desk.client.get(f"{PAGE}{STATION}.ack?journal={'b' * 32}").status_code == 404


def test_a_database_that_is_away_is_told(desk: Desk) -> None:
    """The files stay with whoever has them; nothing that was not stored is called stored."""
    from django.test import override_settings

    away = msgspec.structs.replace(desk.settings, database="postgres:///nowhere?host=/nowhere")
    with override_settings(CENTRE=away):
        told = desk.hand_in(desk.office.report(1, 3))
    assert told.status_code == 503
    assert "cannot store anything just now" in text(told)
    assert "is here" not in text(told)
