"""What a browser may do with our pages: load from here, and nothing else; and send no more than a file of tables."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse

from estation_central.registry.transfer.files import FILE_BYTES

POLICY: Final = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"

_log = logging.getLogger("estation.site")

TOO_LARGE: Final = (
    "文件总共超过 8 MiB，请返回后分几次上传。\nMore than 8 MiB together: go back, and send it in parts.\n"
)
BODY_BYTES: Final = FILE_BYTES + 64 * 1024  # the form around the file


def told(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say of every request which page it was, what became of it and how long it took; not who asked, nor from where."""

    def respond(request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        response = get_response(request)
        match = request.resolver_match
        facts = {
            "page": match.view_name if match else "",
            "method": request.method or "",
            "status": response.status_code,
            "milliseconds": round((time.monotonic() - begun) * 1000),
        }
        _log.log(logging.ERROR if response.status_code >= 500 else logging.INFO, "asked", extra={"facts": facts})
        return response

    return respond


def bounded_body(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a longer body before a byte of it is read; one that does not say its length is not read at all."""

    def respond(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or len(length) > 9 or int(length) > BODY_BYTES:
            told = {"status": HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "content_type": "text/plain; charset=utf-8"}
            return HttpResponse(TOO_LARGE, **told)
        return get_response(request)

    return respond


def content_security(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Add the content security policy to every answer."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return respond
