"""Each card as somebody has looked at it once: the golden pictures, and what every card must keep to.

``python -m tests.player.golden`` draws them anew; look at each before it is committed.
"""

from __future__ import annotations

import itertools

import pytest
from PIL import Image, ImageChops

from estation_box.playout import cards, drawing
from estation_box.playout.player_words import Cover
from tests.player import golden

MOST_OFF = 0.012  # of full scale, mean over all points: another FreeType rounds otherwise by a third of it
MOST_WRONG = 0.01  # share of points that are another colour; a word more or less is three times as many


@pytest.fixture(scope="module")
def drawn(running, screen, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    running.core.rest()
    golden.await_card(screen.frame_buffer)
    pictures = {name: golden.draw(running.core, screen.frame_buffer, name, folder) for name in golden.SCENES}
    pictures |= golden.menu(running.core, screen.frame_buffer, folder, running.pictures)
    assert running.core.ask(Cover, ass=cards.station_card()).ok  # the last scene is words alone: films would be seen
    pictures |= {name: golden.play(running.core, screen.frame_buffer, name, folder) for name in golden.CAPTIONS}
    return pictures


def off(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """How far two pictures are apart: mean difference, and the share of points that differ by a fifth and more."""
    difference = ImageChops.difference(one, other).convert("L")
    values = difference.tobytes()
    return sum(values) / 255 / len(values), sum(value > 51 for value in values) / len(values)


@pytest.mark.screen
@pytest.mark.parametrize("name", [*golden.SCENES, *golden.MENU, *golden.CAPTIONS])
def test_the_card_looks_as_it_did_when_somebody_looked(drawn, name):
    mean, wrong = off(golden.small(drawn[name]), Image.open(golden.FOLDER / f"{name}.png").convert("RGB"))
    assert mean <= MOST_OFF
    assert wrong <= MOST_WRONG


@pytest.mark.screen
def test_no_two_cards_would_pass_for_each_other(drawn):
    """The tolerance tells any card from any other."""
    small = {name: golden.small(path) for name, path in drawn.items()}
    for one, other in itertools.combinations(small, 2):
        mean, wrong = off(small[one], small[other])
        assert mean > MOST_OFF or wrong > MOST_WRONG, (one, other)


@pytest.mark.screen
@pytest.mark.parametrize("name", [*golden.SCENES, *golden.MENU])
def test_nothing_stands_where_an_old_television_cuts(drawn, name):
    """The outer five per cent hold ground and nothing else, also when the card has wandered."""
    across, down = (edge - drawing.MOST_SHIFT for edge in drawing.SAFE)
    picture = Image.open(drawn[name]).convert("L")
    bright = picture.point(lambda value: 255 if value > 90 else 0)
    box = bright.getbbox()
    assert box is not None
    assert box[0] >= across
    assert box[1] >= down
    assert box[2] <= drawing.WIDTH - across
    assert box[3] <= drawing.HEIGHT - down


@pytest.mark.screen
@pytest.mark.parametrize("name", golden.CAPTIONS)
def test_a_caption_ends_where_its_script_ends(drawn, name):
    """The full stop of a sentence from right to left is at its left end, and of English at its right."""
    band = Image.open(drawn[name]).convert("L").crop(golden.BAND).point(lambda value: 255 if value > 170 else 0)
    left, top, right, bottom = band.getbbox()
    end = band.crop((left, top, left + 5, bottom) if name != "captions-en" else (right - 5, top, right, bottom))
    assert end.getbbox()[3] - end.getbbox()[1] <= 8  # a dot, and no letter


def channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Of an ASS colour (blue, green, red), by WCAG 2."""
    blue, green, red = (channel(int(colour[at : at + 2], 16)) for at in (2, 4, 6))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ink", drawing.INKS)
@pytest.mark.parametrize("ground", [drawing.NIGHT, drawing.DUSK])
def test_every_word_stands_out(ink, ground):
    """WCAG's 4.5 to 1 for text, on both grounds; it was made for eyes at arm's length, ours are ten metres away."""
    above, below = luminance(ink), luminance(ground)
    assert (above + 0.05) / (below + 0.05) >= 4.5


def test_a_card_wanders_and_comes_back():
    """No point of a word stands where it stood an hour ago, and no step goes further than the rim allows."""
    ass = golden.SCENES["station"][0]
    steps = [drawing.shifted(ass, step) for step in range(9)]
    assert len(set(steps[:8])) == 8
    assert steps[8] == steps[0] == ass
