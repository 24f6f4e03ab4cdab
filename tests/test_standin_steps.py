"""The pictures of Notebook A.1 are made by the code that writes stand-ins, and change what they say."""

import numpy as np
import pytest

from attacknet import standin_steps
from attacknet.errors import AttackNetError
from attacknet.standin_steps import Step
from attacknet.standins import studio
from attacknet.standins.cast import Wish
from attacknet.standins.view import look_at

SITTER = Wish("replay_attack", 0, "source")


@pytest.fixture(scope="module")
def shown() -> studio.Picture:
    """The attacker's picture."""
    return standin_steps.photo("phone", SITTER, seed=1)


def steps(shown, before=None, **changed) -> list[Step]:
    before = before or standin_steps.recorder("replay_attack", seed=1)
    held = standin_steps.instrument("phone", seed=1, **changed)
    return list(standin_steps.attack(shown, held, before, seed=1))


def test_an_attack_has_the_steps_of_the_writer_and_ends_in_a_file(shown):
    """The names are those that the species' own code yields; the last picture has the camera's size."""
    held = standin_steps.instrument("phone", seed=1)
    before = standin_steps.recorder("replay_attack", seed=1)
    view = look_at(studio.hold(held), before.camera.sensor, before.at.lens)
    room = np.full((*before.camera.sensor, 3), 0.3, np.float32)
    names = [name for name, _ in studio.steps(held, shown, view, room, np.random.default_rng())]
    made = steps(shown)
    assert [one.name for one in made] == [*names, "in the file"]
    assert standin_steps.MOVED in names
    assert made[-1].pixels.shape == (*before.camera.size, 3)


def test_the_same_seed_gives_the_same_pictures(shown):
    one, other = steps(shown), steps(shown)
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(one, other, strict=True))


def test_a_parameter_that_does_nothing_changes_nothing(shown):
    """Glass without reflectance leaves the picture as the step before left it: plain grey."""
    made = steps(shown, reflectance=0.0)
    place = [one.name for one in made].index("reflected room")
    same = standin_steps.change(made[place - 1].pixels, made[place].pixels)
    assert same is not None
    assert (same == 128).all()


def test_a_blurred_lens_lets_no_pixel_grid_pass(shown):
    """At a blur of two pixels the transfer of the grid is below e^-20 at the frequencies of a phone."""
    made = steps(shown, before=standin_steps.recorder("replay_attack", seed=1, blur=2.0))
    place = [one.name for one in made].index("pixel grid")
    assert np.array_equal(made[place - 1].pixels, made[place].pixels)


def test_an_unknown_parameter_is_named():
    with pytest.raises(AttackNetError, match="phone: no parameter 'shine'; there are gamma"):
        standin_steps.instrument("phone", seed=1, shine=1.0)


def test_a_change_is_amplified_about_grey_and_clipped():
    """100 to 103 is 128 + 6 x 3; 100 to 200 leaves the scale; another resolution cannot be compared."""
    before = np.full((1, 2, 3), 100, np.uint8)
    after = np.array([[[103] * 3, [200] * 3]], np.uint8)
    assert standin_steps.change(before, after)[0, :, 0].tolist() == [146, 255]
    assert standin_steps.change(before, np.zeros((2, 2, 3), np.uint8)) is None


def test_a_detail_stays_inside_the_picture():
    """Of 10 x 20 pixels a share of 0.2 is 2 x 4; asked for the corner, it is moved inside."""
    picture = np.arange(200).reshape(10, 20)
    assert np.array_equal(standin_steps.detail(picture, (0.5, 0.5), 0.2), picture[4:6, 8:12])
    assert np.array_equal(standin_steps.detail(picture, (0.0, 1.0), 0.2), picture[8:10, 0:4])


def test_a_storyboard_shows_changes_across_its_lines():
    """Four steps in lines of three: the fourth changes the third, though that is in the line above."""
    greys = [
        Step(name, np.full((2, 2, 3), grey, np.uint8))
        for name, grey in zip("abcd", (9, 9, 9, 10), strict=True)
    ]
    board = standin_steps.storyboard(greys, columns=3, middle=(0.5, 0.5), share=0.5)
    assert [len(row) for row in board] == [3, 3, 3, 1, 1, 1]
    assert board[2][0] is None
    assert (board[2][1].picture == 128).all()
    assert (board[5][0].picture == 128 + standin_steps.AMPLIFIED).all()


def test_a_recording_goes_from_the_scene_to_the_file():
    before = standin_steps.recorder("replay_attack", seed=1)
    made = list(standin_steps.recording(Wish("replay_attack", 0, "bonafide"), before, seed=1))
    assert [one.name for one in made][:2] == ["the scene", "lens"]
    assert made[0].pixels.shape == (*before.camera.sensor, 3)
    assert made[-1].pixels.shape == (*before.camera.size, 3)
