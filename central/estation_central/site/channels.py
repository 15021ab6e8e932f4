"""Who is told of alerts: by mail or by a web hook, of a region or of the whole network."""

from __future__ import annotations

import ipaddress
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.alerts import seeing
from estation_central.alerts.models import AlertChannel
from estation_central.registry.models import Region
from estation_central.settings import LOCAL_HOSTS
from estation_central.site.page import page, part_of

IDS: Final = "channel_%s"


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # Django itself knows no parameter
    """Somebody to be told; the region by its code, since there are thousands."""

    region = forms.ModelChoiceField(
        Region.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.TextInput,
        label=gettext_lazy("region, by its code; empty: the whole network"),
    )
    hook = forms.URLField(
        required=False,
        max_length=300,
        assume_scheme="https",
        label=gettext_lazy("or by a web hook, which gets a POST with JSON"),
    )

    class Meta:
        """The fields."""

        model = AlertChannel
        fields = ("region", "mail", "hook", "secret", "language", "daily")
        labels: Final = {
            "mail": gettext_lazy("by mail to"),
            "secret": gettext_lazy("secret that signs what the hook gets; 16 characters at least"),
            "language": gettext_lazy("language"),
            "daily": gettext_lazy("only the digest of the day"),
        }

    def __init__(self, teller: scope.Anybody, *args: Any, **words: Any) -> None:
        super().__init__(*args, **{"auto_id": IDS} | words)
        self._teller = teller
        self.fields["region"].queryset = scope.whole_regions(teller, Right.ADMINISTER)  # type: ignore[attr-defined]

    def clean_hook(self) -> str:
        """Refuse what leads back into the centre's own house: an administrator of a county is not at home there.

        A name that leads there all the same is the network's own wall to stop.
        """
        hook: str = self.cleaned_data["hook"]
        told = urlsplit(hook)
        if hook and (told.scheme != "https" or _inside(told.hostname or "")):
            raise forms.ValidationError(_("A hook begins with https:// and leads to a machine on the internet."))
        return hook

    def clean(self) -> dict[str, Any]:
        """Refuse neither way and both, a secret without a hook, and the whole network for whoever has only a part."""
        told = super().clean() or {}
        if self.errors:
            return told
        if bool(told.get("mail")) == bool(told.get("hook")):
            self.add_error("mail", _("Name an address of mail or a web hook: one of the two."))
        elif told.get("secret") and not told.get("hook"):
            self.add_error("secret", _("Only what a web hook gets is signed."))
        if told.get("region") is None and not scope.may_everywhere(self._teller, Right.ADMINISTER):
            self.add_error("region", _("Name a region that is yours."))
        return told


def _inside(host: str) -> bool:
    """Whether it is this machine or an address that the internet does not know."""
    if host in LOCAL_HOSTS or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


@require_http_methods(["GET", "POST"])
@needs(Right.ADMINISTER)
def channels(request: HttpRequest) -> HttpResponse:
    """Who is told of one's own regions; and somebody more. A secret is not shown again."""
    form = ChannelForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("From the next pass on they are told."))
        return redirect("channels")
    part = part_of(request, seeing.channels(request.user).order_by("region__path", "pk"))
    return page(request, "channels.html", {"part": part, "form": form}, status=400 if form.is_bound else 200)


@require_POST
@needs(Right.ADMINISTER)
def remove_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """They are told no more."""
    get_object_or_404(seeing.channels(request.user), pk=pk).delete()
    messages.success(request, _("They are told no more."))
    return redirect("channels")
