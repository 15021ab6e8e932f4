"""The TV's leads and its shape: a tube by composite, an edge that is hidden, sound by HDMI or by the jack."""

from __future__ import annotations

import msgspec
import pytest
from PIL import Image

from estation_box import settings
from estation_box.apps.events import PlayerSays
from estation_box.apps.player import LOOK_SECONDS, Leads
from estation_box.drivers.display import lit
from estation_box.drivers.mpv_options import output
from estation_box.drivers.sound_cards import sound_cards
from estation_box.playout import frame, leads
from estation_box.playout.engine import Layer
from estation_box.playout.player_words import Phase
from estation_box.remote.keys import Key
from estation_box.settings import Lead, SettingsError, Video
from estation_wire.records import Fault, Recovered
from tests.player import golden
from tests.player.test_golden import MOST_OFF, MOST_WRONG, off
from tests.support import clips
from tests.support.box import SimulatedBox, TableShelf
from tests.support.player import PlayerProcess, video
from tests.support.xvfb import Xvfb

BOTH = """\
 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 1 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi
                      vc4-hdmi
"""
COMPOSITE = Lead(picture="composite")


@pytest.fixture(scope="module")
def tube(tmp_path_factory):
    """A player whose TV is a tube, and which finds no sound card at all: this machine has none."""
    folder = tmp_path_factory.mktemp("tube")
    with (
        Xvfb(folder / "screen", golden.PAL_SIZE) as screen,
        PlayerProcess(folder / "player", screen.display, audio="alsa", tv=golden.PAL_TV) as player,
    ):
        player.core.await_connection()
        yield player, golden.pal(player.core, screen.frame_buffer, folder)


@pytest.mark.screen
@pytest.mark.parametrize("name", golden.PAL)
def test_a_tube_looks_as_it_did_when_somebody_looked(tube, name):
    mean, wrong = off(golden.small(tube[1][name]), Image.open(golden.FOLDER / f"{name}.png").convert("RGB"))
    assert mean <= MOST_OFF
    assert wrong <= MOST_WRONG


def bright(picture, above):
    """Where anything is brighter than ``above`` in a picture of one channel."""
    return picture.point(lambda value: 255 if value > above else 0).getbbox()


@pytest.mark.screen
def test_a_film_on_a_tube_is_16_to_9_and_nothing_of_it_is_hidden(tube):
    """PAL's 720 points are as wide as 768 squares; five per cent of each edge hold nothing, captions neither."""
    picture = Image.open(tube[1]["pal-film"])
    blue = picture.getchannel("B")
    left, _, right, _ = bright(blue.crop((0, 200, 720, 201)), 80)
    _, top, _, bottom = bright(blue.crop((60, 0, 61, 576)), 80)  # beside the captions
    assert (right - left) * 768 / 720 / (bottom - top) == pytest.approx(16 / 9, rel=0.01)
    left, top, right, bottom = bright(picture.convert("L"), 40)
    assert left >= 36 - 1
    assert right <= 720 - 36 + 1
    assert top >= 28
    assert bottom <= 576 - 28


@pytest.mark.screen
def test_a_card_on_a_tube_is_whole_and_its_ring_is_round(tube):
    """The week's ring is the only thing in its colour at the right."""
    picture = Image.open(tube[1]["pal-station"])
    assert min(max(pixel) for pixel in (picture.getpixel(at) for at in ((0, 0), (719, 0), (0, 575), (719, 575)))) > 20
    left, top, right, bottom = bright(picture.getchannel("G").crop((500, 150, 720, 400)), 150)
    assert (right - left) * 768 / 720 / (bottom - top) == pytest.approx(1.0, abs=0.03)
    left, top, right, bottom = bright(picture.convert("L"), 90)
    assert left >= 36
    assert right <= 720 - 36


@pytest.mark.screen
def test_a_lead_that_is_not_there_stops_no_picture_and_is_told(tube):
    """Composite's sound comes by the jack; on this machine it comes by nothing, and the film goes on."""
    player, _ = tube
    player.core.play(video(clips.flip("green", 2.0)))
    state = player.core.state(lambda state: bool(state.entries) and state.entries[0].shown > 0.8)
    assert state.lacks == ("jack-sound",)
    player.core.state(lambda state: state.phase is Phase.ENDED)


def test_words_are_as_large_as_the_screen_lets_them():
    """A set that hides 5 per cent loses nothing of a card's size: the card has that margin of its own."""
    assert frame.frame(16 / 9, 0) == frame.WHOLE
    assert frame.frame(16 / 9, 5)[:2] == frame.WHOLE[:2]
    assert frame.frame(4 / 3, 5) == (1280, 960, 0.05)
    assert frame.frame(4 / 3, 10)[:2] == (1440, 1080)
    assert frame.frame(4 / 3, 10).placed(r"{\pos(10,20)}") == r"{\pos(90,200)}"


@pytest.mark.parametrize(
    ("lead", "cards", "device", "lack"),
    [
        (Lead(), ("Headphones", "vc4hdmi"), "alsa/default:CARD=vc4hdmi", None),
        (Lead(), ("vc4hdmi0", "vc4hdmi1"), "alsa/default:CARD=vc4hdmi0", None),
        (Lead(sound="jack"), ("vc4hdmi", "Headphones"), "alsa/default:CARD=Headphones", None),
        (COMPOSITE, ("vc4hdmi", "Headphones"), "alsa/default:CARD=Headphones", None),
        (Lead(picture="composite", sound="hdmi"), ("vc4hdmi", "Headphones"), "alsa/default:CARD=vc4hdmi", None),
        (Lead(sound="jack"), ("vc4hdmi",), "alsa/default:CARD=vc4hdmi", "jack-sound"),
        (Lead(sound="hdmi"), ("Headphones",), "alsa/default:CARD=Headphones", "hdmi-sound"),
        (Lead(sound="hdmi"), (), "auto", "hdmi-sound"),
        (Lead(), ("PCH",), "auto", None),
    ],
)
def test_the_sound_takes_the_lead_that_was_named_and_else_another(lead, cards, device, lack):
    """On a machine that is no Pi nobody misses a Pi's outlets, unless they were asked for."""
    assert leads.sound(lead, cards) == (device, lack)


def test_the_kernels_own_lists_are_read(tmp_path):
    (tmp_path / "cards").write_text(BOTH)
    assert sound_cards(tmp_path / "cards") == ("Headphones", "vc4hdmi")
    (tmp_path / "cards").write_bytes(b"--- no soundcards ---\n\xff")
    assert sound_cards(tmp_path / "cards") == ()
    assert sound_cards(tmp_path / "none") == ()
    for name, status in (("card0-HDMI-A-1", "disconnected"), ("card0-Composite-1", "connected")):
        (tmp_path / "drm" / name).mkdir(parents=True)
        (tmp_path / "drm" / name / "status").write_text(f"{status}\n")
    assert lit(tmp_path / "drm") == ("Composite-1",)
    assert leads.connector(COMPOSITE, lit(tmp_path / "drm")) == ("Composite-1", None)
    assert leads.connector(COMPOSITE, lit(tmp_path / "none")) == ("", "composite")
    assert leads.connector(Lead(), lit(tmp_path / "drm")) == ("", None)


def test_libmpv_is_told_the_connector_and_the_shape():
    options = output(Video(), frame.frame(COMPOSITE.wide, COMPOSITE.hidden), "Composite-1")
    assert options["drm_connector"] == "Composite-1"
    assert options["monitoraspect"] == pytest.approx(4 / 3)
    assert options["video_margin_ratio_left"] == 0.05
    assert "monitoraspect" not in output(Video(), frame.WHOLE)


def test_a_driver_that_comes_late_gets_the_sound():
    """The player is there before the kernel has found its cards; it looks again, and not at every moment."""
    cards, sent = [], []
    outlets = Leads(Lead(sound="jack"), sent.append, None, lambda: tuple(cards))
    outlets.look(0.0)
    assert (outlets.lacks, sent) == (("jack-sound",), [])
    cards.append("Headphones")
    outlets.look(LOOK_SECONDS / 2)
    assert sent == []
    for now in (LOOK_SECONDS, 2 * LOOK_SECONDS):
        outlets.look(now)
        assert (outlets.lacks, sent) == ((), ["alsa/default:CARD=Headphones"])


def test_a_lead_that_lacks_is_a_fault_told_once(tmp_path):
    """The centre knows it by its name, the journal has it once, the info page says it in words; and its end."""
    box = SimulatedBox(tmp_path, TableShelf(()))
    box.world.knows = True
    box.run(5)
    for lacks in (("composite", "jack-sound"), ("composite", "jack-sound"), ()):
        state = box.player.state(box.world.up())
        box.core.handle(PlayerSays(msgspec.structs.replace(state, lacks=lacks)), box.clock.moment())
        assert box.core.health(box.clock.moment()).fault == ("tv-lead" if lacks else None)
        box.core.key(Key.INFO, box.clock.moment())
        assert ("This board has no AV picture" in box.player.engine.layers[Layer.COVER]) == bool(lacks)
        box.core.key(Key.MENU, box.clock.moment())
    told = [record for record in box.journal.recent() if getattr(record, "what", "") == "tv-lead"]
    assert [type(record) for record in told] == [Fault, Recovered]
    assert "HDMI" in told[0].detail


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('picture = "scart"', "picture"),
        ('shape = "21:9"', "shape"),
        ("overscan = 11", "overscan"),
        ("overscan = -1", "overscan"),
        ('sound = "bluetooth"', "sound"),
        ('volume = "11"', "volume"),
    ],
)
def test_what_cannot_be_is_named_with_its_file_and_place(tmp_path, lines, fault):
    (tmp_path / "box.toml").write_text(f"[tv]\n{lines}\n")
    with pytest.raises(SettingsError, match=fault) as told:
        settings.read(tmp_path)
    assert "box.toml" in str(told.value)
    assert "mend the file" in str(told.value)


def test_what_is_not_said_follows_from_the_picture(tmp_path):
    (tmp_path / "box.toml").write_text('[tv]\npicture = "composite"\n')
    tv = settings.read(tmp_path).tv
    assert (tv.wide, tv.hidden) == (4 / 3, 5)
    wide = msgspec.structs.replace(tv, shape="16:9", overscan=0)
    assert (wide.wide, wide.hidden) == (16 / 9, 0)
    assert (Lead().wide, Lead().hidden) == (16 / 9, 0)
