"""Reports that sticks brought home, by the page: each file's fate in a line, and the acknowledgements to take back.

A report is believed for its box's signature, not for who brings it. So a stick is not turned away because a station on
it stands in another county: the report counts, and of that station nothing more is told than its file says itself; its
acknowledgement is for those whose station it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import Struct

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.authority.folder import Authority
from estation_central.collector import reports as counting
from estation_central.collector.reports import ACK_JOURNALS, Counter, Opened, ReportError, Why
from estation_central.collector.stores import store_of
from estation_central.registry.models import Delivery
from estation_central.site import wording
from estation_central.site.page import page
from estation_central.stations.models import Watermark
from estation_wire import stick

MOST_FILES: Final = 100  # at once: a box leaves as many in a visit, and all of them are stored in some seconds
MOST_AN_HOUR: Final = 120  # deliveries of one user: a carload of sticks, and no flood
KEPT: Final = timedelta(days=400)  # a delivery in the list: more than a year
LISTED: Final = 20
NAME_LENGTH: Final = 80
OF_THE_STATION: Final = frozenset({Why.UNKNOWN, Why.FOREIGN})


class Line(Struct, kw_only=True):
    """What became of one file. ``why``: it was refused; ``fresh``: so many of its records were not here before."""

    file: str
    report: Opened | None = None
    fresh: int = 0
    why: Why | None = None

    @property
    def station(self) -> str:
        """The station's name, as the file itself says it."""
        return self.report.head.station if self.report else ""

    @property
    def order(self) -> tuple[str, str, int]:
        """In which reports are to be taken: what lacks its beginning is refused."""
        head = self.report.head if self.report else None
        return ("", "", 0) if head is None else (head.station, head.journal, head.first)


@require_http_methods(["GET", "POST"])
@needs(Right.CARRY)
def reports(request: HttpRequest) -> HttpResponse:
    """Hand in the report files of a stick, several at once."""
    user, now = _carrier(request), datetime.now(UTC)
    if request.method != "POST":
        return _show(request, user)
    every = [*request.FILES.getlist("reports"), *request.FILES.getlist("folder")]
    files = [each for each in every if (each.name or "").endswith(stick.REPORT_SUFFIX)]
    if not files:
        return _show(request, user, _("Choose report files: their names end in .report."), 400)
    if len(files) > MOST_FILES:
        told = _("These are %(count)d reports: hand in %(most)d at most at once, and then the others.")
        return _show(request, user, told % {"count": len(files), "most": MOST_FILES}, 400)
    if Delivery.objects.filter(by=user, at__gt=now - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        return _show(request, user, _("That was often enough for this hour: go on in the next."), 429)
    return _hand_in(request, user, files, now)


def _hand_in(request: HttpRequest, user: User, files: Iterable[UploadedFile[bytes]], now: datetime) -> HttpResponse:
    lines = sorted(map(_read, files), key=lambda line: line.order)
    fault = ""
    with closing(store_of(settings.CENTRE)) as store:
        counter = Counter(Authority(settings.CENTRE.authority), store)
        try:
            for line in lines:
                _take(counter, line, now)
        except OSError:
            fault = _("The centre cannot store anything just now: hand the files that are not below in again later.")
            lines = [line for line in lines if line.why or line.fresh >= 0]
    good = [line for line in lines if not line.why]
    Delivery.objects.filter(by=user, at__lt=now - KEPT).delete()
    sums = {"taken": len(good), "refused": len(lines) - len(good), "records": sum(line.fresh for line in good)}
    Delivery.objects.create(at=now, by=user, **sums)
    words = _told(user, lines, good) | sums
    return _show(request, user, fault, HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK, **words)


def _read(file: UploadedFile[bytes]) -> Line:
    name = (file.name or "")[-NAME_LENGTH:]
    try:
        return Line(file=name, report=counting.opened(file.read(stick.REPORT_LIMIT_BYTES + 1)), fresh=-1)
    except ReportError as error:
        return Line(file=name, why=error.why)


def _take(counter: Counter, line: Line, now: datetime) -> None:
    if line.report is None:
        return
    try:
        line.fresh = counter.take(line.report, now).fresh
    except ReportError as error:
        line.why, line.fresh = error.why, 0


def _told(user: User, lines: list[Line], good: list[Line]) -> dict[str, Any]:
    """The lines, with the stations' titles, and the acknowledgements, as far as the stations are the user's."""
    names = {line.station for line in lines if line.station}
    titles = dict(scope.stations(user, Right.CARRY).filter(name__in=names).values_list("name", "title"))
    everywhere = scope.may_everywhere(user, Right.CARRY)
    journals: dict[str, dict[str, None]] = {}
    for line in good:
        if line.report is not None and (everywhere or line.station in titles):
            journals.setdefault(line.station, {})[line.report.head.journal] = None
    rows = [
        (line, titles.get(line.station, ""), _words(line, ours=everywhere or line.station in titles)) for line in lines
    ]
    acks = [
        (f"{name}.ack", titles.get(name, ""), f"{reverse('report-ack', kwargs={'name': name})}?{_asked(some)}")
        for name, some in journals.items()
    ]
    return {"rows": rows, "acks": acks}


def _words(line: Line, *, ours: bool) -> Promise | str:
    """Why it was refused; whoever may not see a station does not learn by a file whether there is one of that name."""
    if line.why is None:
        return ""
    return wording.REPORT_OF_OTHERS if line.why in OF_THE_STATION and not ours else wording.REPORT[line.why]


def _asked(journals: Iterable[str]) -> str:
    return urlencode([("journal", each) for each in list(journals)[:ACK_JOURNALS]])


@require_safe
@needs(Right.CARRY)
def ack(request: HttpRequest, name: str) -> HttpResponse:
    """What the next stick tells a box of its journals, signed by the authority; see `estation_wire.stick`."""
    user = _carrier(request)
    ours = scope.stations(user, Right.CARRY).filter(name=name).exists()
    if not ours and not scope.may_everywhere(user, Right.CARRY):
        raise Http404
    known = Watermark.objects.filter(station=name, journal__in=request.GET.getlist("journal")[:ACK_JOURNALS])
    marks = dict(known.filter(watermark__gt=0).values_list("journal", "watermark"))
    if not marks:
        raise Http404
    raw = counting.ack(Authority(settings.CENTRE.authority), name, marks, datetime.now(UTC))
    answer = HttpResponse(raw, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ack"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _show(request: HttpRequest, user: User, fault: str = "", status: int = 200, **words: Any) -> HttpResponse:
    before = Delivery.objects.filter(by=user)[:LISTED]
    limits = {"most": MOST_FILES, "acks_folder": stick.ACKS, "returned_folder": stick.RETURNED}
    return page(request, "reports.html", {"fault": fault, "before": before} | limits | words, status=status)


def _carrier(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
