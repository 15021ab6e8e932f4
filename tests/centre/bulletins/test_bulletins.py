"""A bulletin from the desk of a county to its halls and off their screens again: written here, signed elsewhere."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import io
import re
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from estation_box.drivers.ed25519 import signed_by
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.library.letters import Word, judge
from estation_central import believing
from estation_central.collector.interfaces import Arrival
from estation_central.collector.service import Collector
from estation_central.collector.sqlite import SqliteStore
from estation_central.settings import CentreSettings
from estation_wire import bulletin_letter, codec
from estation_wire.audience import Place
from estation_wire.bulletins import BULLETINS_NAME, Bulletins
from estation_wire.bulletins import Bulletin as BulletinTold
from estation_wire.messages import Bulletin, Reply
from estation_wire.topics import Leaf, Topic
from studio import command
from studio.delegation import delegate, publish_as
from studio.keyring import Keyring
from tests.centre.compliance.test_reckoner import deliver, reckon
from tests.support.centre import MemoryLink, hello, record
from tests.support.library import Made, make_stick
from tests.support.registry import add_station
from tests.support.sync_box import Box
from tests.support.trusting import again, refreshed

COUNTY, OTHER = "653161", "653162"
DESK = f"{COUNTY}-emergency"
HALLS = [f"bul-{n}" for n in range(3)]
NOW = datetime.now(UTC)


class Desk(NamedTuple):
    """An editor of the county at the centre, the county's signers, and a box that heard of them."""

    client: Any
    publisher: Made
    box: Box
    state: Path


@pytest.fixture(scope="module")
def desk(django: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Two counties, of which the first has an editor; the library with its desk is taken in."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client, override_settings

    from estation_central.accounts.models import Grant
    from estation_central.registry.models import Region

    folder = tmp_path_factory.mktemp("desk")
    made = make_stick(folder / "publisher", videos=1, station=None, now=NOW)
    for role in (COUNTY, DESK, OTHER, f"{OTHER}-emergency"):
        delegate(made.studio, role, now=NOW)
    box = Box(folder / "box", made.root)
    refreshed(box, again(made), COUNTY)
    with closing(SqliteStore(django / "centre.sqlite3")) as store, store.transaction() as transaction:

        def run(words: str, *values: object) -> object:
            return transaction.run(words, values)

        for name in HALLS:
            add_station(run, name, f"s-{name}", region=COUNTY, kind="village", timezone="UTC")
        add_station(run, "bul-school", "s-bul-school", region=COUNTY, timezone="UTC")
        add_station(run, "bul-other", "s-bul-other", region=OTHER, kind="village", timezone="UTC")
    asked = Namespace(library=made.studio / "repository", root=made.root)
    assert believing.run(asked, CentreSettings(state=folder / "state")) == 0
    user = User.objects.create_user("bul-editor")
    Grant.objects.create(user=user, role="editor", region=Region.objects.get(code=COUNTY))
    with override_settings(CENTRE=msgspec.structs.replace(settings.CENTRE, demo=False)):
        client = Client(headers={"host": "localhost", "accept-language": "en"})
        client.force_login(user)
        yield Desk(client, made, box, django)


def form(bulletin: str, **changes: str) -> dict[str, str]:
    """What an editor types."""
    words = {
        "name": bulletin, "priority": "emergency", "role": DESK, "regions": COUNTY, "sites": "", "kind": "village",
        "issued": "", "not_after": "2099-01-01T08:00", "seconds": "60", "every_minutes": "30", "link": "",
        "title-zh-Hans": "洪水", "text-zh-Hans": "请到高处。", "title-ug-Arab": "كەلكۈن", "text-ug-Arab": "",
        "title-kk-Arab": "", "text-kk-Arab": "", "title-ky-Arab": "", "text-ky-Arab": "",
        "title-en": "", "text-en": "",
    }  # fmt: skip
    return words | changes


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def write(desk: Desk, name: str, **changes: str) -> bytes:
    """A draft at the centre; the document that is to be signed."""
    told = desk.client.post("/bulletins/-new/", form(name, **changes))
    assert told.status_code == 302, text(told)
    document = desk.client.get(f"/bulletins/{name}/draft.json")
    assert f"{name}.draft.json" in document.headers["Content-Disposition"]
    return document.content


def sign(desk: Desk, document: bytes, folder: Path, people: int = 2) -> bytes:
    """The signers' own machine: so many of the desk's two people sign."""
    draft = folder / "draft.json"
    draft.write_bytes(document)
    letter = bulletin_letter.read(document)
    keys = Keyring(desk.publisher.studio / "keys").paths(letter.role)
    away = [path.rename(folder / path.name) for path in keys[people:]]
    done = command.main(["sign-letter", str(desk.publisher.studio), str(draft), "--yes"])
    for path, home in zip(away, keys[people:], strict=True):
        path.rename(home)
    assert done == (0 if people >= len(keys) else 1)
    end = ".end" if letter.ends else ""
    return (desk.publisher.studio / "letters" / f"{letter.role}.{letter.bulletin.id}{end}.json").read_bytes()


def bring(desk: Desk, name: str, letter: bytes, **headers: str) -> Any:
    file = io.BytesIO(letter)
    file.name = "letter.json"
    return desk.client.post(f"/bulletins/{name}/letter/", {"file": file}, headers=headers)


def answer(desk: Desk, station: str, command: str, outcome: str, reason: str = "") -> None:
    """The collector hears what a box says to a command."""
    reply = Reply(v=1, command=command, outcome=outcome, reason=reason)
    link = MemoryLink()
    link.arrivals.append(Arrival(str(Topic(COUNTY, station, Leaf.REPLY)), codec.encode(reply)))
    with closing(SqliteStore(desk.state / "centre.sqlite3")) as store:
        Collector(store, link).turn(NOW, 1.0)


def under_way(desk: Desk, station: str) -> list[Bulletin]:
    """What the collector sends a box that has just said hello."""
    link = MemoryLink()
    link.arrivals.append(hello(station=station))
    with closing(SqliteStore(desk.state / "centre.sqlite3")) as store:
        Collector(store, link).turn(datetime.now(UTC), 1.0)
    return [message for topic, message in link.published if topic.station == station and isinstance(message, Bulletin)]


def judged(desk: Desk, carried: Bulletin) -> Word:
    """What a real box of the county makes of it."""
    with LibraryWriter(desk.box.state / "library.db") as books:
        voices = books.voices()
    place = Place(kind="village", region=COUNTY)
    return judge(carried.document.encode(), voices, place, datetime.now(UTC), signed_by)


def test_from_the_draft_to_the_last_screen_that_let_go(desk: Desk, tmp_path: Path) -> None:
    """Two people sign; the county's halls get it and no other; it is counted; its recall runs down to nothing."""
    from auditlog.models import LogEntry

    document = write(desk, "flood-1")
    page = "/bulletins/flood-1/"
    assert "draft, not signed yet" in text(desk.client.get(page))
    one = bring(desk, "flood-1", sign(desk, document, tmp_path, people=1))
    assert (one.status_code, "signed by 1 of the 2" in text(one)) == (400, True)
    assert bring(desk, "flood-1", sign(desk, document, tmp_path)).status_code == 302
    assert desk.client.get("/b/flood-1/").status_code == 404
    assert "send it to 3 stations" in text(desk.client.get(page))
    assert "on its way to 3 stations" in text(desk.client.post(f"{page}act/", {"do": "send"}, follow=True))
    sent = {name: under_way(desk, name) for name in (*HALLS, "bul-school", "bul-other")}
    assert {name for name, each in sent.items() if each} == set(HALLS)
    word = judged(desk, sent["bul-0"][0])
    assert (word.bulletin.id, word.bulletin.priority, word.ends) == (f"{DESK}:flood-1", "emergency", False)
    assert word.bulletin.link == "http://localhost/b/flood-1/"
    assert sent["bul-0"][0].expires == word.bulletin.not_after == datetime(2099, 1, 1, 0, 0, tzinfo=UTC)
    answer(desk, "bul-0", sent["bul-0"][0].id, "done")
    answer(desk, "bul-2", sent["bul-2"][0].id, "refused", "this box has no profile yet")
    with closing(SqliteStore(desk.state / "centre.sqlite3")) as store:
        shown = {"bulletin": f"{DESK}:flood-1", "times": 4}
        deliver(store, "bul-0", [record(1, "bulletin.shown", at=NOW, **shown)], NOW)
    reckon(NOW)
    told = text(desk.client.get(page))
    for part in ("1 / 3 shown by", "1 / 3 taken", "1 refused", "The box has no profile yet", "not answered yet"):
        assert part in told, part
    assert b"shown by" not in desk.client.get(page, headers={"accept-language": "zh-CN"}).content
    desk.client.post(f"{page}act/", {"do": "recall"})
    assert under_way(desk, "bul-1") == []  # nobody is sent it any more
    assert desk.client.get("/b/flood-1/").status_code == 404
    assert b'http-equiv="refresh"' not in desk.client.get(page).content  # it would lose the file that is being chosen
    end = desk.client.get(f"{page}draft.json").content
    assert bring(desk, "flood-1", sign(desk, document, tmp_path)).status_code == 400  # not the first letter again
    assert bring(desk, "flood-1", sign(desk, end, tmp_path)).status_code == 302
    told = text(desk.client.get(page))
    assert "2 / 2 have not confirmed the recall" in told
    assert "What is to be done" not in told  # nothing is left but to wait
    for left, name in ((1, "bul-0"), (0, "bul-1")):
        (carried,) = under_way(desk, name)
        assert judged(desk, carried).ends
        answer(desk, name, carried.id, "done")
        assert f"{left} / 2 have not confirmed the recall" in text(desk.client.get(page))
    assert under_way(desk, "bul-2") == []
    log = LogEntry.objects.filter(object_pk="flood-1").order_by("timestamp")
    assert {entry.actor.username for entry in log} == {"bul-editor"}
    changed = {name for entry in log for name in entry.changes}
    assert {"signed", "sent", "ending", "recalled"} <= changed
    assert not changed & {"letter", "payload", "end_letter"}
    assert {tuple(entry.changes["ending"]) for entry in log if "ending" in entry.changes} == {("", ""), ("", "…")}


def test_who_presses_twice_sends_once(desk: Desk, tmp_path: Path) -> None:
    """Two presses at one moment both find it unsent: the second is told so, and no station is sent it twice."""
    from estation_central.bulletins import posting
    from estation_central.bulletins.drafting import NoticeError
    from estation_central.bulletins.models import Notice
    from estation_central.stations.models import Command

    bring(desk, "twice-1", sign(desk, write(desk, "twice-1"), tmp_path))
    first, second = Notice.objects.get(pk="twice-1"), Notice.objects.get(pk="twice-1")
    assert posting.send(first, NOW) == len(HALLS)
    with pytest.raises(NoticeError, match="sent already"):
        posting.send(second, NOW)
    assert Command.objects.filter(sending__notice="twice-1").count() == len(HALLS)
    posting.recall(first, NOW)
    second.refresh_from_db()
    letter = sign(desk, first.ending.encode(), tmp_path)
    posting.take(first, letter, NOW)
    with pytest.raises(NoticeError, match="recall was sent already"):
        posting.take(second, letter, NOW)
    assert Command.objects.filter(sending__notice="twice-1").count() == 2 * len(HALLS)


def test_what_a_box_would_not_believe_is_not_kept(desk: Desk, tmp_path: Path) -> None:
    """Unsigned, foreign, changed, for another bulletin, too large, over: told why, and the draft is as it was."""
    from estation_central.bulletins.models import Notice
    from estation_central.stations.models import Command

    document = write(desk, "storm-1")
    other = write(desk, "storm-2")
    good = sign(desk, document, tmp_path)
    payload, signatures = bulletin_letter.open_envelope(good)
    stranger = make_stranger(document)
    before = Notice.objects.filter(pk="storm-1").values().get()
    for raw, why in (
        (document, "not signed as a box wants it"),
        (bulletin_letter.seal(payload, ()), "signed by 0 of the 2|not signed"),
        (stranger, "signed by 0 of the 2"),
        (bulletin_letter.seal(payload.replace("高处".encode(), "低处".encode()), signatures), "signed by 0 of the 2"),
        (bulletin_letter.seal(payload.replace(DESK.encode(), b"nobody"), signatures), "nobody does not speak"),
        (bulletin_letter.seal(payload.replace(b'"v":1', b'"v":9'), signatures), "update the centre first"),
        (sign(desk, other, tmp_path), "not what was drafted here"),
        (b"x" * 70_000, "larger than a signed document can be: 65536 bytes"),
    ):
        told = bring(desk, "storm-1", raw)
        assert (told.status_code, bool(re.search(why, text(told)))) == (400, True), (why, text(told))
        chinese = bring(desk, "storm-1", raw, **{"accept-language": "zh-CN"})
        (fault,) = re.findall(r'<ul class="errorlist".*?</ul>', chinese.content.decode(), re.DOTALL)
        assert "。" in fault
        assert not re.search("[A-Za-z]{3,}", re.sub(f"<[^>]+>|{DESK}|nobody", "", fault)), fault
    Notice.objects.filter(pk="storm-1").update(not_after=NOW - timedelta(hours=1))
    over = bring(desk, "storm-1", good)
    assert (over.status_code, "Its time is over" in text(over)) == (400, True)
    Notice.objects.filter(pk="storm-1").update(not_after=before["not_after"])
    assert Notice.objects.filter(pk="storm-1").values().get() == before
    assert "is not signed yet" in text(desk.client.post("/bulletins/storm-1/act/", {"do": "send"}, follow=True))
    assert not Command.objects.filter(body__contains="storm-1").exists()
    assert desk.client.post("/bulletins/storm-1/act/", {"do": "forget"}).status_code == 302
    assert not Notice.objects.filter(pk="storm-1").exists()


def test_what_boxes_say_is_put_into_the_readers_language(desk: Desk, tmp_path: Path) -> None:
    """Every refusal of a real box, word for word: in Chinese nothing of it is English but names and figures."""
    from django.utils import translation

    from estation_central.bulletins import wording
    from estation_wire.voices import LetterRefusedError

    with LibraryWriter(desk.box.state / "library.db") as books:
        voices = books.voices()
    good = sign(desk, write(desk, "said-1"), tmp_path)
    payload, signatures = bulletin_letter.open_envelope(good)
    here = Place(kind="village", region=COUNTY)
    after = datetime(2100, 1, 1, tzinfo=UTC)
    said = ["this box has no profile yet", "those who signed it have ended it"]  # what is left: see the box's `Letters`
    for raw, place, now in (
        (bulletin_letter.seal(payload, signatures[:1]), here, NOW),
        (bulletin_letter.seal(payload.replace(DESK.encode(), b"nobody"), signatures), here, NOW),
        (bulletin_letter.seal(payload.replace(b'"v":1', b'"v":9'), signatures), here, NOW),
        (good, Place(kind="school", region=COUNTY), NOW),
        (good, here, after),
        (b"x" * 70_000, here, NOW),
        (b"{}", here, NOW),
    ):
        with pytest.raises(LetterRefusedError) as refused:
            judge(raw, voices, place, now, signed_by)
        said.append(str(refused.value))
    told = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            told[language] = [wording.by_box(each) for each in said]
            assert wording.by_box("out of paper") == "out of paper"
    assert not set(told["en"]) & set(said)
    for each in told["zh-hans"]:
        assert not re.search("[A-Za-z]{3,}", re.sub(f"{DESK}|nobody|UTC", "", each)), each


def make_stranger(document: bytes) -> bytes:
    """Two people whom nobody asked sign it, under the ids of no key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    message = bulletin_letter.signed_bytes(document)
    keys = [Ed25519PrivateKey.generate() for _ in range(2)]
    return bulletin_letter.seal(document, tuple((f"k{n}", key.sign(message)) for n, key in enumerate(keys)))


def test_an_editor_writes_for_the_own_places_alone(desk: Desk) -> None:
    """The county and its sites; not the network, not another county; each slip of the pen is told beside its field."""
    for changes, why in (
        ({"regions": ""}, "does not speak to all of these places|not yours"),
        ({"regions": "", "role": "emergency"}, "Select a valid choice"),
        ({"regions": OTHER}, f"Not among yours: {OTHER}"),
        ({"regions": "", "sites": "s-bul-other"}, "Not among yours: s-bul-other"),
        ({"role": f"{OTHER}-emergency"}, "does not speak to all of these places"),
        ({"sites": "s-bul-0"}, "not both"),
        ({"not_after": "2020-01-01T08:00"}, "over before it begins"),
        ({"title-zh-Hans": ""}, "This field is required"),
        ({"title-en": "", "text-en": "Go up."}, "needs a title"),
        ({"text-zh-Hans": "水" * 1001}, "at most 1000 characters"),
        ({"priority": "urgent", "wakes": "on"}, "Only what is shown over the whole screen"),
        ({"name": "two words"}, "Enter a valid value"),
        ({"title-zh-Hans": "洪\u0001水"}, "title|matching"),
        ({"seconds": "2"}, "greater than or equal to 3"),
    ):
        told = desk.client.post("/bulletins/-new/", form("limits-1", **changes))
        assert (told.status_code, bool(re.search(why, text(told)))) == (400, True), (changes, text(told))
    write(desk, "limits-1", regions="", sites="s-bul-0, s-bul-1")
    assert "in the list already" in text(desk.client.post("/bulletins/-new/", form("limits-1")))
    assert "s-bul-0" in text(desk.client.get("/bulletins/limits-1/"))


def test_the_code_on_the_screen_opens_a_plain_page_that_is_counted(desk: Desk, tmp_path: Path) -> None:
    """Its words for anybody, without a login; a number a day, and nothing of who looked."""
    from django.test import Client

    from estation_central.compliance import figures

    document = write(desk, "page-1", every_minutes="0")
    bring(desk, "page-1", sign(desk, document, tmp_path))
    desk.client.post("/bulletins/page-1/act/", {"do": "send"})
    anybody = Client(headers={"host": "localhost"})
    for _ in range(2):
        told = anybody.get("/b/page-1/")
        assert "请到高处。" in told.content.decode()
    anybody.head("/b/page-1/")
    today = datetime.now(UTC).date()
    views = figures.page_views(today - timedelta(days=1), today)
    assert views[f"{DESK}:page-1"] == 2
    assert not told.cookies


def publish(desk: Desk, folder: Path, *told: BulletinTold) -> None:
    """The county's desk puts bulletins into the signed library, and the centre takes it in."""
    document = msgspec.json.encode(Bulletins(v=1, version=1, bulletins=told))
    publish_as(desk.publisher.studio, DESK, {BULLETINS_NAME: document}, now=NOW)
    asked = Namespace(library=desk.publisher.studio / "repository", root=desk.publisher.root)
    assert believing.run(asked, CentreSettings(state=folder)) == 0


def test_the_code_of_a_bulletin_of_the_signed_library_opens_its_page(desk: Desk, tmp_path: Path) -> None:
    """What a box shows of it holds the address of a page here, with its words; it goes when the library lets it go."""
    from django.test import Client

    from estation_central.compliance import figures

    words = {"priority": "urgent", "issued": NOW - timedelta(hours=1), "texts": {"zh-Hans": "请关好门窗。"}}
    storm = BulletinTold(
        id="storm-9", titles={"zh-Hans": "沙尘暴"}, link=f"http://localhost/b/{DESK}:storm-9/", **words
    )
    past = BulletinTold(id="past-9", titles={"zh-Hans": "过去"}, not_after=NOW - timedelta(minutes=1), **words)
    coming = BulletinTold(
        id="coming-9", titles={"zh-Hans": "将来"}, **words | {"issued": datetime.now(UTC) + timedelta(days=1)}
    )
    publish(desk, tmp_path / "state", storm, past, coming)
    refreshed(desk.box, again(desk.publisher), COUNTY)
    with LibraryWriter(desk.box.state / "library.db") as books:
        (link,) = [each.link for each in books.bulletins().bulletins if each.id == f"{DESK}:storm-9"]
    anybody = Client(headers={"host": "localhost"})
    told = anybody.get(link.removeprefix("http://localhost"))
    assert (told.status_code, "请关好门窗。" in told.content.decode()) == (200, True)
    today = datetime.now(UTC).date()
    assert figures.page_views(today - timedelta(days=1), today)[f"{DESK}:storm-9"] == 1
    assert "已过期" in anybody.get(f"/b/{DESK}:past-9/", headers={"accept-language": "zh-CN"}).content.decode()
    assert anybody.get(f"/b/{DESK}:coming-9/").status_code == 404
    publish(desk, tmp_path / "state")
    assert anybody.get(f"/b/{DESK}:storm-9/").status_code == 404


def test_a_bulletin_has_one_page_under_both_its_names_and_none_when_it_is_recalled(desk: Desk, tmp_path: Path) -> None:
    """What was written here is found by the name that boxes tell as well; its end ends the library's of that name."""
    from django.test import Client

    bring(desk, "both-1", sign(desk, write(desk, "both-1"), tmp_path))
    desk.client.post("/bulletins/both-1/act/", {"do": "send"})
    same = BulletinTold(id="both-1", priority="urgent", titles={"zh-Hans": "洪水"}, issued=NOW - timedelta(hours=1))
    publish(desk, tmp_path / "state", same)
    anybody = Client(headers={"host": "localhost"})
    pages = [anybody.get(f"/b/{name}/").content.decode() for name in ("both-1", f"{DESK}:both-1")]
    assert pages[0] == pages[1]
    assert "请到高处。" in pages[0]
    told = desk.client.post("/bulletins/-new/", form(f"{DESK}:both-1"))
    assert (told.status_code, "choose another name" in text(told)) == (400, True)
    desk.client.post("/bulletins/both-1/act/", {"do": "recall"})
    assert [anybody.get(f"/b/{name}/").status_code for name in ("both-1", f"{DESK}:both-1")] == [404, 404]
    publish(desk, tmp_path / "state")


def test_a_bulletin_is_written_in_kyrgyz_as_well(desk: Desk) -> None:
    """Its words in Arabic letters are in what is signed, under the tag by which a hall asks for them."""
    document = write(desk, "kyrgyz-1", **{"title-ky-Arab": "سەل", "text-ky-Arab": "بىيىككە چىعىڭىز."})
    said = bulletin_letter.read(document).bulletin
    assert (said.titles["ky-Arab"], said.texts["ky-Arab"]) == ("سەل", "بىيىككە چىعىڭىز.")


def test_a_page_that_was_opened_counts_though_no_screen_showed_it(desk: Desk) -> None:
    """An address travels by paper and chat as well; who sees a part of the network sees no views, not none."""
    from django.contrib.auth.models import User
    from django.test import Client

    from estation_central.accounts.models import Grant
    from estation_central.compliance import figures

    figures.count_view("paper-1", NOW.date())
    user = User.objects.create_user("bul-monitor")
    Grant.objects.create(user=user, role="monitor")
    everywhere = Client(headers={"host": "localhost", "accept-language": "en"})
    everywhere.force_login(user)
    assert "paper-1 0 1" in text(everywhere.get("/sums/?by=bulletin"))
    part = text(desk.client.get("/sums/?by=bulletin"))
    assert "paper-1" not in part
    assert f"{DESK}:flood-1 4 unknown" in part
