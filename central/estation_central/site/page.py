"""One page of the site: a template, its words, and what every page has."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from estation_central.accounts import scope
from estation_central.accounts.rules import Right

ROWS: Final = 50  # of a list on one page: with them it stays far below 60 kB


def page(request: HttpRequest, template: str, words: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render it. Only pages that show live stations look for news by themselves: those with ``lines`` or ``week``."""
    live = "lines" in words or "week" in words
    seconds = 5 if settings.CENTRE.demo else 60
    own = {
        "demo": settings.CENTRE.demo,
        "refresh_seconds": seconds if live else None,
        "may_pay": scope.may(request.user, Right.LEDGER),
        "may_carry": scope.may(request.user, Right.CARRY),
        "may_register": scope.may_everywhere(request.user, Right.REGISTER),
        "may_administer": scope.may(request.user, Right.ADMINISTER),
    }
    return render(request, template, own | words, status=status)


def part_of(request: HttpRequest, rows: Any, most: int = ROWS) -> Page[Any]:
    """The part of a long list that ``?page=`` asks for, ``most`` rows of it; a wrong number gives the nearest part."""
    return Paginator(rows, most).get_page(request.GET.get("page"))
