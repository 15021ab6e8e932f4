"""The log: who changed what, and who looked at officers' data."""

from __future__ import annotations

from typing import Any, Final

from auditlog.models import LogEntry
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.alerts.wording import NAMES
from estation_central.site import wording
from estation_central.site.page import page, part_of

WORDS: Final = {
    LogEntry.Action.CREATE: pgettext_lazy("log", "made"),
    LogEntry.Action.UPDATE: gettext_lazy("changed"),
    LogEntry.Action.DELETE: gettext_lazy("deleted"),
    LogEntry.Action.ACCESS: gettext_lazy("looked at"),
}
WHAT: Final[dict[str, Promise]] = {
    "api.apitoken": gettext_lazy("token for a program"),
    "ledger.batch": gettext_lazy("batch of payments"),
    "ledger.budget": gettext_lazy("budget"),
    "ledger.excusedweek": gettext_lazy("excused week"),
    "ledger.ledgerterms": gettext_lazy("terms of the subsidy"),
    "ledger.receipt": gettext_lazy("receipt"),
    "otp_static.staticdevice": gettext_lazy("second factor on paper"),
    "otp_totp.totpdevice": gettext_lazy("second factor on a phone"),
    "registry.body": gettext_lazy("body"),
    "registry.calendar": gettext_lazy("calendar"),
    "registry.closedweek": gettext_lazy("closed week"),
    "registry.region": gettext_lazy("region"),
    "registry.regioncode": gettext_lazy("code of a region"),
    "registry.site": gettext_lazy("site"),
    "stations.command": gettext_lazy("command"),
    "stations.enrolmenttoken": gettext_lazy("invitation of a box"),
    "stations.station": gettext_lazy("station"),
}
"""Names of what has none in its model; a name there would be a migration."""
FIELDS: Final[dict[str, Promise]] = {
    "acknowledged": gettext_lazy("taken up"),
    "box": gettext_lazy("box"),
    "by": gettext_lazy("by"),
    "calendar": gettext_lazy("calendar"),
    "confirmed": gettext_lazy("confirmed"),
    "daily": gettext_lazy("only the digest of the day"),
    "ending": gettext_lazy("recall"),
    "expires": gettext_lazy("until"),
    "hook": gettext_lazy("web hook"),
    "is_superuser": gettext_lazy("everything"),
    "language": gettext_lazy("language"),
    "mail": gettext_lazy("by mail to"),
    "name": gettext_lazy("name"),
    "not_after": gettext_lazy("until"),
    "officer": gettext_lazy("information officer"),
    "path": gettext_lazy("where it lies"),
    "payment": gettext_lazy("payment"),
    "payments": gettext_lazy("payments"),
    "region": gettext_lazy("region"),
    "shown_as": gettext_lazy("its name for boxes"),
    "site": gettext_lazy("site"),
    "station": gettext_lazy("station"),
    "user": gettext_lazy("user"),
    "yuan": gettext_lazy("yuan"),
}
VALUES: Final[dict[str, Promise | str]] = {
    "None": "–",
    "null": "–",
    "True": gettext_lazy("yes"),
    "False": gettext_lazy("no"),
    **{kind.value: name for kind, name in NAMES.items()},
}
"""As the log writes them."""


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
            "what": what(entry.content_type.model_class()),
            "which": entry.object_repr,
            "changes": _changes(entry),
        }
        for entry in part
    ]
    return page(request, "log.html", {"part": part, "entries": lines})


def what(model: Any) -> str:
    """The name of a model for people."""
    label, own = model._meta.label_lower, model._meta.verbose_name  # noqa: SLF001 (Django's documented word)
    return str(WHAT.get(label, own))


def _changes(entry: LogEntry) -> list[str]:
    """What was ordered, for a command; then each field, before and after."""
    model, told = entry.content_type.model_class(), entry.changes_dict
    ordered = (entry.additional_data or {}).get("do")
    lines = [_("ordered: %(what)s") % {"what": wording.ORDERED.get(ordered, ordered)}] if ordered else []
    pairs = sorted((name, pair) for name, pair in told.items() if isinstance(pair, list))
    return lines + [_change(model, name, pair)[:200] for name, pair in pairs]


def _change(model: Any, name: str, pair: list[Any]) -> str:
    """A field and its values as people call them."""
    words = {str(value): str(word) for value, word in getattr(_field(model, name), "flatchoices", ())}
    before, after = (words.get(each) or str(VALUES.get(each, each)) for each in map(str, pair))
    return f"{field_name(model, name)}: {before} → {after}"


def field_name(model: Any, name: str) -> str:
    """The name of a field for people."""
    own: Any = getattr(_field(model, name), "verbose_name", name)
    return str(FIELDS.get(name) or own)


def _field(model: Any, name: str) -> Any:
    """A model's field; None for what stands in an entry beside them."""
    try:
        return model._meta.get_field(name)  # noqa: SLF001 (Django's documented word)
    except FieldDoesNotExist:
        return None
