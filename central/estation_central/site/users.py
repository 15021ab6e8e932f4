"""Users and their roles. An administrator gives no more than lies within the own scope."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_otp import devices_for_user

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.models import Grant
from estation_central.accounts.rules import Right
from estation_central.registry.models import Body, Region
from estation_central.site.page import page, part_of


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]  # Django itself knows no parameter
    """A role and its scope; the region by its code, since there are thousands."""

    region = forms.ModelChoiceField(
        Region.objects.all(), to_field_name="code", required=False, widget=forms.TextInput, label=gettext_lazy("region")
    )

    class Meta:
        """The fields."""

        model = Grant
        fields = ("role", "region", "kind", "host")

    def __init__(self, giver: scope.Anybody, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self._giver = giver
        if not scope.may_everywhere(giver, Right.ADMINISTER):
            known = Body.objects.filter(hosted__in=scope.sites(giver, Right.ADMINISTER)).distinct()
            cast("forms.ModelChoiceField[Body]", self.fields["host"]).queryset = known

    def clean(self) -> dict[str, Any]:
        """Refuse a role that reaches further than the one who gives it."""
        told = super().clean() or {}
        grant = Grant(**{name: told.get(name) for name in ("role", "region", "host")}, kind=told.get("kind") or "")
        if not self.errors and not _within(self._giver, grant):
            raise forms.ValidationError(_("This reaches further than your own role."))
        return told


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]  # Django itself knows no parameter
    """A name and a first password, which the user changes."""

    usable_password = None  # type: ignore[assignment]  # Django's own way to leave the choice out

    class Meta:
        """The fields."""

        model = User
        fields = ("username",)


@require_http_methods(["GET", "POST"])
@needs(Right.ADMINISTER)
def users(request: HttpRequest) -> HttpResponse:
    """The users whom one may administer; and a new one, with a first role."""
    sent = request.POST if request.method == "POST" else None
    form, grant = NewUserForm(sent), GrantForm(request.user, sent)
    if sent is not None and form.is_valid() and grant.is_valid():
        made = form.save()
        grant.instance.user = made
        grant.save()
        messages.success(request, _("The user can log in now."))
        return redirect("user", pk=made.pk)
    known = _administered(request.user).order_by("username").prefetch_related("grants__region", "grants__host")
    words = {"part": part_of(request, known), "form": form, "grant": grant}
    return page(request, "users.html", words, status=400 if sent is not None else 200)


@require_http_methods(["GET", "POST"])
@needs(Right.ADMINISTER)
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One user: give a role, take one, close or open the account, begin the second factor anew."""
    found = get_object_or_404(_administered(request.user), pk=pk)
    sent = request.POST if request.method == "POST" else None
    do = sent.get("do", "") if sent is not None else ""
    form = GrantForm(request.user, sent if do == "give" else None)
    if do == "give" and form.is_valid():
        form.instance.user = found
        form.save()
        return redirect("user", pk=pk)
    if do == "take":
        number = request.POST.get("grant", "")
        grant = get_object_or_404(found.grants, pk=number if number.isdigit() else 0)  # type: ignore[attr-defined]
        grant.delete()
        return redirect("user", pk=pk) if _administered(request.user).filter(pk=pk).exists() else redirect("users")
    if do in {"close", "open"} and found != request.user:
        found.is_active = do == "open"
        found.save()
        return redirect("user", pk=pk)
    if do == "anew":
        for device in devices_for_user(found):
            device.delete()
        messages.success(request, _("At the next log-in the user sets up a new second factor."))
        return redirect("user", pk=pk)
    grants = found.grants.select_related("region", "host")  # type: ignore[attr-defined]  # made by Django
    words = {"found": found, "grants": grants, "form": form}
    return page(request, "user.html", words, status=400 if do else 200)


def _administered(user: scope.Anybody) -> QuerySet[User]:
    """All users for an administrator of everything; else those all of whose roles lie within the own scope."""
    known = User.objects.all()
    if scope.may_everywhere(user, Right.ADMINISTER):
        return known
    beyond = {grant.user_id for grant in Grant.objects.select_related("region") if not _within(user, grant)}
    return known.filter(grants__isnull=False, is_superuser=False).exclude(pk__in=beyond).distinct()


def _within(user: scope.Anybody, grant: Grant) -> bool:
    return any(each.holds(grant.scope) for each in scope.scopes(user, Right.ADMINISTER))
