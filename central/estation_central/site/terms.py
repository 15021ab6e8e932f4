"""The terms of the subsidy: its versions, and a new one, which is tried on a whole year before it is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.ledger import batches, rules, trying
from estation_central.ledger.batches import LedgerError
from estation_central.ledger.models import LedgerTerms
from estation_central.ledger.rules import Terms
from estation_central.registry.models import Site
from estation_central.site.ledger import MOST_YUAN, YEARS
from estation_central.site.page import page

SEEN_FOR: Final = 3600  # seconds: who has looked an hour ago looks again
SALT: Final = "estation.terms"  # what is signed here is good for this page alone


class TermsForm(forms.Form):
    """A new version."""

    yuan = forms.DecimalField(
        label=gettext_lazy("yuan a site and year"), min_value=Decimal(0), max_value=MOST_YUAN, decimal_places=2
    )
    least_percent = forms.IntegerField(
        label=gettext_lazy("least share of the weeks, per cent; empty: unconditional"),
        min_value=1,
        max_value=100,
        required=False,
    )
    silent_counts = forms.BooleanField(
        label=gettext_lazy("weeks of which nothing is known count against a site"), required=False
    )
    decided = forms.CharField(label=gettext_lazy("who decided it, and when"), max_length=200)
    year = forms.IntegerField(label=gettext_lazy("try it on the year"), min_value=YEARS[0], max_value=YEARS[1])


@require_http_methods(["GET", "POST"])
@needs(Right.LEDGER)
def terms(request: HttpRequest) -> HttpResponse:
    """All versions; ``do=try`` shows what a new one would do, ``do=keep`` writes down exactly what was shown."""
    if not scope.may_everywhere(request.user, Right.LEDGER):
        raise PermissionDenied
    do = request.POST.get("do", "") if request.method == "POST" else ""
    if do == "keep":
        return _keep(request)
    now = datetime.now(UTC)
    form = TermsForm(request.POST if do == "try" else None, initial={"year": now.year - 1, "yuan": Decimal(200)})
    words: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        words = _tried(form)
    versions = [(each, rules.yuan(each.fen)) for each in LedgerTerms.objects.order_by("-version")]
    words |= {"form": form, "versions": versions, "newest": batches.newest_terms()}
    return page(request, "terms.html", words, status=400 if form.errors else 200)


def _tried(form: TermsForm) -> dict[str, Any]:
    told, newest = form.cleaned_data, batches.newest_terms()
    wanted = Terms(
        version=newest.version + 1,
        fen=int(told["yuan"] * 100),
        least_percent=told["least_percent"],
        silent_counts=told["silent_counts"],
    )
    effect = trying.effect(newest, wanted, batches.every_site(), told["year"])
    names = dict(Site.objects.filter(pk__in=[each.site for each in effect.first]).values_list("pk", "title"))
    return {
        "effect": effect,
        "none_before": effect.sites - effect.due_before,
        "none_after": effect.sites - effect.due_after,
        "year": told["year"],
        "wanted": wanted,
        "money": [rules.yuan(each) for each in (effect.fen_before, effect.fen_after)],
        "changed": [(each, names.get(each.site, each.site)) for each in effect.first],
        "more": effect.changed - len(effect.first),
        "seen": signing.dumps([msgspec.to_builtins(wanted), told["decided"]], salt=SALT),
    }


def _keep(request: HttpRequest) -> HttpResponse:
    """Keep what was looked at: it comes back signed, so that nothing else can be kept."""
    try:
        wanted, decided = signing.loads(request.POST.get("seen", ""), salt=SALT, max_age=SEEN_FOR)
        trying.keep(msgspec.convert(wanted, Terms), decided)
    except signing.BadSignature:
        messages.warning(request, _("Look first at what the terms would do; a look is good for an hour."))
    except LedgerError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The terms hold from the next batch on."))
    return redirect("terms")
