"""What a user may see and do, as querysets: a page asks these and never the whole tables."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Exists, OuterRef, Q, QuerySet

from estation_central.accounts.models import Grant
from estation_central.accounts.rules import NEEDS_SECOND_FACTOR, Right, Scope
from estation_central.registry import pool
from estation_central.registry.models import Box, BoxAssignment, Region, Site
from estation_central.stations.models import Station

Anybody = AbstractBaseUser | AnonymousUser


def scopes(user: Anybody, right: Right) -> list[Scope]:
    """Where the user has a right. In a demonstration everybody on this machine may look at everything."""
    if settings.CENTRE.demo and right is Right.SEE:
        return [Scope()]
    if not isinstance(user, User):
        return []
    if user.is_superuser:
        return [Scope()]
    grants: Iterable[Grant] = Grant.objects.filter(user=user).select_related("region")
    return [grant.scope for grant in grants if right in grant.rights]


def may(user: Anybody, right: Right) -> bool:
    """Whether the user has a right anywhere."""
    return user.is_authenticated if right is Right.OWN else bool(scopes(user, right))


def may_everywhere(user: Anybody, right: Right) -> bool:
    """Whether the user has a right in the whole network."""
    return any(scope.everywhere for scope in scopes(user, right))


def needs_second_factor(user: Anybody) -> bool:
    """Whether the user is an administrator of anything."""
    return any(scopes(user, right) for right in NEEDS_SECOND_FACTOR)


def sites(user: Anybody, right: Right = Right.SEE) -> QuerySet[Site]:
    """The sites in which the user has a right."""
    return Site.objects.filter(_limit(scopes(user, right), ""))


def stations(user: Anybody, right: Right = Right.SEE) -> QuerySet[Station]:
    """The stations in which the user has a right."""
    return Station.objects.filter(_limit(scopes(user, right), "site__")).select_related("site")


def boxes(user: Anybody, right: Right = Right.SEE) -> QuerySet[Box]:
    """The boxes that serve, or served last, where the user has a right; who fits boxes sees those that never served."""
    held = scopes(user, right)
    if any(scope.everywhere for scope in held):
        return Box.objects.all()
    own = BoxAssignment.objects.filter(pk=OuterRef("last"), station__in=stations(user, right).values("pk"))
    limit = Q(Exists(own))
    if may(user, Right.FIT):
        limit |= Q(last=None)
    return pool.with_last(Box.objects.all()).filter(limit)


def regions(user: Anybody, right: Right = Right.SEE) -> QuerySet[Region]:
    """The regions that the user may open: those within the scopes."""
    found = Q(pk__in=())
    for scope in scopes(user, right):
        found |= Q(path__startswith=scope.region)
    return Region.objects.filter(found)


def whole_regions(user: Anybody, right: Right) -> QuerySet[Region]:
    """The regions in all of which the user has a right, whatever the kind of site and its host."""
    found = Q(pk__in=())
    for scope in scopes(user, right):
        if not scope.kind and not scope.host:
            found |= Q(path__startswith=scope.region)
    return Region.objects.filter(found)


def _limit(found: Iterable[Scope], before: str) -> Q:
    limit = Q(pk__in=())
    for scope in found:
        one = ~Q(pk__in=())
        if scope.region:
            below = {f"{before}{word}__path__startswith": scope.region for word in ("region", "district")}
            one &= Q(*below.items(), _connector=Q.OR)
        if scope.kind:
            one &= Q((f"{before}kind", scope.kind))
        if scope.host:
            one &= Q((f"{before}host", scope.host))
        limit |= one
    return limit
