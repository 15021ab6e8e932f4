"""The log: who changed what, and who looked at officers' data."""

from __future__ import annotations

from typing import Final

from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.site.page import page, part_of

WORDS: Final = {
    LogEntry.Action.CREATE: gettext_lazy("made"),
    LogEntry.Action.UPDATE: gettext_lazy("changed"),
    LogEntry.Action.DELETE: gettext_lazy("deleted"),
    LogEntry.Action.ACCESS: gettext_lazy("looked at"),
}


@require_safe
@needs(Right.ADMINISTER)
def log(request: HttpRequest) -> HttpResponse:
    """Newest first; for administrators of the whole network, since it names objects of every place."""
    if not scope.may_everywhere(request.user, Right.ADMINISTER):
        raise PermissionDenied
    part = part_of(request, LogEntry.objects.select_related("actor", "content_type").order_by("-timestamp", "-id"))
    lines = [
        {
            "at": entry.timestamp,
            "who": entry.actor.get_username() if entry.actor else "",
            "did": WORDS[entry.action],
            "what": entry.content_type.model_class()._meta.verbose_name,  # noqa: SLF001 (Django's documented word)
            "which": entry.object_repr,
            "changes": _changes(entry),
        }
        for entry in part
    ]
    return page(request, "log.html", {"part": part, "entries": lines})


def _changes(entry: LogEntry) -> list[str]:
    told = entry.changes_dict
    return [
        f"{name}: {' → '.join(map(str, pair))}"[:200] for name, pair in sorted(told.items()) if isinstance(pair, list)
    ]
