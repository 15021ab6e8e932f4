"""The pages: in both languages, with what stands behind each figure, and closed to strangers."""

from __future__ import annotations

import ast
import http.client
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from estation_central.collector.service import Collector
from estation_central.collector.sqlite import SqliteStore
from estation_wire import codec
from estation_wire.counts import Evidence
from estation_wire.messages import Health, JournalState, Reply, Status
from estation_wire.records import EndReason
from estation_wire.topics import Leaf, Topic
from estation_wire.values import Origin, Trust, Tv
from tests.support.central_here import here
from tests.support.centre import (
    BOOT,
    JOURNAL,
    NOW,
    REGION,
    STATION,
    Arrival,
    MemoryLink,
    Process,
    central,
    ended,
    events,
    hello,
    record,
    shown,
    started,
)
from tests.support.postgres import Postgres

WEEK = "2026-W48"
MARKS = {"_", "gettext", "gettext_lazy"}
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


def fill(state: Path, now: datetime = NOW) -> None:
    """A station that showed a session, lost some records and reported its health."""
    link = MemoryLink()
    collector = Collector(SqliteStore(state / "centre.sqlite3"), link)
    middle = now + timedelta(seconds=16)
    health = Health(
        v=1,
        at=now,
        trust=Trust.NETWORK,
        boot=BOOT,
        up=1.0,
        undelivered=3,
        tv=Tv.ON,
        next_session=now + timedelta(days=7),
    )
    session = [started(5, at=now), shown(6), ended(7, at=now + timedelta(seconds=31))]
    for at, arrival in (
        (now, hello(JournalState(journal=JOURNAL, first=5, last=7, watermark=0))),
        (now, Arrival(_topic(Leaf.STATUS), codec.encode(Status(v=1, online=True, boot=BOOT, firmware="1.0")))),
        (now, Arrival(_topic(Leaf.HEALTH), codec.encode(health))),
        (now, events(session)),
    ):
        link.arrivals.append(arrival)
        collector.turn(at, 100.0)
    collector.turn(middle, 116.0)
    (command,) = [message for topic, message in link.published if topic.leaf is Leaf.COMMAND]
    reply = Reply(v=1, command=command.id, outcome="done", media_type="image/jpeg", attachment=JPEG)
    link.arrivals.append(Arrival(_topic(Leaf.REPLY), codec.encode(reply)))
    collector.turn(middle, 117.0)
    collector.finish(middle)


def _topic(leaf: Leaf) -> str:
    return str(Topic(REGION, STATION, leaf))


@pytest.fixture(scope="module")
def pages(django: Path):
    """A browser of sorts, over a centre with one station that met its week."""
    from django.test import Client  # noqa: PLC0415 (Django must be set up first)

    add = ["--region", REGION, "--title", "尤勒滚村文化室", "--site", "village-0007"]
    added = here(django, "station", "add", STATION, *add, "--timezone", "Asia/Urumqi", "--seconds", "30")
    assert added.returncode == 0, added.stderr
    fill(django)
    return Client(headers={"host": "localhost", "accept-language": "zh-CN,zh;q=0.9"})


def words(page) -> str:
    """The text of a page, without its marks."""
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_the_list_tells_each_station_and_its_week(pages) -> None:
    """A monitor sees at a glance who has met the week."""
    told = words(pages.get("/"))
    assert "尤勒滚村文化室" in told
    assert "下一场" in told


def test_a_week_tells_its_verdict_and_what_stands_behind_it(pages) -> None:
    """The verdict stands beside the four columns, the session, its clip, its picture and what was lost."""
    told = words(pages.get(f"/stations/{STATION}/{WEEK}/"))
    for part in (
        "本周达标：31 秒 / 30 秒",
        "已确认",
        "电视状态未知",
        "时钟为推测",
        "电视未开",
        "科普之窗：水",
        "31.0 / 31.0 s",
    ):
        assert part in told
    assert "记录 1 至 4 已丢失" in told
    assert "11-24 17:00" in told or "11-24 19:00" in told
    assert "未上报记录 3" in told


def test_the_picture_lies_beside_the_session(pages) -> None:
    """The officer sees what was on the screen."""
    page = pages.get(f"/stations/{STATION}/{WEEK}/").content.decode()
    (address,) = re.findall(r'src="(/pictures/[0-9a-f]+\.jpg)"', page)
    answer = pages.get(address)
    assert (answer.headers["Content-Type"], answer.content) == ("image/jpeg", JPEG)


def test_the_same_in_english(pages) -> None:
    """Whoever reads English gets the same."""
    told = words(pages.get(f"/stations/{STATION}/{WEEK}/", headers={"accept-language": "en"}))
    assert "minimum met: 31 s of 30 s" in told
    for column in ("confirmed", "TV not known", "clock guessed", "TV off"):
        assert column in told


def test_another_week_is_another_verdict(pages) -> None:
    """A week without a session is not met."""
    assert "minimum not met: 0 s of 30 s" in words(
        pages.get(f"/stations/{STATION}/2026-W47/", headers={"accept-language": "en"})
    )


def reports(state: Path, station: str, *deliveries: tuple[datetime, list[bytes]]) -> None:
    """A station whose records came at these times."""
    add = ["--region", REGION, "--title", "Hall", "--site", station, "--timezone", "Asia/Urumqi", "--seconds", "30"]
    assert here(state, "station", "add", station, *add).returncode == 0
    link = MemoryLink()
    collector = Collector(SqliteStore(state / "centre.sqlite3"), link)
    for number, (at, records) in enumerate(deliveries):
        link.arrivals.append(events(records, station=station))
        collector.turn(at, 1000.0 + number)
    collector.finish(NOW)


def test_a_week_that_changed_after_it_was_reckoned_says_so(pages, django: Path) -> None:
    """Two reports came by stick in December: the page says when and why, and what the week was before."""
    sessions = [ended(n, session=f"{n:032x}", series="lesson", reason="lesson") for n in (2, 3)]
    late = datetime(2026, 12, 5, 3, 30, tzinfo=UTC)
    reports(django, "hall-late", (NOW, [record(1)]), (late, sessions))
    told = words(pages.get(f"/stations/hall-late/{WEEK}/", headers={"accept-language": "en"}))
    assert "minimum met: 31 s of 30 s" in told
    assert "re-opened: 2 late records; was: minimum not met: 0 s of 30 s" in told
    assert "12-05 09:30 UTC+0600" in told
    assert "before: confirmed 0 sessions, 0 s" in told
    in_chinese = words(pages.get(f"/stations/hall-late/{WEEK}/"))
    assert "已重新核定：2 条记录迟到；原为：本周未达标：0 秒 / 30 秒" in in_chinese
    assert "此前： 已确认 0 场，0 秒" in in_chinese
    assert "上课时间到" in in_chinese


def test_a_week_whose_dates_were_put_right_says_so(pages, django: Path) -> None:
    """The box reported in 1970, and learnt the time a week later."""
    woke = datetime(1970, 1, 1, 1, tzinfo=UTC)
    early = [ended(1, at=woke, trust="guess"), ended(2, at=NOW, session="6" * 32)]
    truth = record(3, "clock.set", at=NOW + timedelta(seconds=2), was=woke, source="network")
    late = datetime(2026, 12, 5, 3, 30, tzinfo=UTC)
    reports(django, "hall-woke", (NOW, early), (late, [truth, ended(4, at=NOW, session="7" * 32)]))
    told = words(pages.get(f"/stations/hall-woke/{WEEK}/", headers={"accept-language": "en"}))
    reasons = "1 late record, dates put right when the time became known"
    assert f"re-opened: {reasons}; was: minimum met: 31 s of 30 s" in told
    assert "before: confirmed 1 sessions, 31 s" in told
    in_chinese = words(pages.get(f"/stations/hall-woke/{WEEK}/"))
    assert "已重新核定：1 条记录迟到，得知准确时间后更正了日期；原为" in in_chinese


def test_a_session_of_a_bus_stands_with_its_village(pages, django: Path) -> None:
    """Who looks at a mobile station sees in which village people were when it began."""
    told = [
        record(1, "place.chosen", place="village-2", name="帕哈太克里村"),
        record(2, "session.started", session="5" * 32, origin="planned"),
        ended(3, session="5" * 32),
    ]
    reports(django, "bus-0003", (NOW, told))
    assert "帕哈太克里村" in words(pages.get(f"/stations/bus-0003/{WEEK}/"))


def test_the_weeks_of_a_box_that_woke_in_1970_have_their_page(pages) -> None:
    """What was shown by a clock that knew nothing can be looked at."""
    assert "1970-W01" in words(pages.get(f"/stations/{STATION}/1970-W01/"))


def test_a_week_that_is_as_it_was_says_nothing(pages) -> None:
    """Only what changed is told."""
    assert "re-opened" not in words(pages.get(f"/stations/{STATION}/{WEEK}/", headers={"accept-language": "en"}))


def test_every_reason_and_origin_has_its_word() -> None:
    """A kind of ending that boxes learn to tell has a word on the page."""
    from estation_central.site import wording  # noqa: PLC0415

    assert wording.REASON.keys() == set(get_args(EndReason))
    assert wording.ORIGIN.keys() == set(Origin)
    assert wording.EVIDENCE.keys() == set(Evidence)


@pytest.mark.parametrize(
    "path",
    [
        "/stations/nowhere/",
        f"/stations/{STATION}/9999-W52/",
        f"/stations/{STATION}/0001-W01/",
        f"/stations/{STATION}/2026-W99/",
        f"/stations/{STATION}/x/",
        "/pictures/00.jpg",
        "/admin/",
    ],
)
def test_what_is_not_there_is_not_found(pages, path: str) -> None:
    """A wrong address is no error of ours."""
    assert pages.get(path).status_code == 404


def test_in_the_demonstration_nothing_can_be_ordered(pages) -> None:
    """Read only means read only."""
    answer = pages.post(f"/stations/{STATION}/commands/", {"do": "stop"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")


def test_a_user_with_the_right_can_order(pages, django: Path) -> None:
    """The command that was ordered lies there for the collector; one that may only read cannot order."""
    from django.contrib.auth.models import User  # noqa: PLC0415

    from estation_central.accounts.models import Grant  # noqa: PLC0415
    from estation_central.stations.models import Command  # noqa: PLC0415

    for name, role, status, count in (("reader", "monitor", 403, 0), ("keeper", "technician", 302, 1)):
        user = User.objects.create_user(name)
        Grant.objects.create(user=user, role=role)
        pages.force_login(user)
        answer = pages.post(f"/stations/{STATION}/commands/", {"do": "identify"})
        assert answer.status_code == status
        assert Command.objects.filter(station=STATION, session="").count() == count
    assert pages.post(f"/stations/{STATION}/commands/", {"do": "reboot"}).status_code == 404
    assert "显示站名" in words(pages.get(f"/stations/{STATION}/"))
    pages.logout()


def test_the_pages_carry_a_policy(pages) -> None:
    """A page loads from here and nowhere else."""
    headers = pages.get("/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_the_tables_and_the_models_agree(django: Path) -> None:
    """No migration is missing."""
    assert central(django, "django", "makemigrations", "--check", "--dry-run").returncode == 0


def test_served_over_postgresql_with_a_login(state: Path, postgres: Postgres) -> None:
    """Outside the demonstration every page wants a login and HTTPS; the style sheet comes with it."""
    url = postgres.url(postgres.new_database("made"))
    server = Process(state, "serve", "--port", "0", database=url, ESTATION_CENTRE_DEMO="0")
    with server:
        told = server.wait_for("pages: ")
        port = int(re.findall(r"http://127.0.0.1:(\d+)/", told)[-1])

        def get(path: str, **headers: str) -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path, headers=headers)
            return connection.getresponse()

        secure = {"X-Forwarded-Proto": "https"}
        plain, first = get("/"), get("/", **secure)
        assert (plain.status, plain.headers["Location"]) == (301, f"https://127.0.0.1:{port}/")
        assert (first.status, first.headers["Location"]) == (302, "/login/?next=/")
        assert b'name="password"' in get("/login/", **secure).read()
        assert get("/static/centre.css", **secure).status == 200


def test_a_demonstration_stays_on_this_machine(state: Path) -> None:
    """Pages without a login are not served to others."""
    refused = central(state, "serve", "--address", "0.0.0.0", "--port", "0")
    assert refused.returncode == 2
    assert "127.0.0.1" in refused.stderr


@pytest.mark.parametrize("seconds", [31, 0])
def test_waiting_for_the_week(django: Path, state: Path, seconds: int) -> None:
    """The command returns 0 once the centre holds what the week wants, 1 when the time is up."""
    add = ["--region", REGION, "--title", "Hall", "--site", "village-0007", "--seconds", "30"]
    assert here(state, "station", "add", STATION, *add).returncode == 0
    if seconds:
        fill(state, datetime.now(UTC))
    waited = here(state, "wait-session", "--station", STATION, "--timeout", "0")
    assert waited.returncode == (0 if seconds else 1), waited.stderr
    assert f"{seconds} 秒" in waited.stdout


def test_requests_on_a_stick_are_signed(django: Path, state: Path, tmp_path: Path) -> None:
    """The centre signs what registered boxes asked for, and says what it refuses."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    stick = tmp_path / "stick"
    for folder, name in ((STATION, STATION), ("hall-0008", "hall-0007"), ("hall-0009", "hall-0009")):
        place = stick / "ESTATION/returned" / folder
        place.mkdir(parents=True)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        signed = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
        (place / "request.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    for name in (STATION, "hall-0008"):
        here(state, "station", "add", name, "--region", REGION, "--title", "Hall", "--site", "v")
    done = here(state, "sign-requests", str(stick))
    assert done.returncode == 1
    assert f"signed: {STATION}" in done.stdout
    assert "take the stick to the right box" in done.stdout
    assert "hall-0009: not in the registry" in done.stdout
    assert [path.name for path in (stick / "ESTATION/certificates").iterdir()] == [f"{STATION}.pem"]


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (["station", "add", "Bad Name", "--region", REGION, "--title", "x", "--site", "x"], ""),
        (["station", "add", STATION, "--region", "1", "--title", "x", "--site", "x"], ""),
        (["station", "add", STATION, "--region", REGION, "--title", "x", "--site", "x", "--timezone", "Mars/One"], ""),
        (["send", STATION, "play"], ""),
        (["migrate"], "mysql://x"),
        (["revoke", "hall-9999"], ""),
    ],
)
def test_what_cannot_be_done_is_said(state: Path, words: list[str], environment: str) -> None:
    """A wrong word on the command line gives a plain line and no traceback."""
    done = central(state, *words, database=environment)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_every_word_is_translated() -> None:
    """No page falls back to English, and the compiled words are those of the text."""
    import gettext  # noqa: PLC0415

    centre = Path(__file__).resolve().parents[2] / "central/estation_central"
    known: set[str] = set()
    for source in centre.rglob("locale/zh_Hans/LC_MESSAGES/django.po"):
        pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', source.read_text(), re.MULTILINE)
        assert all(translated for _, translated in pairs)
        with source.with_suffix(".mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)
        assert {word: compiled.gettext(word) for word, _ in pairs} == dict(pairs)
        known |= {word for word, _ in pairs}
    marked = set()
    for path in (centre / "site").rglob("*.html"):
        marked |= set(re.findall(r"""translate ["']([^"]+?)["'] ?%""", path.read_text()))
    assert len(marked) > 100
    assert marked <= known
    for path in (each for each in centre.rglob("*.py") if "/migrations/" not in str(each)):
        assert said(path.read_text()) <= known, path


def said(module: str) -> set[str]:
    """The words that a module marks; a string over several lines is one."""
    calls = [node for node in ast.walk(ast.parse(module)) if isinstance(node, ast.Call)]
    marked = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id in MARKS and call.args]
    return {each.value for each in marked if isinstance(each, ast.Constant)}
