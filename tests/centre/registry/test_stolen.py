"""A box is stolen: two taps on its page, and the real broker hears it no more, by either way."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from estation_central.broker import folder
from tests.support.broker import Broker
from tests.support.centre import REGION

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
STATION = "hall-0042"
BRANCH = f"estation/v1/{REGION}/{STATION}"


def test_a_stolen_box_is_shut_out_from_its_page(tables: None, tmp_path: Path) -> None:
    """The technician says stolen: also the connection that is open says nothing more; the box that follows is heard."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client, override_settings

    from estation_central.accounts.models import Grant
    from estation_central.enrolment.register import invite
    from estation_central.registry import moving
    from estation_central.registry.adding import add
    from estation_central.registry.models import Box
    from estation_central.stations.models import EnrolmentToken

    with Broker(tmp_path / "broker") as broker:
        hall = add(STATION, REGION, "Hall", "village-0042", {}, now=NOW)
        moving.assign(Box.objects.create(serial="a1"), hall, NOW)
        invite(STATION, NOW)
        stolen = broker.certificate(STATION)
        user = User.objects.create_user("tech")
        Grant.objects.create(user=user, role="technician")
        pages = Client(headers={"host": "localhost"})
        pages.force_login(user)
        centre = msgspec.structs.replace(settings.CENTRE, demo=False, state=broker.folder)
        with broker.collector() as listening, broker.client(stolen, "tcp") as open_line:
            listening.subscribe(f"{BRANCH}/hello")
            open_line.publish(f"{BRANCH}/hello", "before")
            listening.wait_for("before")
            with override_settings(CENTRE=centre):
                answer = pages.post(f"/stations/{STATION}/history/take-away/", {"why": "stolen"})
            assert answer.status_code == 302
            broker.reload()
            open_line.publish(f"{BRANCH}/hello", "from the thief")
            for way in ("tcp", "websockets"):
                broker.client(stolen, way).try_to_connect((f"{BRANCH}/hello", "from the thief again"))
            with override_settings(CENTRE=centre):
                pages.post(f"/stations/{STATION}/history/fit/", {"serial": "a2"})
            successor = broker.certificate(STATION)
            folder.write_access(broker.folder / "broker", broker.authority)  # as `sign-requests` and `enrol` do
            broker.reload()
            with broker.client(successor, "tcp") as box:
                box.publish(f"{BRANCH}/hello", "from the new box")
            assert listening.wait_for("from the new box") == ["before", "from the new box"]
    assert Box.objects.get(serial="a1").condition == "stolen"
    assert Box.objects.get(serial="a2").assignments.get().station_id == STATION
    assert not EnrolmentToken.objects.exists()
