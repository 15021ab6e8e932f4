"""The enrolment call over HTTPS, through urllib3: one post, no redirect, a bounded answer, and a deadline."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Self

import urllib3
from cryptography import x509

from estation_box.drivers.http_answer import AgainError, end, pool, translated
from estation_box.drivers.keys import certifies
from estation_box.drivers.tls import tls
from estation_box.library.interfaces import UnreadableError
from estation_box.library.network import asked_wait
from estation_box.library.network_interfaces import LaterError
from estation_box.provisioning import sentences
from estation_box.provisioning.interfaces import Posted

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0
POST_SECONDS: Final = 60.0  # the whole answer, however it drips
PORTION_BYTES: Final = 1024
BUSY_SECONDS: Final = 600.0  # where a busy server names no time


class HttpsCaller:
    """See `Caller`. ``authority``: the centre's private CA in PEM, and nobody else's. Closed by ``with``."""

    def __init__(self, authority: str, *, proxy: str | None, check_dates: bool, seconds: float = POST_SECONDS) -> None:
        """``seconds``: how long one answer may take. Raises `UnreadableError` where ``authority`` is none."""
        self._pool = pool(tls(authority, check_dates=check_dates), proxy)
        self._seconds = seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def post(self, url: str, body: bytes, limit: int) -> Posted:
        """See `Caller.post`."""
        try:
            with translated():
                return self._post(url, body, limit)
        except AgainError as error:
            raise LaterError(sentences.CENTRE_AWAY, str(error), error.asked or 0.0) from error
        except LaterError:
            raise
        except UnreadableError as error:  # TLS: another server
            raise UnreadableError(sentences.CENTRE_OTHER, str(error)) from error

    def _post(self, url: str, body: bytes, limit: int) -> Posted:
        until = time.monotonic() + self._seconds
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "estation"}
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=min(READ_SECONDS, self._seconds))
        response = self._pool.request(
            "POST",
            url,
            body=body,
            headers=headers,
            preload_content=False,
            redirect=False,
            retries=False,
            timeout=timeout,
        )
        try:
            if response.status == 429 or response.status >= 500:
                asked = asked_wait(response.headers.get("Retry-After"), datetime.now(UTC))
                seconds = BUSY_SECONDS if asked is None else asked
                raise LaterError(sentences.CENTRE_BUSY, f"status {response.status}", seconds)
            answer = bytearray()
            while len(answer) <= limit and (portion := response.read1(PORTION_BYTES, decode_content=False)):
                answer += portion
                if time.monotonic() > until:
                    raise LaterError(sentences.CENTRE_AWAY, f"no end of it within {self._seconds:.0f} s", BUSY_SECONDS)
        finally:
            end(response)
        if len(answer) > limit:
            raise LaterError(sentences.CENTRE_STRANGE, f"more than {limit} bytes", BUSY_SECONDS)
        return Posted(response.status, response.headers.get("Content-Type", ""), bytes(answer))


class RequestRegistry:
    """See `Registry`."""

    def answers(self, certificate: bytes, *, request: bytes, station: str, authority: str) -> bool:
        """See `Registry.answers`."""
        try:
            key = x509.load_pem_x509_csr(request).public_key()
        except ValueError:
            return False
        return certifies(certificate, key=key, station=station, authority=authority)
