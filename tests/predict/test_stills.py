"""A picture comes out as the training would have seen it, whatever its format says on top."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data as pictures

from attacknet.data.media import quiet_cv2, read_frames
from attacknet.errors import AttackNetError
from attacknet.predict import stills
from attacknet.predict.sources import STANDARD_INPUT

ASTRONAUT = pictures.astronaut()[:96, :128]  # NASA, public domain
ORIENTATION = 0x0112


def write(path: Path, mode: str = "RGB", **options: object) -> Path:
    Image.fromarray(ASTRONAUT).convert(mode).save(path, **options)
    return path


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "tif", "ppm", "webp", "gif"])
def test_ordinary_pictures_are_those_of_the_training(tmp_path: Path, ending: str) -> None:
    """The very pixels of the reader that prepares the datasets, grey ones too."""
    for mode in ("RGB", "L"):
        path = write(tmp_path / f"{mode}.{ending}", mode)
        pixels, note = stills.read(path)
        assert pixels.dtype == np.uint8
        assert not note
        ((_, expected),) = read_frames(path, "image")
        np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_turned_back(tmp_path: Path, orientation: int) -> None:
    """Each of the eight ways in which a sensor may have lain."""
    turn = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90,
    }
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = write(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(stills.read(path)[0], turn[orientation](ASTRONAUT))


@pytest.mark.parametrize("ending", ["png", "tif", "pgm"])
def test_of_16_bits_the_higher_8_count(tmp_path: Path, ending: str) -> None:
    """Grey, in each format that has it; white stays white and black black."""
    levels = (np.arange(96 * 128, dtype=np.uint32) * 65535 // (96 * 128 - 1)).astype(np.uint16)
    path = tmp_path / f"a.{ending}"
    Image.fromarray(levels.reshape(96, 128)).save(path)
    pixels, _ = stills.read(path)
    assert pixels.shape == (96, 128, 3)
    np.testing.assert_array_equal(pixels[..., 0].ravel(), levels >> 8)
    assert (pixels == pixels[..., :1]).all()


def test_colour_of_16_bits(tmp_path: Path) -> None:
    """The same for a PNG of three channels."""
    deep = ASTRONAUT.astype(np.uint16) * 257
    quiet_cv2().imwrite(str(tmp_path / "a.png"), deep[..., ::-1])
    np.testing.assert_array_equal(stills.read(tmp_path / "a.png")[0], ASTRONAUT)


def test_transparency_is_dropped(tmp_path: Path) -> None:
    """As the reader of the datasets does it: the colours below count, however transparent."""
    clear = np.dstack([ASTRONAUT, np.tile(np.arange(128, dtype=np.uint8), (96, 1))])
    Image.fromarray(clear).save(tmp_path / "a.png")
    np.testing.assert_array_equal(stills.read(tmp_path / "a.png")[0], ASTRONAUT)


def test_cmyk_is_converted(tmp_path: Path) -> None:
    """Ink is the complement of light: without black ink the way there and back loses nothing."""
    write(tmp_path / "a.tif", "CMYK")
    np.testing.assert_array_equal(stills.read(tmp_path / "a.tif")[0], ASTRONAUT)


@pytest.mark.parametrize("ending", ["gif", "png", "webp", "tif"])
def test_of_an_animation_the_first_picture_counts(tmp_path: Path, ending: str) -> None:
    """And the note says so."""
    path = tmp_path / f"a.{ending}"
    first, second = (Image.fromarray(np.full((40, 40, 3), level, np.uint8)) for level in (255, 0))
    options = {"lossless": True} if ending == "webp" else {}
    first.save(path, save_all=True, append_images=[second], **options)
    pixels, note = stills.read(path)
    assert note == "first of several pictures"
    assert (pixels == 255).all()


@pytest.mark.parametrize("mode", ["I", "F"])
def test_32_bits_have_no_known_white(tmp_path: Path, mode: str) -> None:
    """Better no score than one of a guess."""
    with pytest.raises(AttackNetError, match="32 bits a sample"):
        stills.read(write(tmp_path / "a.tif", mode))


def test_the_limit_is_counted_in_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pixel more is refused, before it is decoded: nothing follows the header."""
    monkeypatch.setattr(stills, "MOST_PIXELS", 96 * 128)
    assert stills.read(write(tmp_path / "a.png"))[0].shape == ASTRONAUT.shape
    Image.new("RGB", (129, 96)).save(tmp_path / "b.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "b.png").read_bytes()[:100])
    with pytest.raises(stills.TooLargeError, match="129x96 pixels; at most 12288"):
        stills.read(tmp_path / "b.png")


def test_whoever_refuses_a_bomb_says_what_to_do(tmp_path: Path) -> None:
    """Beyond a size of its own Pillow is the first to refuse, and knows nothing of this reader's limit."""
    path = tmp_path / "a.ppm"
    for sides, reason in (("10000 10000", "10000x10000 pixels; at most"), ("60000 60000", "more than")):
        path.write_text(f"P6 {sides} 255\n")
        with pytest.raises(stills.TooLargeError, match=rf"a\.ppm: {reason} {stills.MOST_PIXELS} .*scale"):
            stills.read(path)


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_standard_input_is_one_picture(monkeypatch: pytest.MonkeyPatch, format_: str) -> None:
    """Its bytes, of any format."""
    content = io.BytesIO()
    Image.fromarray(ASTRONAUT).save(content, format_)
    content.seek(0)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=content))
    assert stills.read(STANDARD_INPUT)[0].shape == ASTRONAUT.shape
    with pytest.raises(AttackNetError, match="-: standard input is empty"):
        stills.read(STANDARD_INPUT)


def test_standard_input_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless pipe is not read to its end."""
    monkeypatch.setattr(stills, "_MOST_BYTES", 10)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(bytes(11))))
    with pytest.raises(stills.TooLargeError, match="more than 10 bytes"):
        stills.read(STANDARD_INPUT)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@given(
    st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM"]),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 1500),
)
@settings(max_examples=150)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damage_of_any_kind_is_one_line(
    scratch: Path, format_: str, changes: list[tuple[int, int]], length: int
) -> None:
    """Bytes changed anywhere, or the end lost: a picture comes out or an error with the file's name."""
    content = io.BytesIO()
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.fromarray(ASTRONAUT[:24, :24]).save(
        content, format_, **({"exif": exif} if format_ != "GIF" else {})
    )
    damaged = bytearray(content.getvalue()[: length + 100])
    for place, value in changes:
        damaged[place % len(damaged)] = value
    path = scratch / "a"
    path.write_bytes(damaged)
    try:
        pixels, _ = stills.read(path)
    except AttackNetError as error:
        assert str(error).startswith(f"{path}: ")
        assert "\n" not in str(error)
    else:
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3
