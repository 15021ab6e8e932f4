"""Who is told of alerts, and what is kept quiet: named, ended and taken back by those whose place it is."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.centre.registry.test_matrix import COUNTIES, logged_in, places

__all__ = ["places"]
CHANNELS = "/alerts/channels/"
MAIL = {"region": COUNTIES[0], "mail": "who@county.example", "hook": "", "secret": "", "language": "en"}
HOOK = MAIL | {"mail": "", "hook": "https://chat.example/send?key=0123", "secret": "s" * 16}


def county(n: int) -> Any:
    from estation_central.registry.models import Region

    return Region.objects.get(code=COUNTIES[n])


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_administrator_names_who_is_told_and_takes_it_back(places) -> None:
    """By mail and by a hook; neither the secret nor the way behind the host is shown again; gone, nobody is told."""
    from estation_central.alerts.models import AlertChannel

    client = logged_in("administrator", region=county(0))
    for form in (MAIL, HOOK | {"daily": "on"}):
        assert client.post(CHANNELS, form).headers["Location"] == CHANNELS
    seen = client.get(CHANNELS)
    told = text(seen)
    for part in ("who@county.example", "chat.example web hook · with a signature", "only the digest of the day"):
        assert part in told, told
    assert not re.search("key=0123|s{16}", seen.content.decode())
    assert "Place1" not in told
    for channel in AlertChannel.objects.filter(region=county(0)):
        assert client.post(f"{CHANNELS}{channel.pk}/remove/").headers["Location"] == CHANNELS
    assert "Nobody is told." in text(client.get(CHANNELS))
    assert AlertChannel.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (MAIL | {"region": ""}, "a region that is yours"),
        (MAIL | {"region": COUNTIES[1]}, "Select a valid choice"),
        (MAIL | {"region": "nowhere"}, "Select a valid choice"),
        (MAIL | {"mail": ""}, "one of the two"),
        (MAIL | {"hook": "https://chat.example/"}, "one of the two"),
        (MAIL | {"mail": "nobody"}, "valid email"),
        (MAIL | {"secret": "s" * 16}, "Only what a web hook gets"),
        (HOOK | {"secret": "short"}, "at least 16"),
        (HOOK | {"hook": "http://chat.example/"}, "begins with https"),
        (HOOK | {"hook": "https://localhost:9000/"}, "begins with https"),
        (HOOK | {"hook": "https://127.0.0.1/"}, "begins with https"),
        (HOOK | {"hook": "https://10.1.2.3/"}, "begins with https"),
        (HOOK | {"hook": "https://[::1]/"}, "begins with https"),
        (HOOK | {"hook": "https://169.254.169.254/latest/"}, "begins with https"),
        (HOOK | {"hook": "https://vault.internal/"}, "begins with https"),
        (HOOK | {"hook": "ftp://chat.example/"}, "begins with https"),
        (MAIL | {"language": "xx"}, "Select a valid choice"),
    ],
)
@pytest.mark.parametrize("tables", ["sqlite"], indirect=True)
def test_who_cannot_be_told_is_refused_beside_the_field(places, form: dict[str, str], why: str) -> None:
    """Another's region, the whole network, neither way or both, an open line, the centre's own house."""
    from estation_central.alerts.models import AlertChannel

    client = logged_in("administrator", region=county(0))
    before = AlertChannel.objects.count()
    answer = client.post(CHANNELS, form)
    assert answer.status_code == 400
    assert why in text(answer), text(answer)
    assert AlertChannel.objects.count() == before


def test_the_whole_network_is_named_by_whoever_administers_it_whole(places) -> None:
    """Somebody of everything names a hearer of everything; a county's administrator does not even see that one."""
    from django.contrib.auth.models import User

    from estation_central.alerts.models import AlertChannel

    assert logged_in("administrator").post(CHANNELS, MAIL | {"region": ""}).status_code == 302
    channel = AlertChannel.objects.get(region=None)
    User.objects.filter(username="administrator-user").update(username="first")
    client = logged_in("administrator", region=county(0))
    assert "who@county.example" not in text(client.get(CHANNELS))
    assert client.post(f"{CHANNELS}{channel.pk}/remove/").status_code == 404


def test_a_silence_is_ended_before_its_day(places) -> None:
    """The roof is done a week early: from now on the hall is told of again, and the page holds it no more."""
    from estation_central.alerts.models import AlertSilence
    from estation_central.alerts.service import _hushes

    client = logged_in("monitor", region=county(0))
    own, other = (AlertSilence.objects.get(subject=f"site-{n}") for n in (0, 1))
    seen = text(client.get("/alerts/silences/"))
    assert ("Place0 repair" in seen, "Place1 repair" in seen) == (True, False)
    assert client.post(f"/alerts/silences/{other.pk}/end/").status_code == 404
    assert client.post(f"/alerts/silences/{own.pk}/end/").headers["Location"] == "/alerts/silences/"
    told = text(client.get("/alerts/silences/"))
    assert "It is told again." in told
    assert "Nothing is kept quiet." in told
    assert [each.subject for each in _hushes(datetime.now(UTC))] == ["site-1"]
    assert client.post(f"/alerts/silences/{own.pk}/end/").status_code == 404  # it is over: there is nothing to end


def test_whoever_may_only_look_ends_no_silence(places) -> None:
    """An editor sees what is kept quiet, and has no button."""
    from estation_central.alerts.models import AlertSilence

    client = logged_in("editor", region=county(0))
    page = client.get("/alerts/silences/").content.decode()
    assert ("Place0 repair" in page, "/end/" in page) == (True, False)
    assert client.post(f"/alerts/silences/{AlertSilence.objects.get(subject='site-0').pk}/end/").status_code == 403


def test_what_is_kept_quiet_for_a_county_or_everywhere_is_not_one_sites_to_end(places) -> None:
    """A county's silence is ended by whoever has the county whole; one of everything by whoever has everything."""
    from estation_central.alerts.models import AlertSilence

    words = {"until": datetime.now(UTC) + timedelta(days=9), "reason": "the grid is rebuilt"}
    of_county = AlertSilence.objects.create(subject=COUNTIES[0], **words)
    of_all = AlertSilence.objects.create(kind="clock-wrong", **words)
    clients = {
        "kind": logged_in("monitor", kind="village"),
        "county": logged_in("technician", region=county(0)),
        "network": logged_in("administrator"),
    }
    ways = {
        name: [client.post(f"/alerts/silences/{each.pk}/end/").status_code for each in (of_all, of_county)]
        for name, client in clients.items()
    }
    assert ways == {"kind": [404, 404], "county": [404, 302], "network": [302, 404]}
