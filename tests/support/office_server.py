"""An office's enrolment call with every fault: a real HTTPS server with the product's own authority behind it."""

from __future__ import annotations

import contextlib
import ssl
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives import serialization

from estation_central.authority import certificates
from estation_wire.enrolment import EnrolmentRequest
from tests.support.served import Served

TOKEN = "9f86d081884c7d659a2feaa0c55ad015"


class Answer(NamedTuple):
    """What the office says next; ``slow``: seconds between two bytes of the body."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    slow: float = 0.0


class OfficeServer(Served):
    """Signs what is posted, unless ``answers`` say something else first. ``ends``: of its own certificate."""

    def __init__(self, folder: Path, *, ends: datetime | None = None, host: str = "localhost") -> None:
        self.pair = certificates.make_authority()
        self.answers: list[Answer] = []
        self.posted: list[EnrolmentRequest] = []
        self.raw: list[bytes] = []
        outer = self

        class Handler(_Handler):
            office = outer

        made = certificates.issue_server(self.pair, [host], (ends or datetime(2060, 1, 1)) - certificates.SERVER_LIFE)  # noqa: DTZ001 - a certificate's own way
        key = made.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = folder / "office-server.pem"
        file.write_bytes(key + made.certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        super().__init__(Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self.port}/enrol"

    @property
    def pem(self) -> str:
        return self.pair.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, csr: str, station: str = "hall-0007") -> bytes:
        signed = certificates.sign_request(self.pair, csr.encode(), station, "653101")
        return signed.public_bytes(serialization.Encoding.PEM)


class _Handler(BaseHTTPRequestHandler):
    office: OfficeServer

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.office.raw.append(raw)
        asked = msgspec.json.decode(raw, type=EnrolmentRequest)
        self.office.posted.append(asked)
        given = self.office.answers.pop(0) if self.office.answers else Answer(body=self.office.sign(asked.csr))
        self.send_response(given.status)
        for name, value in (("Content-Type", given.kind), ("Content-Length", str(len(given.body))), *given.headers):
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            for byte in given.body if given.slow else ():
                self.wfile.write(bytes([byte]))
                time.sleep(given.slow)
            if not given.slow:
                self.wfile.write(given.body)
