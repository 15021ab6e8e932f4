"""The door: each page says which right it needs; one that says nothing is closed, and administrators show two keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_otp import user_has_device

from estation_central.accounts import scope
from estation_central.accounts.rules import Right

View = TypeVar("View", bound=Callable[..., Any])
BEFORE_SECOND_FACTOR: Final[frozenset[str | None]] = frozenset({"second_factor", "logout", "set_language"})


def needs(right: Right) -> Callable[[View], View]:
    """Say which right a page needs; which objects it may touch it asks `scope` itself."""

    def mark(view: View) -> View:
        view.needed_right = right  # type: ignore[attr-defined]  # read by `Door`, and by the matrix test
        return view

    return mark


class Door:
    """Lets a request through to its page, or not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Everything is decided in `process_view`, where the page is known."""
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _words: Any) -> HttpResponse | None:
        """Refuse, send to the log-in or to the second factor, or None: go on."""
        if not getattr(view, "login_required", True):  # the log-in page, the language
            return None
        right: Right | None = getattr(view, "needed_right", None)
        if right is None:
            raise PermissionDenied
        if not request.user.is_authenticated and not (settings.CENTRE.demo and right is Right.SEE):
            return redirect_to_login(request.get_full_path())
        name = request.resolver_match.url_name if request.resolver_match else None
        if name not in BEFORE_SECOND_FACTOR and self._lacks_factor(request):
            return redirect("second_factor")
        if not scope.may(request.user, right):
            raise PermissionDenied
        return None

    @staticmethod
    def _lacks_factor(request: HttpRequest) -> bool:
        user: Any = request.user
        if not user.is_authenticated or user.is_verified():
            return False
        return user_has_device(user) or scope.needs_second_factor(user)
