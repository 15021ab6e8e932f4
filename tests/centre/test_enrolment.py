"""A box gets its certificate over the network: once, for one key, by the token in its profile."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from estation_central.authority.folder import SERVER, Authority
from estation_central.enrolment.rules import LIFE, Given, Turnstile, digest, make_token, refusal
from estation_central.enrolment.server import Impatient
from estation_wire import stick
from estation_wire.enrolment import REQUEST_LIMIT_BYTES
from tests.support.central_here import here
from tests.support.centre import NOW, REGION
from tests.support.enrolment import ADD, URL, Answer, Office, request, served

LISTED_SECONDS = 20.0


@pytest.fixture
def office(django: Path, state: Path) -> Iterator[Office]:
    """Over SQLite."""
    with served(state) as made:
        yield made


@pytest.fixture
def any_office(django: Path, database: str, state: Path) -> Iterator[Office]:
    """Over either kind of database."""
    with served(state, database) as made:
        yield made


def test_a_token_is_worth_one_certificate_for_one_key(any_office: Office) -> None:
    """The box gets its certificate, and the same one when the answer was lost; another box gets none for that token."""
    token, key = any_office.add("hall-0001"), ec.generate_private_key(ec.SECP256R1())
    first = any_office.ask(token, request("hall-0001", key))
    assert first.status == 200
    certificate = x509.load_pem_x509_certificate(first.body)
    certificate.verify_directly_issued_by(
        x509.load_pem_x509_certificate((any_office.state / "authority/authority.pem").read_bytes())
    )
    assert certificate.subject.rfc4514_string() == f"CN={REGION}/hall-0001"
    assert certificate.public_key() == key.public_key()
    assert any_office.ask(token, request("hall-0001", key)).body == first.body
    thief = any_office.ask(token, request("hall-0001"))
    assert (thief.status, thief.why) == (403, "used")
    assert len(list((any_office.state / "authority/issued/hall-0001").iterdir())) == 1


def test_a_token_of_no_worth(any_office: Office, query) -> None:
    """Invented, for another station, replaced, taken back, or 60 days old: refused, and the word says which."""
    old, other = any_office.add("hall-0001"), any_office.add("hall-0002")
    new = any_office.invite("hall-0001")
    mine = request("hall-0001")
    assert any_office.ask("0" * 32, mine).why == "unknown"
    assert any_office.ask(old, mine).why == "unknown"
    assert any_office.ask(other, mine).why == "request"
    any_office.command("revoke", "hall-0002")
    assert any_office.ask(other, request("hall-0002")).why == "unknown"
    stored = query("SELECT digest, not_after FROM enrolment_token")
    assert [row[0] for row in stored] == [digest(new)], "the token itself is kept nowhere"
    query("UPDATE enrolment_token SET not_after = '2026-01-01T00:00:00+00:00'")
    assert any_office.ask(new, mine).why == "expired"
    assert not list((any_office.state / "authority").glob("issued/*/*"))


def test_after_a_revocation_a_new_box_gets_a_name_of_its_own(office: Office) -> None:
    """A stolen box's certificate and token are void; the next profile's token makes the next box the station."""
    token = office.add("hall-0001")
    assert office.ask(token, request("hall-0001")).status == 200
    office.command("revoke", "hall-0001")
    assert office.ask(token, request("hall-0001")).why == "unknown"
    second = office.ask(office.invite("hall-0001"), request("hall-0001"))
    assert x509.load_pem_x509_certificate(second.body).subject.rfc4514_string() == f"CN={REGION}/hall-0001.2"
    until = time.monotonic() + LISTED_SECONDS
    while f"{REGION}/hall-0001.2" not in (office.state / "broker/access").read_text():
        assert time.monotonic() < until, "the broker's list is written soon after"
        time.sleep(0.05)


def test_two_boxes_with_one_token_at_once(any_office: Office) -> None:
    """Eight boxes with copies of one stick call in the same moment: one of them becomes the station."""
    token = any_office.add("hall-0001")
    requests = [request("hall-0001") for _ in range(8)]
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda csr=csr: answers.append(any_office.ask(token, csr))) for csr in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(answer.status for answer in answers) == [200] + [403] * 7
    assert len(list((any_office.state / "authority/issued/hall-0001").iterdir())) == 1


def test_what_came_home_by_stick_uses_the_token_up(office: Office, tmp_path: Path) -> None:
    """The certificate that was signed from a stick is the one that the network brings too, and for no other key."""
    token, key = office.add("hall-0001"), ec.generate_private_key(ec.SECP256R1())
    returned = tmp_path / stick.returned("hall-0001")
    returned.mkdir(parents=True)
    (returned / stick.REQUEST).write_text(request("hall-0001", key))
    office.command("sign-requests", str(tmp_path))
    signed = (tmp_path / stick.certificate("hall-0001")).read_bytes()
    assert office.ask(token, request("hall-0001")).why == "used"
    assert office.ask(token, request("hall-0001", key)).body == signed


def test_what_is_no_call_is_refused_quickly(office: Office) -> None:
    """Nonsense, too much of it, tampered requests and other paths get a short word, and the next call is answered."""
    token, mine = office.add("hall-0001"), request("hall-0001")
    lines = mine.splitlines()
    lines[4] = lines[4][:10] + ("A" if lines[4][10] != "A" else "B") + lines[4][11:]
    assert office.ask(token, "\n".join(lines)).why == "request"
    assert office.ask(token, "-----BEGIN CERTIFICATE REQUEST-----").why == "request"
    for body, status in (
        (b"", 400), (b"{}", 400), (b"[" * 5000, 400), (b"\xff", 400), (b" " * (REQUEST_LIMIT_BYTES + 1), 413),
        ({"v": 1, "token": "x" * 32, "csr": mine}, 400), ({"v": 1, "token": token, "csr": "x" * 5000}, 400),
        ({"v": 2, "token": token, "csr": mine}, 400),
    ):  # fmt: skip
        assert office.post(body).status == status
    assert office.post(b"", path="/").status == 404
    assert office.post(b"", path="/enrol", method="GET").status == 405
    with (
        socket.create_connection(("localhost", office.port), timeout=5) as raw,
        office.context.wrap_socket(raw, server_hostname="localhost") as line,
    ):
        line.sendall(b"POST /enrol HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n")
        assert b"411" in line.recv(200).splitlines()[0]
    assert office.ask(token, mine).status == 200


def test_a_call_that_drips_is_ended(made_centre: Path) -> None:
    """A byte now and then keeps no thread busy: the whole call has its time, and what comes later is not read."""

    class Hasty(Impatient):
        longest = 0.5

    authority = Authority(made_centre / "authority")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(*authority.pair(SERVER))
    serving.sslsocket_class = Hasty
    calling = ssl.create_default_context(cafile=str(made_centre / "authority/authority.pem"))
    here, there = socket.socketpair()
    over = threading.Event()

    def drip() -> None:
        with calling.wrap_socket(there, server_hostname="localhost") as line, contextlib.suppress(OSError):
            while not over.wait(0.05):
                line.sendall(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    with serving.wrap_socket(here, server_side=True, do_handshake_on_connect=False) as line:
        line.settimeout(None)  # as gunicorn does
        heard = 0
        with contextlib.suppress(TimeoutError):
            while got := line.recv(8192):
                heard += len(got)
        with pytest.raises(TimeoutError):
            line.recv(8192)
    over.set()
    dripping.join(5)
    assert heard > 1


def test_an_office_that_cannot_sign_asks_for_patience(office: Office) -> None:
    """Where the authority's key cannot be read the box is asked to come again, and the token is not used up."""
    token, mine = office.add("hall-0001"), request("hall-0001")
    key = office.state / "authority/authority.key"
    hidden = key.rename(key.with_suffix(".away"))
    answer = office.ask(token, mine)
    assert (answer.status, answer.body) == (503, b"")
    assert int(answer.again) > 0
    hidden.rename(key)
    assert office.ask(token, mine).status == 200


def test_only_registered_stations_are_invited(django: Path, state: Path) -> None:
    """A token is made for stations of the registry alone, and for an https address."""
    assert here(state, "station", "invite", "hall-0009", "--url", URL).returncode == 2
    here(state, "station", "add", "hall-0009", *ADD)
    assert here(state, "station", "invite", "hall-0009", "--url", "http://localhost/enrol").returncode == 2


def test_the_studio_takes_the_offices_lines_as_they_are(django: Path, state: Path, tmp_path: Path) -> None:
    """The clerk pastes what the office prints below the profile, and the box finds address and token in it."""
    here(state, "station", "add", "hall-0009", *ADD)
    lines = here(state, "station", "invite", "hall-0009", "--url", URL).stdout
    paper = tmp_path / "profile.toml"
    paper.write_text(
        f'station = "hall-0009"\nregion = "{REGION}"\nname = "Hall"\ntimezone = "Asia/Urumqi"\n'
        '[site]\nid = "site-7"\nkind = "village"\nname = "Village"\n'
        f'[centre]\nhost = "localhost"\nauthority_file = "{state}/authority/authority.pem"\n'
        '[network]\nlibrary = "https://kepu.example/library"\nauthority_file = "ca.pem"\n'
        '[[network.windows]]\ndays = ["SA", "SU"]\nbegin = "22:00"\nend = "24:00"\n' + lines
    )
    (tmp_path / "ca.pem").write_text("the library's own CA")
    made = subprocess.run(
        [sys.executable, "-c", SIGN, str(tmp_path), str(paper)], capture_output=True, text=True, check=True, timeout=30
    )
    url, token, ca = made.stdout.split("|")
    assert (url, ca.strip()) == (URL, "the library's own CA")
    assert token in lines


SIGN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from studio import profiles, publishing
now = datetime.now(UTC)
folder = Path(sys.argv[1]) / "studio"
publishing.init(folder, now=now)
made = profiles.read(profiles.sign_file(folder, Path(sys.argv[2]), now=now))
print(made.centre.enrolment.url, made.centre.enrolment.token, made.network.authority, sep="|")
"""


def test_the_rule_of_a_token() -> None:
    """Unused and young for its own station, or used by this very key, at any later time."""
    young = Given(station="a", not_after=NOW + LIFE)
    used = Given(station="a", not_after=NOW, key="k")
    assert refusal(young, "a", "k", NOW) is None
    assert refusal(young, "b", "k", NOW) == "request"
    assert refusal(young, "a", "k", NOW + LIFE) == "expired"
    assert refusal(used, "a", "k", NOW + timedelta(days=999)) is None
    assert refusal(used, "a", "j", NOW) == "used"
    assert refusal(None, "a", "k", NOW) == "unknown"
    assert len({make_token() for _ in range(100)}) == 100


def test_a_crowd_is_let_in_by_the_minute() -> None:
    """Sixty a minute: sixty at once, then one each second, and no more after a day of silence."""
    gate = Turnstile(60)
    assert sum(gate.lets_in(1000.0) for _ in range(100)) == 60
    assert [gate.lets_in(1000.0 + second) for second in (0.5, 1.0, 1.1)] == [False, True, False]
    assert sum(gate.lets_in(90_000.0) for _ in range(100)) == 60
