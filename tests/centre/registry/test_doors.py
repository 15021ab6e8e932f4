"""The doors of the pages: passwords, the second factor, the browser's rules, and what Django itself asks for."""
# ruff: noqa: PLC0415 (Django must be set up before its models are imported)

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.support.centre import centre_environment

QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"  # the doors are tried; what hides a password is Django's


@pytest.fixture
def client(tables: None) -> Iterator:
    """A browser of sorts, outside a demonstration, with CSRF checked."""
    from django.conf import settings
    from django.test import Client, override_settings

    centre = msgspec.structs.replace(settings.CENTRE, demo=False)
    with override_settings(CENTRE=centre, PASSWORD_HASHERS=[QUICK]):
        yield Client(headers={"host": "localhost", "accept-language": "en"})


def user(name: str, role: str = ""):
    from django.contrib.auth.models import User

    from estation_central.accounts.models import Grant

    made = User.objects.create_user(name, password="right enough 77")
    if role:
        Grant.objects.create(user=made, role=role)
    return made


def log_in(client, name: str, password: str = "right enough 77"):
    return client.post("/login/", {"username": name, "password": password})


def test_a_guesser_is_shut_out_and_the_others_are_not(client) -> None:
    """After ten wrong passwords even the right one does not open; another user comes in all the same."""
    user("hasan", "monitor")
    user("ayshe", "monitor")
    for _ in range(9):
        assert log_in(client, "hasan", "wrong").status_code == 200
    assert log_in(client, "hasan", "wrong").status_code == 429
    shut = log_in(client, "hasan")
    assert (shut.status_code, b"Too many wrong passwords" in shut.content) == (429, True)
    assert log_in(client, "ayshe").status_code == 302


def test_an_administrator_sets_up_a_second_factor_at_the_first_login(client) -> None:
    """The code is scanned, its digits typed; at the next login they are asked for, and a wrong one opens nothing."""
    from django.test import Client
    from django_otp.oath import totp
    from django_otp.plugins.otp_totp.models import TOTPDevice

    user("root", "administrator")
    assert log_in(client, "root").headers["Location"] == "/today/"
    for path in ("/", "/users/", "/log/", "/sites/x/", "/password/"):
        assert client.get(path).headers["Location"] == "/second-factor/"
    shown = client.get("/second-factor/")
    assert b"<svg" in shown.content
    device = TOTPDevice.objects.get()
    assert client.post("/second-factor/", {"token": "000000"}).status_code == 400
    assert not TOTPDevice.objects.get().confirmed
    TOTPDevice.objects.update(throttling_failure_count=0)  # the second that the wrong one costs
    used = f"{totp(device.bin_key):06}"  # read once: half a minute later the application shows another
    assert client.post("/second-factor/", {"token": used}).status_code == 302
    assert client.get("/users/").status_code == 200
    again = Client(headers={"host": "localhost"})
    log_in(again, "root")
    assert again.get("/users/").headers["Location"] == "/second-factor/"
    assert b"<svg" not in again.get("/second-factor/").content
    assert again.post("/second-factor/", {"token": used}).status_code == 400  # a code opens once
    assert again.get("/users/").headers["Location"] == "/second-factor/"


def test_codes_cannot_be_tried_one_after_the_other(client) -> None:
    """After a wrong code even the right one must wait."""
    from django_otp.oath import totp
    from django_otp.plugins.otp_totp.models import TOTPDevice

    admin = user("root", "administrator")
    device = TOTPDevice.objects.create(user=admin, confirmed=True)
    log_in(client, "root")
    for _ in range(3):
        client.post("/second-factor/", {"token": "000000"})
    began = time.monotonic()
    assert client.post("/second-factor/", {"token": f"{totp(device.bin_key):06}"}).status_code == 400
    assert time.monotonic() - began < 4.0  # within the seconds that three wrong ones cost


def test_a_form_from_elsewhere_does_nothing(client) -> None:
    """A page of somebody else cannot press our buttons."""
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    for path in ("/login/", "/logout/", "/stations/x/commands/", "/registry/import/", "/users/", "/language/"):
        assert strict.post(path, {"x": "y"}).status_code == 403


def test_a_body_that_is_too_long_is_not_read(client) -> None:
    """Nobody fills the centre's disk through the upload."""
    from estation_central.site.headers import BODY_BYTES

    for length in (str(BODY_BYTES + 1), "99999999999999999999", "-1", "x"):
        assert client.post("/login/", {}, headers={"content-length": length}).status_code == 413


def test_django_itself_finds_nothing_to_add(made_centre: Path) -> None:
    """`check --deploy` is clean: HSTS, redirects, cookies, secrets."""
    environment = centre_environment(made_centre) | {"ESTATION_CENTRE_DEMO": "0"}
    command = [sys.executable, "-m", "estation_central.command", "django", "check", "--deploy", "--fail-level", "INFO"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert os.environ.get("ESTATION_CENTRE_STATE") != str(made_centre)
