"""The second factor: six digits from an application on the administrator's phone (RFC 6238), or a code on paper."""

from __future__ import annotations

from typing import Any

import segno
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_otp import login, match_token, user_has_device
from django_otp.plugins.otp_totp.models import TOTPDevice

from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.site.page import page


class TokenForm(forms.Form):
    """What the application shows, or a code on paper."""

    token = forms.CharField(
        label=gettext_lazy("code"),
        max_length=16,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


@require_http_methods(["GET", "POST"])
@needs(Right.OWN)
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show the code; at the first time set the application up. Wrong codes are slowed down by the device itself."""
    user: Any = request.user
    if user.is_verified():
        return redirect("today")
    form = TokenForm(request.POST if request.method == "POST" else None)
    known = user_has_device(user)
    new = None if known else TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "phone"})[0]
    if form.is_bound and form.is_valid():
        token = form.cleaned_data["token"].strip()
        device = match_token(user, token) if new is None else new if new.verify_token(token) else None
        if device is not None:
            if new is not None:
                new.confirmed = True
                new.save()
            login(request, device)
            return redirect("today")
        form.add_error("token", _("This code does not fit, or too many were tried: wait a moment."))
    words: dict[str, Any] = {"form": form}
    if new is not None:
        code = segno.make(new.config_url, error="m")
        words |= {"picture": code.svg_inline(scale=5, border=2), "secret": new.config_url.partition("secret=")[2][:32]}
    answer = page(request, "second_factor.html", words, status=400 if form.errors else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer
