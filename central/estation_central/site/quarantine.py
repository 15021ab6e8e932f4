"""What came from boxes and could not be read: the newest first, cut short; for who looks after the whole network."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.site.page import page, part_of
from estation_central.stations.models import Quarantined

SHOWN: Final = 120  # bytes of a message on the page: enough to see what it is


@require_safe
@needs(Right.ADMINISTER)
def quarantine(request: HttpRequest) -> HttpResponse:
    """Topic, reason and beginning of each message; as text that cannot act, whatever a box sent."""
    if not scope.may_everywhere(request.user, Right.ADMINISTER):
        raise PermissionDenied
    part = part_of(request, Quarantined.objects.order_by("-received", "-id"))
    lines = [(each, ascii(bytes(each.payload[:SHOWN]))[2:-1], len(each.payload)) for each in part]
    return page(request, "quarantine.html", {"part": part, "messages_of_boxes": lines})
