"""The physics of prints and replays: each step against what must follow from it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacknet.standins import species, studio
from attacknet.standins.attacks import print as printed
from attacknet.standins.attacks import replay
from attacknet.standins.camera import CAMERAS
from attacknet.standins.light import luminance, to_linear, to_srgb
from attacknet.standins.scene import Framing
from attacknet.standins.studio import Picture
from attacknet.standins.view import Lens, Pose, look_at, sample, seen_wave
from tests.standins.conftest import drawn_face

SIZE = (60, 80)
LENS = Lens(blur=0.3, fill=0.8)
SHEET = (200.0, 150.0)


def square_view(coverage: float = 1.0, size: tuple[int, int] = SIZE, lens: Lens = LENS, **pose: float):
    return look_at(Pose(*SHEET, coverage, **pose), size, lens)


def grey(level: float, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.full((*size, 3), level, np.float32)


def test_srgb_to_light_and_back_returns_every_grey_level():
    levels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(np.rint(to_srgb(to_linear(levels))), levels)


def test_half_of_the_light_is_grey_level_188():
    """IEC 61966-2-1: 1.055 x 0.5^(1/2.4) - 0.055 = 0.7354, times 255 = 187.5."""
    assert to_srgb(np.array(0.5)) == pytest.approx(187.5, abs=0.1)


class TestView:
    def test_a_square_view_spans_the_medium(self):
        """80 pixels over 200 mm: 2.5 mm each; the outermost centres lie 1.25 mm inside the edges."""
        view = square_view()
        assert view.pitch == pytest.approx(2.5)
        assert view.x[0, 0] == pytest.approx(-98.75, abs=1e-3)
        assert view.x[0, -1] == pytest.approx(98.75, abs=1e-3)
        assert view.y[-1, 0] == pytest.approx(73.75, abs=1e-3)

    @given(
        st.floats(0.8, 1.5), st.tuples(*3 * [st.floats(-15, 15)]), st.tuples(*2 * [st.floats(-0.05, 0.05)])
    )  # fmt: skip
    @settings(max_examples=30)
    def test_the_homography_is_that_of_a_pin_hole_camera(self, coverage, angles, shift):
        """A point of the sheet, moved into space and projected by hand, lands where the homography says."""
        pose = Pose(*SHEET, coverage, *angles, shift)
        view = look_at(pose, SIZE, LENS)
        column, row = 31, 17
        x, y = view.x[row, column], view.y[row, column]
        a, b, c = np.radians(angles)
        point = np.array([x * np.cos(c) - y * np.sin(c), x * np.sin(c) + y * np.cos(c), 0.0])
        point = np.array([point[0], point[1] * np.cos(b), point[1] * np.sin(b)])
        point = np.array(
            [
                point[0] * np.cos(a) + point[2] * np.sin(a),
                point[1],
                point[2] * np.cos(a) - point[0] * np.sin(a),
            ]
        )
        focal = SIZE[1] / (2 * np.tan(np.radians(30)))
        distance = focal * SHEET[0] / (coverage * SIZE[1])
        point += distance * np.array([*(2 * np.tan(np.radians(30)) * np.array(shift)), 1])
        assert focal * point[0] / point[2] + (SIZE[1] - 1) / 2 == pytest.approx(column, abs=0.02)
        assert focal * point[1] / point[2] + (SIZE[0] - 1) / 2 == pytest.approx(row, abs=0.02)

    def test_a_sheet_bent_towards_the_camera_looks_larger(self):
        flat, bent = square_view(), square_view(sag=0.05)
        assert abs(bent.x[30, 60]) < abs(flat.x[30, 60])
        assert bent.tilt[30, 70] < 0 < bent.tilt[30, 10]

    def test_a_picture_seen_square_and_sharp_is_the_picture(self):
        picture = np.random.default_rng(0).random((*SIZE, 3)).astype(np.float32)
        seen = sample(picture, square_view(lens=Lens(0.05, 0.8)), *SHEET)
        assert np.allclose(seen, picture, atol=0.02)


class TestWaves:
    def test_a_lens_without_blur_and_area_passes_everything(self):
        assert Lens(0.0, 0.0).transfer(0.7) == pytest.approx(1.0)

    def test_a_pixel_as_wide_as_the_period_sees_nothing_of_it(self):
        assert Lens(0.0, 1.0).transfer(1.0) == pytest.approx(0.0, abs=1e-12)

    def test_what_a_wave_leaves_is_the_average_over_lens_and_pixel(self):
        """Against brute force: a fine cosine, blurred and averaged over each pixel numerically."""
        lens = Lens(blur=0.4, fill=0.8)
        frequency = 0.7  # periods a pixel
        u = np.linspace(-4, 4, 160001)
        kernel = np.exp(-(u**2) / (2 * lens.blur**2))
        kernel /= kernel.sum()
        inside = np.abs(np.linspace(-0.5, 0.5, 10001)) <= lens.fill / 2
        blurred = (kernel * np.cos(2 * np.pi * frequency * u)).sum()
        averaged = np.cos(2 * np.pi * frequency * np.linspace(-0.5, 0.5, 10001))[inside].mean()
        assert lens.transfer(frequency) == pytest.approx(blurred * averaged, abs=1e-3)

    def test_a_wave_of_nearly_a_pixel_comes_out_as_a_coarse_one(self):
        """Moire: 1.0625 periods a pixel, taken at whole pixels, is a wave of 16 pixels."""
        view = square_view(size=(64, 64), lens=Lens(0.1, 0.5))
        seen = seen_wave(view, 1.0625 / view.pitch, 0.0)[0]
        spectrum = np.abs(np.fft.rfft(seen))
        assert spectrum.argmax() == 64 // 16

    def test_a_wave_that_the_lens_swallows_is_gone(self):
        assert not seen_wave(square_view(lens=Lens(2.0, 0.9)), 3.0, 0.0).any()


class TestPrint:
    def test_ink_keeps_within_the_papers_gamut(self):
        """White becomes the paper, black the ink."""
        out = printed.ink(np.stack([grey(0.0), grey(1.0)]), 0.04, 0.85, 0.06, 0.7)
        assert np.allclose(out[0], 0.04)
        assert np.allclose(out[1], [[0.85, 0.85 * 0.98, 0.85 * 0.94]])

    @given(st.floats(0.02, 0.06), st.floats(0.78, 0.9), st.floats(0, 0.1), st.floats(0, 1))
    @settings(max_examples=25)
    def test_no_print_is_darker_than_ink_or_brighter_than_paper(self, black, white, yellowish, chroma):
        light = np.random.default_rng(1).random((*SIZE, 3)).astype(np.float32)
        out = printed.ink(light, black, white, yellowish, chroma)
        assert out.min() >= black - 1e-6
        assert out.max() <= white + 1e-6

    def test_dots_that_spread_darken_the_middle_tones_alone(self):
        """A gain of 0.1: of a share of one half under ink comes 0.6; bare and full paper stay as they are."""
        tones = np.array([0.0, 0.5, 1.0], np.float32)
        assert printed.spread(tones, 0.1) == pytest.approx([0.0, 0.4, 1.0])

    @given(st.floats(0, 0.25))
    @settings(max_examples=25)
    def test_spreading_dots_keep_the_order_of_tones(self, gain):
        """Or a face would be printed partly as its negative."""
        assert (np.diff(printed.spread(np.linspace(0, 1, 101, dtype=np.float32), gain)) > -1e-6).all()

    def test_black_toner_alone_prints_no_colour(self):
        light = np.random.default_rng(2).random((*SIZE, 3)).astype(np.float32)
        out = printed.ink(light, 0.04, 0.85, 0.0, 0.0)
        assert np.ptp(out, axis=-1).max() < 1e-6

    def test_halftone_leaves_white_paper_white_and_keeps_the_mean(self):
        view = square_view(size=(120, 160), lens=Lens(0.2, 0.5))
        coarse = 0.35 / view.pitch  # dots that can be seen
        assert np.allclose(printed.halftone(grey(1.0, (120, 160)), view, coarse, 0.03), 1.0)
        dotted = printed.halftone(grey(0.5, (120, 160)), view, coarse, 0.03)
        assert dotted.mean() == pytest.approx(0.5, abs=0.01)
        assert dotted.std() > 0.02

    def test_dots_finer_than_the_pixels_are_not_seen(self):
        view = square_view(lens=Lens(0.8, 0.8))
        assert np.ptp(printed.halftone(grey(0.5), view, 8.0, 0.03)) < 1e-3

    def test_the_grain_belongs_to_the_sheet(self):
        """The same sheet, shifted by ten pixels before the camera, takes its grain along."""
        still, moved = (
            printed.paper(grey(0.5), square_view(shift=(s, 0.0)), 0.05, np.random.default_rng(3))
            for s in (0, 0.125)
        )
        assert np.allclose(still[:, 20:60], moved[:, 30:70], atol=0.01)
        assert not np.allclose(still, moved, atol=0.01)

    def test_gloss_is_brightest_where_the_sheet_faces_halfway_to_the_lamp(self):
        left, right = (
            printed.gloss(grey(0.2), square_view(), 0.1, 10, lamp)[30, :, 0].argmax() for lamp in (-30, 30)
        )
        assert left < SIZE[1] / 2 < right

    def test_the_side_of_the_lamp_is_brighter(self):
        shaded = printed.shade(grey(0.5), square_view(), 40.0, 0.4)
        assert shaded[30, -1, 0] > shaded[30, 0, 0]


class TestReplay:
    def test_a_display_shows_white_as_white_and_black_as_its_leak(self):
        photo = np.stack([np.zeros((*SIZE, 3), np.uint8), np.full((*SIZE, 3), 255, np.uint8)])
        out = replay.display(photo, 2.2, 100.0, 0.0, 1.0)
        assert np.allclose(out[0], 0.01)
        assert np.allclose(out[1], 1.0)

    def test_a_bluish_white_has_more_blue_than_red(self):
        out = replay.display(np.full((*SIZE, 3), 255, np.uint8), 2.2, 100.0, 0.1, 1.0)
        assert np.allclose(out, [[[0.9, 1.0, 1.1]]])

    def test_the_pixel_grid_keeps_the_mean_and_colours_the_stripes(self):
        view = square_view(size=(64, 64), lens=Lens(0.1, 0.3))
        gridded = replay.pixel_grid(grey(0.5, (64, 64)), view, view.pitch / 0.25)
        assert gridded.mean() == pytest.approx(0.5, rel=0.02)
        assert np.ptp(gridded, axis=-1).max() > 0.1

    def test_glass_mirrors_the_room_left_for_right(self):
        room = grey(0.0)
        room[:, :20] = 1.0
        seen = replay.reflect(grey(0.0), square_view(), room, 0.04)
        assert seen[30, -1, 0] == pytest.approx(0.04, abs=0.01)
        assert seen[30, 0, 0] < 0.01

    def test_around_the_screen_is_the_rim_and_around_that_the_room(self):
        """Coverage 0.5: the screen spans columns 20 to 60, a rim of 25 mm another 5 pixels on each side."""
        room = grey(0.7)
        out = replay.bezel(grey(0.3), square_view(0.5), SHEET, room, 25.0)[30, :, 0]
        assert out[40] == pytest.approx(0.3)
        assert out[17] < 0.1
        assert out[5] == pytest.approx(0.7)

    def test_corners_are_dimmer_than_the_middle(self):
        dimmed = replay.backlight(grey(0.5), square_view(), 0.3, 0.0)
        assert dimmed[0, 0, 0] < dimmed[30, 40, 0]


class TestSpecies:
    def test_every_parameter_has_a_range_a_unit_and_a_source(self):
        table = species.table()
        assert not table.isna().any().any()
        assert (table["low"] <= table["high"]).all()
        assert not table.duplicated(["medium", "parameter"]).any()
        assert set(table["medium"]) == set(species.SIZES) == set(studio.PHOTO_PIXELS)

    @pytest.mark.parametrize("medium", species.SIZES)
    def test_a_drawn_instrument_lies_within_the_table_and_uses_all_of_it(self, medium):
        """A parameter that no step reads would be a row of the table that says nothing."""
        instrument = species.draw(medium, np.random.default_rng(0))
        rows = species.table().query("medium == @medium").set_index("parameter")
        for name, value in instrument.parameters.items():
            assert rows.loc[name, "low"] <= value <= rows.loc[name, "high"]

        read = set()

        class Watched(dict):
            def __getitem__(self, key):
                read.add(key)
                return super().__getitem__(key)

        watched = species.Instrument(medium, Watched(instrument.parameters))
        photo = Picture(np.full((*SIZE, 3), 128, np.uint8), {}, (0, 0, 1, 1))
        view = look_at(studio.hold(watched), SIZE, LENS)
        list(studio.steps(watched, photo, view, grey(0.4), np.random.default_rng(0)))
        assert read == set(rows.index)

    @pytest.mark.parametrize("medium", species.SIZES)
    def test_black_is_raised_on_every_medium(self, medium):
        """No paper and no screen is as black as the scene that it shows."""
        instrument = species.draw(medium, np.random.default_rng(1))
        photo = Picture(np.zeros((*SIZE, 3), np.uint8), {}, (0, 0, 1, 1))
        view = look_at(Pose(*instrument.size, 1.3), SIZE, LENS)
        *_, (_, light) = studio.steps(instrument, photo, view, grey(0.4), np.random.default_rng(0))
        assert luminance(light).min() > 0.001


def test_places_in_a_photo_are_found_again_in_the_frame_of_the_camera():
    """A dark spot drawn into the photo is dark where its mapped point says, under a tilted pose."""
    photo = np.full((120, 160, 3), 220, np.uint8)
    photo[76:84, 46:54] = 0
    shown = Picture(photo, {"spot": (49.5, 79.5)}, (40, 70, 20, 20))
    instrument = species.draw("tablet", np.random.default_rng(4))
    recorder = studio.Recorder.of("replay_attack", np.random.default_rng(5))
    pose = Pose(*instrument.size, 1.3, yaw=10, pitch=-5, roll=3)
    (picture,) = studio.record_medium(instrument, [shown], [pose], grey(0.4, (480, 640)), recorder)
    column, row = picture.points["spot"]
    luma = picture.pixels.mean(-1)
    dark = luma < luma.min() + 0.3 * (np.median(luma) - luma.min())
    assert np.allclose(np.argwhere(dark).mean(0), [row, column], atol=1)
    assert picture.box[0] < column < picture.box[0] + picture.box[2]


@given(st.floats(0.25, 0.45), st.floats(0.4, 0.6), st.floats(0.45, 0.55))
@settings(max_examples=15)
def test_the_face_is_where_the_framing_puts_it(size, column, row):
    """Width and middle of the face box follow the framing, in the pixels of the file."""
    recorder = studio.Recorder.of("own", np.random.default_rng(0))
    room = grey(0.4, recorder.camera.sensor)
    (picture,) = studio.record(drawn_face(), room, [Framing(size, column, row)], recorder)
    x, y, w, h = picture.box
    height, width = CAMERAS["own"].size
    assert w / width == pytest.approx(size, rel=1e-6)
    assert (x + w / 2) / width == pytest.approx(column, abs=1e-6)
    assert (y + h / 2) / height == pytest.approx(row, abs=1e-6)
