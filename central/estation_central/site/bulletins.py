"""Bulletins: a draft for those who sign, their letter back, to the boxes, on which screens it was, and its recall."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.bulletins import drafting, opening, posting, seeing
from estation_central.bulletins.drafting import NoticeError
from estation_central.bulletins.models import Notice, Place
from estation_central.bulletins.standing import listed, rows, sendings, standing
from estation_central.compliance import figures
from estation_central.site import wording
from estation_central.site.bulletin_form import LANGUAGES, BulletinForm
from estation_central.site.page import page, part_of
from estation_wire import bulletin_letter
from estation_wire.bulletin_letter import LETTER_LIMIT_BYTES


class LetterForm(forms.Form):
    """What came back from those who sign."""

    file = forms.FileField(label=gettext_lazy("signed document"), max_length=200)


@require_safe
@needs(Right.SEE)
def bulletins(request: HttpRequest) -> HttpResponse:
    """All bulletins for one's own sites, the newest first."""
    part = part_of(request, seeing.notices(request.user))
    told = [(each, _state(each)) for each in part]
    return page(request, "bulletins.html", {"part": part, "told": told, "may_write": _may_write(request)})


@require_http_methods(["GET", "POST"])
@needs(Right.WRITE)
def new(request: HttpRequest) -> HttpResponse:
    """A new draft."""
    user, now = _writer(request), datetime.now(UTC)
    form = BulletinForm(request.POST if request.method == "POST" else None, user=user, now=now)
    if form.is_bound and form.is_valid():
        here = reverse("public-bulletin", kwargs={"name": form.cleaned_data["name"]})
        try:
            made = drafting.draft(form.wanted(request.build_absolute_uri(here)), user, now)
        except NoticeError as error:
            form.add_error(None, str(error))
        else:
            return redirect("bulletin", name=made.name)
    words = {"form": form, "nobody": not form.fields["role"].choices}  # type: ignore[attr-defined]
    return page(request, "bulletin_new.html", words, status=400 if form.is_bound else 200)


@require_safe
@needs(Right.SEE)
def bulletin(request: HttpRequest, name: str) -> HttpResponse:
    """One bulletin: its words, how far it is, and what became of it at one's own stations."""
    return _show(request, get_object_or_404(seeing.notices(request.user), pk=name), LetterForm())


def _show(request: HttpRequest, found: Notice, form: LetterForm, status: int = 200) -> HttpResponse:
    said = bulletin_letter.read(found.payload.encode()).bulletin
    words: dict[str, Any] = {
        "notice": found,
        "state": _state(found),
        "said": said,
        "words": [(tag, LANGUAGES.get(tag, tag), title, said.texts.get(tag, "")) for tag, title in said.titles.items()],
        "places": Place.objects.filter(notice=found).select_related("site"),
        "regions": said.audience.regions,
        "may_write": seeing.own(request.user).filter(pk=found.pk).exists() if _may_write(request) else False,
        "form": form,
    }
    if words["state"]["name"] == "signed" and words["may_write"]:
        words["reach"] = posting.addressed(found).count()  # what is sent cannot be unsent
    if found.sent is not None:
        everywhere = scope.may_everywhere(request.user, Right.SEE)
        ours = sendings(found, None if everywhere else scope.stations(request.user))
        part = part_of(request, listed(found, ours))
        told = [(each, _answer(each.outcome), _answer(each.end)) for each in rows(found, part)]
        words |= {"standing": standing(found, ours), "part": part, "told": told}
        if words["state"]["name"] != "ending":  # a page that looks for news would lose the file that is being chosen
            words["lines"] = told
    return page(request, "bulletin.html", words, status=status)


@require_safe
@needs(Right.WRITE)
def draft(request: HttpRequest, name: str) -> HttpResponse:
    """The document to be signed: the bulletin's, or, once it is being recalled, the one that ends it."""
    found = get_object_or_404(seeing.own(request.user), pk=name)
    what = "recall" if found.ending else "draft"
    answer = HttpResponse(found.ending or found.payload, content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}.{what}.json"'
    return answer


@require_POST
@needs(Right.WRITE)
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """The signed document comes back; one that a box would not believe is refused, and nothing of it is kept."""
    found = get_object_or_404(seeing.own(request.user), pk=name)
    form = LetterForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            posting.take(found, form.cleaned_data["file"].read(LETTER_LIMIT_BYTES + 1), datetime.now(UTC))
        except NoticeError as error:
            form.add_error("file", str(error))
        else:
            told = _("The recall is on its way.") if found.recalled else _("It is signed, and can be sent.")
            messages.success(request, told)
            return redirect("bulletin", name=name)
    return _show(request, get_object_or_404(seeing.own(request.user), pk=name), form, status=400)


@require_POST
@needs(Right.WRITE)
def act(request: HttpRequest, name: str) -> HttpResponse:
    """Send it, begin its recall, or forget it where nobody was sent it."""
    found, now = get_object_or_404(seeing.own(request.user), pk=name), datetime.now(UTC)
    do = request.POST.get("do", "")
    try:
        if do == "send":
            count = posting.send(found, now)
            messages.success(request, _("It is on its way to %(count)d stations.") % {"count": count})
        elif do == "recall":
            posting.recall(found, now)
            messages.success(request, _("Nobody is sent it any more. Now have its recall signed."))
        elif do == "forget":
            posting.forget(found)
            return redirect("bulletins")
        else:
            raise Http404
    except NoticeError as error:
        messages.error(request, str(error))
    return redirect("bulletin", name=name)


@require_safe
@login_not_required
def public(request: HttpRequest, name: str) -> HttpResponse:
    """What the code on the screen opens: the words, for everybody. Counted by number, and nothing else is kept."""
    now = datetime.now(UTC)
    found = opening.opened(name, now)
    if found is None:
        return render(request, "officer_gone.html", status=404)
    if request.method == "GET":
        figures.count_view(found.shown_as, now.date())
    said = found.said
    told = [(tag, title, said.texts.get(tag, "")) for tag, title in said.titles.items()]
    words = {"title": told[0][1], "issued": said.issued, "told": told, "over": found.over}
    return render(request, "public_bulletin.html", words)


def _state(found: Notice) -> dict[str, Any]:
    """How far it is: the last step that was done, and when."""
    if found.recalled is not None:
        return {"name": "recalled", "words": wording.NOTICE["recalled"], "at": found.recalled}
    if found.ending:
        return {"name": "ending", "words": wording.NOTICE["ending"], "at": None}
    if found.sent is not None:
        return {"name": "sent", "words": wording.NOTICE["sent"], "at": found.sent}
    if found.signed is not None:
        return {"name": "signed", "words": wording.NOTICE["signed"], "at": found.signed}
    return {"name": "draft", "words": wording.NOTICE["draft"], "at": found.made}


def _answer(outcome: str) -> Any:
    return wording.OUTCOME.get(outcome, outcome)


def _may_write(request: HttpRequest) -> bool:
    return scope.may(request.user, Right.WRITE)


def _writer(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
