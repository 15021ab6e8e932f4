"""A centre whose enrolment call is served by the real gunicorn over TLS, and a box's request for a certificate."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.central_here import here
from tests.support.centre import REGION, Process

URL = "https://localhost:8444/enrol"
ADD = ["--region", REGION, "--title", "Hall", "--site", "site-7"]


def request(station: str, key: ec.EllipticCurvePrivateKey | None = None) -> str:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, station)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = builder.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


class Answer(NamedTuple):
    status: int
    body: bytes
    again: str | None

    @property
    def why(self) -> str:
        return json.loads(self.body)["why"]


class Office:
    """A centre whose enrolment call is served by the real gunicorn over TLS."""

    def __init__(self, state: Path, database: str, port: int) -> None:
        self.state, self.database, self.port = state, database, port
        self.context = ssl.create_default_context(cafile=str(state / "authority/authority.pem"))

    def command(self, *words: str) -> str:
        done = here(self.state, *words, database=self.database)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add(self, station: str) -> str:
        """A registered station; its token."""
        self.command("station", "add", station, *ADD)
        return self.invite(station)

    def invite(self, station: str) -> str:
        return re.search(r'token = "([0-9a-f]{32})"', self.command("station", "invite", station, "--url", URL))[1]

    def post(self, body: bytes | dict, *, path: str = "/enrol", method: str = "POST") -> Answer:
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.context, timeout=10)
        connection.request(method, path, body if isinstance(body, bytes) else json.dumps(body))
        answer = connection.getresponse()
        told = Answer(answer.status, answer.read(), answer.headers["Retry-After"])
        assert answer.headers["Set-Cookie"] is None
        connection.close()
        return told

    def ask(self, token: str, csr: str) -> Answer:
        return self.post({"v": 1, "token": token, "csr": csr})


@contextmanager
def served(state: Path, database: str = "") -> Iterator[Office]:
    """The call of the centre in ``state``."""
    with Process(state, "enrol", "--address", "127.0.0.1", "--port", "0", database=database) as server:
        told = server.wait_for("enrolment: ")
        yield Office(state, database, int(re.search(r":(\d+)/enrol", told)[1]))
