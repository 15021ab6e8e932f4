"""The call as a WSGI application of its own: no cookie, no page, no login, one small answer.

It must run where the authority's key is; the pages need not. Boxes know its certificate by their profile's authority.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec
from django.db import DatabaseError, close_old_connections

from estation_central.authority.certificates import AuthorityError
from estation_central.authority.folder import Authority
from estation_central.enrolment.register import certify
from estation_central.enrolment.rules import BUSY_SECONDS, Turnstile
from estation_wire.enrolment import CERTIFICATE_TYPE, REQUEST_LIMIT_BYTES, EnrolmentRefused, EnrolmentRequest
from estation_wire.errors import WireError
from estation_wire.library import decode_document
from estation_wire.values import CONTRACT_MAJOR

PATH: Final = "/enrol"
MOST_DIGITS: Final = 9
_JSON: Final = "application/json"
_BUSY: Final = (("Retry-After", str(BUSY_SECONDS)),)
log = logging.getLogger("estation-enrolment")


class Answer(NamedTuple):
    """What goes back."""

    status: HTTPStatus
    body: bytes = b""
    kind: str = "text/plain"
    headers: tuple[tuple[str, str], ...] = ()


class Enrolment:
    """Answers ``POST /enrol``. ``signed``: called after each certificate, for what the broker must know of it."""

    def __init__(self, authority: Authority, signed: Callable[[], None]) -> None:
        self._authority = authority
        self._signed = signed
        self._turnstile = Turnstile()

    def __call__(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """One call."""
        answer = self._answer(environ)
        length = str(len(answer.body))
        headers = [("Content-Type", answer.kind), ("Content-Length", length), ("Cache-Control", "no-store")]
        start(f"{answer.status.value} {answer.status.phrase}", [*headers, *answer.headers])
        return [answer.body]

    def _answer(self, environ: Mapping[str, Any]) -> Answer:
        refused = _refused(environ)
        if refused is not None:
            return refused
        if not self._turnstile.lets_in(time.monotonic()):
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, headers=_BUSY)
        try:
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            asked = decode_document(EnrolmentRequest, body)
        except WireError:
            return Answer(HTTPStatus.BAD_REQUEST)
        return self._certified(asked)

    def _certified(self, asked: EnrolmentRequest) -> Answer:
        close_old_connections()
        try:
            result = certify(asked, self._authority, datetime.now(UTC))
            if isinstance(result, bytes):
                self._signed()
        except (AuthorityError, DatabaseError, OSError) as error:
            log.error("no certificate can be given: %s", error)  # noqa: TRY400 - its cause is in the words
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, headers=_BUSY)
        finally:
            close_old_connections()
        if isinstance(result, bytes):
            return Answer(HTTPStatus.OK, result, CERTIFICATE_TYPE)
        log.warning("refused: %s", result)
        return Answer(HTTPStatus.FORBIDDEN, msgspec.json.encode(EnrolmentRefused(v=CONTRACT_MAJOR, why=result)), _JSON)


def _refused(environ: Mapping[str, Any]) -> Answer | None:
    """The answer to what cannot be a call, before a byte of its body is read."""
    length = str(environ.get("CONTENT_LENGTH") or "")
    faults = (
        (environ.get("PATH_INFO") != PATH, HTTPStatus.NOT_FOUND),
        (environ.get("REQUEST_METHOD") != "POST", HTTPStatus.METHOD_NOT_ALLOWED),
        (not (length.isascii() and length.isdecimal()), HTTPStatus.LENGTH_REQUIRED),
    )
    status = next((status for wrong, status in faults if wrong), None)
    if status is None and (len(length) > MOST_DIGITS or int(length) > REQUEST_LIMIT_BYTES):
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return Answer(status) if status is not None else None
