"""The profile's network reaches NetworkManager: read back by GLib's rules, private, and gone with the profile."""

from __future__ import annotations

import stat
from configparser import ConfigParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_box.drivers import connections
from estation_box.provisioning.connections import keyfiles
from estation_wire.network import Modem, Network, Wifi

SCHOOL = Wifi(ssid="学校 wifi", passphrase=" back\\slash and space ")
MODEM = Modem(usb="2c7c:0125", apn="cmnet")
NETWORK = Network(wifi=(SCHOOL, Wifi(ssid="open", hidden=True)), modem=MODEM)


def read(text: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",), strict=True)
    parser.read_string(text)
    return parser


def glib(text: str) -> str:
    """A value as GLib's g_key_file_get_string gives it back."""
    letters = iter(text)
    signs = {"s": " ", "\\": "\\"}
    return "".join(signs[next(letters)] if letter == "\\" else letter for letter in letters)


def ssid(file: ConfigParser) -> str:
    return bytes(int(number) for number in file["wifi"]["ssid"].rstrip(";").split(";")).decode()


def test_a_cable_needs_no_word_of_the_profile():
    """A box that is plugged into a socket on the wall gets its address by itself, bare or not."""
    (wired,) = keyfiles(Network()).values()
    assert dict(read(wired)["connection"]).items() >= {"type": "ethernet", "multi-connect": "3"}.items()
    assert keyfiles(NETWORK)["wired.nmconnection"] == wired


def test_wireless_networks_come_in_the_profiles_order_and_the_modem_last():
    """Who names two networks says which is better; the modem costs money."""
    files = {name: read(text) for name, text in keyfiles(NETWORK).items()}
    assert list(files) == ["wired.nmconnection", "wifi-0.nmconnection", "wifi-1.nmconnection", "modem.nmconnection"]
    _, first, second, modem = files.values()
    assert (ssid(first), glib(first["wifi-security"]["psk"])) == (SCHOOL.ssid, SCHOOL.passphrase)
    assert (ssid(second), second["wifi"]["hidden"]) == ("open", "true")
    assert "wifi-security" not in second
    order = [int(file["connection"]["autoconnect-priority"]) for file in (first, second)]
    assert order == sorted(order, reverse=True)
    assert (modem["connection"]["type"], modem["gsm"]["apn"]) == ("gsm", "cmnet")
    assert int(modem["ipv4"]["route-metric"]) > 600  # NetworkManager's own for a wireless network
    assert len({file["connection"]["uuid"] for file in files.values()}) == 4


@given(name=st.text(min_size=1, max_size=10), typed=st.from_regex(r"\A[ -~]{8,63}\Z"))
def test_no_name_and_no_passphrase_can_say_more_than_itself(name, typed):
    """Whatever a network is called, the file holds one network and no other setting."""
    try:
        wifi = msgspec.convert({"ssid": name, "passphrase": typed}, type=Wifi)
    except msgspec.ValidationError:
        return
    if wifi.fault:
        return
    file = read(keyfiles(Network(wifi=(wifi,)))["wifi-0.nmconnection"])
    assert file.sections() == ["connection", "wifi", "wifi-security"]
    assert (ssid(file), glib(file["wifi-security"]["psk"])) == (name, typed)
    assert set(file["wifi-security"]) == {"key-mgmt", "psk"}


@pytest.mark.parametrize(
    "bad",
    [
        {"wifi": [{"ssid": ""}]},
        {"wifi": [{"ssid": "a\nb"}]},
        {"wifi": [{"ssid": "a", "passphrase": "short"}]},
        {"wifi": [{"ssid": "a", "passphrase": "eight\nmore"}]},
        {"wifi": [{"ssid": "a"}] * 5},
        {"modem": {"usb": "../../etc", "apn": "cmnet"}},
        {"modem": {"usb": "2c7c:0125", "apn": "a\nb"}},
        {"modem": {"usb": "2c7c:0125", "apn": ""}},
    ],
)
def test_what_no_radio_can_mean_is_refused_when_it_is_read(bad):
    """The studio says so at the desk; a box in a hall could only stay silent."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, type=Network)


def test_a_name_that_is_too_long_for_the_air_is_no_network():
    """33 bytes: the studio does not sign it, and a box has the other networks all the same."""
    long = Wifi(ssid="科" * 11)
    assert "33 bytes" in long.fault
    assert not SCHOOL.fault
    assert list(keyfiles(Network(wifi=(long, SCHOOL)))) == ["wired.nmconnection", "wifi-1.nmconnection"]


def test_files_are_private_follow_the_profile_and_go_with_it(tmp_path):
    """Another profile brings another network; a box that is made bare forgets the passphrase."""
    assert connections.lay_down(tmp_path, keyfiles(NETWORK), MODEM.usb)
    laid = tmp_path / connections.CONNECTIONS
    assert {stat.S_IMODE(path.stat().st_mode) for path in laid.iterdir()} == {0o600}
    assert [path.name for path in (tmp_path / connections.LET_IN).iterdir()] == [MODEM.usb]
    assert not connections.lay_down(tmp_path, keyfiles(NETWORK), MODEM.usb)
    moved = Network(wifi=(Wifi(ssid="other"),))
    assert connections.lay_down(tmp_path, keyfiles(moved), None)
    assert ssid(read((laid / "wifi-0.nmconnection").read_text())) == "other"
    assert connections.lay_down(tmp_path, {}, None)
    assert list(laid.iterdir()) == list((tmp_path / connections.LET_IN).iterdir()) == []


def test_what_a_cut_left_behind_is_cleared_away(tmp_path):
    """Half a file of before is neither read nor in the way."""
    laid = tmp_path / connections.CONNECTIONS
    laid.mkdir(parents=True)
    (laid / ".wifi-0.nmconnection.new").write_text("[conn")
    connections.lay_down(tmp_path, keyfiles(NETWORK), None)
    assert {path.name for path in laid.iterdir()} == set(keyfiles(NETWORK))
