"""The registry in files, by the page: look at what a file would do, then say yes; and everything as one file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.registry.models import Draft, Transfer
from estation_central.registry.transfer import booking, files
from estation_central.registry.transfer.past import PAST
from estation_central.registry.transfer.sheets import SHEETS
from estation_central.site.page import page

DRAFT_KEPT: Final = timedelta(days=1)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileForm(forms.Form):
    """A file of tables."""

    file = forms.FileField(label=gettext_lazy("CSV or XLSX file"), max_length=200)


@require_http_methods(["GET", "POST"])
@needs(Right.REGISTER)
def import_file(request: HttpRequest) -> HttpResponse:
    """Send a file and see what it would do; ``do=take`` with the digest of what was seen does it, ``do=drop`` not."""
    user, now = _registrar(request), datetime.now(UTC)
    Draft.objects.filter(at__lt=now - DRAFT_KEPT).delete()
    draft = Draft.objects.filter(user=user).first()
    form = FileForm(request.POST, request.FILES) if "file" in request.FILES else FileForm()
    if request.method == "POST" and request.POST.get("do") == "drop":
        Draft.objects.filter(user=user).delete()
        return redirect("import")
    if request.method == "POST" and draft is not None and request.POST.get("do") == "take":
        return _take(request, draft, user, now)
    if form.is_bound and form.is_valid():
        content = form.cleaned_data["file"].read(files.FILE_BYTES + 1)
        if len(content) > files.FILE_BYTES:
            form.add_error("file", _("The file is too large."))
        else:
            words = {"name": form.cleaned_data["file"].name[:200], "content": content, "at": now}
            draft, _made = Draft.objects.update_or_create(user=user, defaults=words)
    return _show(request, draft, form, now)


def _take(request: HttpRequest, draft: Draft, user: User, now: datetime) -> HttpResponse:
    seen = request.POST.get("seen", "")
    outcome = booking.import_file(draft.name, bytes(draft.content), user, now, expected=seen or "none")
    if outcome.faults or outcome.digest != seen:
        messages.warning(request, _("The registry has changed since you looked: look again."))
        return redirect("import")
    draft.delete()
    messages.success(request, _("The file was taken in, whole."))
    return redirect("import")


def _show(request: HttpRequest, draft: Draft | None, form: FileForm, now: datetime) -> HttpResponse:
    outcome = None
    if draft is not None:
        try:
            outcome = booking.preview_file(draft.name, bytes(draft.content), now)
        except ValidationError as error:
            form.add_error(None, error) if form.is_bound else messages.error(request, " ".join(error.messages))
            draft.delete()
            draft = None
    words = {
        "form": form,
        "draft": draft,
        "outcome": outcome,
        "sheets": SHEETS,
        "past": PAST,
        "transfers": Transfer.objects.all()[:20],
    }
    return page(request, "import.html", words)


@require_http_methods(["POST"])
@needs(Right.REGISTER)
def export_file(request: HttpRequest) -> HttpResponse:
    """Everything as one XLSX file; it holds officers' data, and that it was given out is logged."""
    user, now = _registrar(request), datetime.now(UTC)
    name = f"registry-{now:%Y-%m-%d}.xlsx"
    answer = HttpResponse(booking.export_file(name, user, now), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _registrar(request: HttpRequest) -> User:
    """A file may touch every place: it takes an administrator of the whole network."""
    if not isinstance(request.user, User) or not scope.may_everywhere(request.user, Right.REGISTER):
        raise PermissionDenied
    return request.user
