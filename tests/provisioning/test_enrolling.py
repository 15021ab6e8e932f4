"""The enrolment call from the box's side: one certificate by network, and a plain word for whatever else comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from estation_box.apps.fetch import TRIES
from estation_box.drivers.enrolment import HttpsCaller, RequestRegistry
from estation_box.drivers.keys import BoxKeys
from estation_box.drivers.profile_store import ProfileStore
from estation_box.library import said_network
from estation_box.library.interfaces import UnreadableError
from estation_box.library.network_interfaces import LaterError, PortalError
from estation_box.provisioning import sentences
from estation_box.provisioning.enrolling import EnrolmentRefusedError, call_for, enrol
from estation_wire.enrolment import EnrolmentRefused, Invitation
from estation_wire.network import Network
from tests.support import made_centre
from tests.support.centre import Process, central
from tests.support.http_server import PORTAL
from tests.support.library import Made, make_stick
from tests.support.net_box import STATION, Ear, NetBox
from tests.support.office_server import TOKEN, Answer, OfficeServer
from tests.support.trusting import copied


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A studio with one film; profiles are made by each test."""
    return make_stick(tmp_path_factory.mktemp("publisher"), videos=1, station=None)


@pytest.fixture
def made(publisher: Made, tmp_path: Path) -> Made:
    return copied(publisher, tmp_path / "made")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[OfficeServer]:
    with OfficeServer(tmp_path) as server:
        yield server


def enrolling(tmp_path: Path, made: Made, office: OfficeServer) -> NetBox:
    invitation = Invitation(url=office.url, token=TOKEN)
    return NetBox(tmp_path / "box", made, Network(), invitation).provision(made, office.pem)


def test_the_certificate_comes_by_network(made: Made, office: OfficeServer, tmp_path: Path):
    """The box posts its request and its token, never its key; the certificate fits, and core begins to report."""
    box = enrolling(tmp_path, made, office)
    key = (box.state / "key.pem").rename(tmp_path / "kept-away")
    with Ear(box) as lines:
        box.fetch()
        box.fetch()
    assert [(line["source"], line.get("certified"), line["refused"]) for line in lines] == [("network", True, 0)]
    assert (len(office.posted), office.posted[0].token) == (1, TOKEN)
    assert not box.request.exists()
    certificate = (box.state / "certificate.pem").read_bytes()
    assert BoxKeys(key).fits(certificate, station=STATION, authority=office.pem)
    secret = key.read_bytes().splitlines()[1]
    assert not any(secret in raw for raw in office.raw)


def test_the_certificate_of_a_stick_ends_the_asking(made: Made, office: OfficeServer, tmp_path: Path):
    """However the certificate comes, the request is kept no longer."""
    box = enrolling(tmp_path, made, office)
    assert box.request.exists()
    certificate = made.stick / f"ESTATION/certificates/{STATION}.pem"
    certificate.parent.mkdir(exist_ok=True)
    certificate.write_bytes(office.sign(box.request.read_text()))
    assert box.visit(made.stick).certified
    assert not box.request.exists()
    box.fetch()
    assert office.posted == []


def test_a_refusal_is_said_and_not_asked_again(made: Made, office: OfficeServer, tmp_path: Path):
    """«Used by another box» reaches core in plain words, once; with the next power-on the office is asked again."""
    box = enrolling(tmp_path, made, office)
    office.answers += [Answer(403, b'{"v":1,"why":"used"}')]
    with Ear(box) as lines:
        box.fetch()
        box.fetch(ordered=True)
    assert [line["reasons"] for line in lines[:1]] == [[sentences.TOKEN_USED.zh]]
    assert (len(office.posted), box.request.exists()) == (1, True)
    (box.runtime / TRIES).unlink()
    box.fetch()
    assert (box.state / "certificate.pem").exists()


def refused(why: str) -> Answer:
    return Answer(403, msgspec.json.encode(EnrolmentRefused(v=1, why=why)))


def caller(office: OfficeServer, **words) -> HttpsCaller:
    return HttpsCaller(office.pem, **{"proxy": None, "check_dates": True, **words})


@pytest.mark.parametrize(
    "case",
    [
        (refused("expired"), EnrolmentRefusedError, "TOKEN_EXPIRED"),
        (refused("unknown"), EnrolmentRefusedError, "TOKEN_UNKNOWN"),
        (refused("request"), EnrolmentRefusedError, "REQUEST_WRONG"),
        (Answer(403, b"<html>Forbidden</html>"), LaterError, "CENTRE_STRANGE"),
        (Answer(404), LaterError, "CENTRE_STRANGE"),
        (Answer(503, headers=(("Retry-After", "900"),)), LaterError, "CENTRE_BUSY"),
        (Answer(200, PORTAL, "text/html"), PortalError, "PORTAL"),
        (Answer(302, headers=(("Location", "https://elsewhere.invalid/"),)), PortalError, "PORTAL"),
        (Answer(200, b"x" * 20_000), LaterError, "CENTRE_STRANGE"),
        (Answer(200, b"no certificate"), LaterError, "CENTRE_STRANGE"),
        (Answer(200, b"x" * 100, slow=0.05), LaterError, "CENTRE_AWAY"),
    ],
    ids=[
        "expired",
        "unknown",
        "request",
        "403 page",
        "404",
        "busy",
        "portal",
        "redirect",
        "oversize",
        "nonsense",
        "slow",
    ],
)
def test_whatever_the_office_answers(made: Made, office: OfficeServer, tmp_path: Path, case: tuple[Answer, type, str]):
    """Every answer that is no certificate is one plain sentence, and nothing of it is kept."""
    answer, error, sentence = case
    box = enrolling(tmp_path, made, office)
    papers = ProfileStore(box.state, box.serial)
    office.answers.append(answer)
    call = call_for(box.profile, papers)
    with caller(office, seconds=1.0) as line, pytest.raises(error) as raised:
        enrol(call, box.profile, papers, line, RequestRegistry())
    assert raised.value.said == (getattr(sentences, sentence, None) or said_network.PORTAL)
    if sentence == "CENTRE_BUSY":
        assert raised.value.seconds == 900
    assert not (box.state / "certificate.pem").exists()
    assert box.request.exists()


@pytest.mark.parametrize("wrong", ["key", "station", "authority"])
def test_a_certificate_that_is_not_for_this_request_is_refused(
    made: Made, office: OfficeServer, tmp_path: Path, wrong: str
):
    """Another box's certificate, another station's, or another authority's is not kept."""
    box = enrolling(tmp_path, made, office)
    csr = box.request.read_text()
    if wrong == "key":
        pem = office.sign(BoxKeys(tmp_path / "other.pem").request(STATION).decode())
    elif wrong == "station":
        pem = office.sign(BoxKeys(box.state / "key.pem").request("hall-0008").decode(), "hall-0008")
    else:
        (tmp_path / "other").mkdir()
        pem = OfficeServer(tmp_path / "other").sign(csr)
    office.answers.append(Answer(200, pem))
    with Ear(box) as lines:
        box.fetch()
    assert lines[0]["reasons"] == [sentences.CENTRE_STRANGE.zh]
    assert not (box.state / "certificate.pem").exists()


def test_who_is_not_our_office_gets_neither_request_nor_token(made: Made, tmp_path: Path):
    """Another authority or another name is hung up on before a word is said, whatever the clock; a gone date is not."""
    for folder, host in (("a", "localhost"), ("b", "elsewhere.invalid")):
        (tmp_path / folder).mkdir()
        with OfficeServer(tmp_path / folder, host=host) as server:
            trusted = server.pem if folder == "b" else made.authority.pem
            with (
                HttpsCaller(trusted, proxy=None, check_dates=False) as line,
                pytest.raises(UnreadableError) as raised,
            ):
                line.post(server.url, b"{}", 100)
            assert raised.value.said == sentences.CENTRE_OTHER
            assert server.raw == []
    (tmp_path / "c").mkdir()
    with OfficeServer(tmp_path / "c", ends=datetime(2020, 6, 1)) as old:  # noqa: DTZ001 - a certificate's own way
        box = enrolling(tmp_path, made, old)
        body = msgspec.json.encode({"v": 1, "token": TOKEN, "csr": box.request.read_text()})
        with caller(old, check_dates=False) as line:
            assert line.post(old.url, body, 10_000).status == 200
        with caller(old) as line, pytest.raises(UnreadableError):
            line.post(old.url, body, 10_000)


def test_from_the_offices_commands_to_the_boxes_certificate(made: Made, tmp_path: Path):
    """The real office: station added, invited, profile signed, stick read, certificate by network, once."""
    state = tmp_path / "centre"
    made_centre.make(state)
    words = ["station", "add", STATION, "--region", "653101", "--title", "Hall", "--site", "site-7"]
    assert central(state, *words).returncode == 0
    pem = (state / "authority/authority.pem").read_text()
    with Process(state, "enrol", "--address", "127.0.0.1", "--port", "0") as server:
        url = re.search(r"https://\S+/enrol", server.wait_for("enrolment: "))[0]
        lines = central(state, "station", "invite", STATION, "--url", url).stdout
        invitation = Invitation(url=url, token=re.search(r'token = "(\w+)"', lines)[1])
        boxes = [
            NetBox(tmp_path / name, copied(made, tmp_path / f"made-{name}"), Network(), invitation)
            for name in ("first", "second")
        ]
        for number, box in enumerate(boxes):
            box.provision(copied(made, tmp_path / f"made-{number}"), pem)
            said = box.fetch()
            assert (box.state / "certificate.pem").exists() is (number == 0), said
        assert sentences.TOKEN_USED.zh in said
