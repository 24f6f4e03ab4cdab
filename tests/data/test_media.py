"""Frames come out as they went in, in every container, and damage is refused with the file's name."""

import struct
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from attacknet.data.manifest import Frames, Hdf5
from attacknet.data.media import Media, quiet_cv2, read_frames
from attacknet.errors import AttackNetError

cv2 = quiet_cv2()

STACK = Hdf5(path="Color_Data", axes="NCHW")  # 3DMAD
GROUP = Hdf5(path="data/sr300/color", axes="HWC")  # CSMAD


def gradient(number: int = 0, height: int = 48, width: int = 64) -> np.ndarray:
    """Red grows to the right, green downwards, blue tells the frame number: nothing is symmetric."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack(
        [columns * 255 // width, rows * 255 // height, np.full_like(rows, 5 * number)], axis=-1
    ).astype(np.uint8)


def write_video(path: Path, frames: int = 40, codec: str = "MJPG") -> Path:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), 25, (64, 48))
    for number in range(frames):
        writer.write(gradient(number)[..., ::-1])
    writer.release()
    return path


def write_stack(path: Path, frames: int = 4, **options: str) -> Path:
    with h5py.File(path, "w") as file:
        stack = np.stack([np.moveaxis(gradient(n), -1, 0) for n in range(frames)])
        file.create_dataset(STACK.path, data=stack, **options)
    return path


def write_group(path: Path, frames: int = 4) -> Path:
    """As CSMAD: one dataset a frame, named by the time of day."""
    with h5py.File(path, "w") as file:
        for number in reversed(range(frames)):
            file[f"{GROUP.path}/10_00_{number:02}_000"] = gradient(number)
    return path


def write_bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(path: Path, media: Media, layout: Hdf5 | None = None, **selection: int) -> dict[int, np.ndarray]:
    return dict(read_frames(path, media, Frames(**selection), layout))


@pytest.mark.parametrize("name", ["a.mov", "a.avi"])
def test_motion_jpeg_comes_out_as_rgb_in_order(tmp_path: Path, name: str) -> None:
    """Red stays red: OpenCV's BGR is turned. JPEG loses a little, so values agree within 12 of 255."""
    frames = read(write_video(tmp_path / name), "video")
    assert list(frames) == list(range(40))
    for number, frame in frames.items():
        assert frame.dtype == np.uint8
        assert np.abs(frame.astype(int) - gradient(number)).mean() < 12


@pytest.mark.parametrize("options", [{}, {"compression": "gzip"}])
def test_3dmad_stack_is_exact(tmp_path: Path, options: dict[str, str]) -> None:
    """Channel-first frames are turned to height, width, channel, compressed or not."""
    frames = read(write_stack(tmp_path / "01_01_01.hdf5", **options), "hdf5", STACK)
    assert all(np.array_equal(frames[n], gradient(n)) for n in range(4))


def test_csmad_group_is_exact_and_in_the_order_of_time(tmp_path: Path) -> None:
    """Frames were written last first; their names give the order."""
    frames = read(write_group(tmp_path / "a.h5"), "hdf5", GROUP)
    assert all(np.array_equal(frames[n], gradient(n)) for n in range(4))


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.ppm", "a.tif"])
def test_lossless_pictures_are_exact(tmp_path: Path, name: str) -> None:
    """A picture is frame 0."""
    Image.fromarray(gradient()).save(tmp_path / name)
    frames = read(tmp_path / name, "image")
    assert list(frames) == [0]
    assert np.array_equal(frames[0], gradient())


def test_grey_pgm_gets_three_equal_channels(tmp_path: Path) -> None:
    """MSSpoof's 8-bit PGM, with the comment line that cameras write."""
    grey = gradient()[..., 0]
    frame = read(write_bytes(tmp_path / "a.pgm", b"P5\n# uEye\n64 48\n255\n" + grey.tobytes()), "image")[0]
    assert np.array_equal(frame, np.repeat(grey[..., None], 3, axis=-1))


def test_a_phone_picture_stands_upright(tmp_path: Path) -> None:
    """EXIF orientation 6: the sensor's picture is turned a quarter clockwise for viewing."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(gradient()).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read(tmp_path / "a.png", "image")[0], np.rot90(gradient(), -1))


@pytest.mark.parametrize(("name", "codec"), [("a.mov", "jpeg"), ("a.mp4", "mp4v")])
def test_a_phone_video_stands_upright(tmp_path: Path, name: str, codec: str) -> None:
    """The container's matrix turns the picture a quarter clockwise (ISO/IEC 14496-12, track header)."""
    path = write_video(tmp_path / name, 5, codec)
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    upright, turned = (0x10000, 0, 0, 0, 0x10000, 0), (0, 0x10000, 0, -0x10000, 0, 0)
    assert struct.unpack_from(">6i", data, matrix) == upright
    struct.pack_into(">6i", data, matrix, *turned)
    path.write_bytes(data)
    frame = read(path, "video")[2]
    assert np.abs(frame.astype(int) - np.rot90(gradient(2), -1)).mean() < 12


@pytest.mark.parametrize("selection", [{"every": 7}, {"every": 7, "at_most": 3}, {"at_most": 1}])
@pytest.mark.parametrize(
    ("write", "media", "layout"),
    [(write_video, "video", None), (write_stack, "hdf5", STACK), (write_group, "hdf5", GROUP)],
)
def test_every_container_selects_alike(
    tmp_path: Path, write: Callable[..., Path], media: Media, layout: Hdf5 | None, selection: dict[str, int]
) -> None:
    """The same frames, whichever the container, and the right ones: blue tells the number."""
    frames = read(write(tmp_path / "a.mov", 40), media, layout, **selection)
    assert list(frames) == list(Frames(**selection).indices(40))
    assert all(abs(int(frame[..., 2].mean()) - 5 * number) <= 3 for number, frame in frames.items())


def test_memory_holds_one_frame_of_a_recording(tmp_path: Path) -> None:
    """200 frames of 1.2 MB pass; what Python holds at the peak is a few of them."""
    import tracemalloc

    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        stack = file.create_dataset(STACK.path, (200, 3, 640, 640), "u1", chunks=(1, 3, 640, 640))
        stack[0] = 1
    tracemalloc.start()
    assert sum(1 for _ in read_frames(tmp_path / "a.hdf5", "hdf5", hdf5=STACK)) == 200
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * 3 * 640 * 640


def test_files_opened_by_libraries_are_announced(tmp_path: Path) -> None:
    """The chapter cache must see data that HDF5 and FFmpeg read behind Python's back."""
    heard = []
    sys.addaudithook(lambda event, args: heard.append(args[0]) if event == "attacknet.read" else None)
    read(write_video(tmp_path / "a.mov", 3), "video")
    read(write_group(tmp_path / "a.h5"), "hdf5", GROUP)
    assert heard == [str(tmp_path / "a.mov"), str(tmp_path / "a.h5")]


def cut(write: Callable[[Path], Path], share: float) -> Callable[[Path], Path]:
    def broken(path: Path) -> Path:
        content = write(path).read_bytes()
        return write_bytes(path, content[: int(len(content) * share)])

    return broken


def image(kind: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path, kind)
        return path

    return write


def hdf5(key: str | bytes, data: object) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        with h5py.File(path, "w") as file:
            if data is None:
                file.create_group(key)
            else:
                file[key] = data
        return path

    return write


def content(data: bytes) -> Callable[[Path], Path]:
    return lambda path: write_bytes(path, data)


def zeros(*shape: int, dtype: str = "u1") -> np.ndarray:
    return np.zeros(shape, dtype)


def save_16_bit(path: Path) -> Path:
    Image.fromarray(np.full((4, 4), 4096, np.uint16)).save(path)
    return path


def misnamed_video(path: Path) -> Path:
    return write_video(path.with_suffix(".mov")).rename(path)


COLOUR = f"{GROUP.path}/10_00_00_000"
# name, media, where HDF5 keeps its frames, how to make it, what the message must say
MALFORMED: list[tuple[str, Media, Hdf5 | None, Callable[[Path], Path], str]] = [
    # Videos.
    ("empty.mov", "video", None, content(b""), "empty"),
    ("text.mov", "video", None, content(b"frame 0\n" * 500), "not a video"),
    ("picture.mov", "video", None, content(b"\x89PNG\r\n\x1a\n" + bytes(64)), "no frame"),
    ("zeros.mov", "video", None, content(bytes(10_000)), "not a video"),
    ("header-only.mov", "video", None, cut(write_video, 0.01), "not a video"),
    *((f"cut{s}.mov", "video", None, cut(write_video, s), "not a video") for s in (0.1, 0.5, 0.9, 0.99)),
    *((f"cut{s}.avi", "video", None, cut(write_video, s), "breaks off after") for s in (0.3, 0.5, 0.8)),
    *((f"cut{s}.mkv", "video", None, cut(write_video, s), "breaks off after") for s in (0.3, 0.5, 0.8)),
    ("cut.mp4", "video", None, cut(lambda p: write_video(p, codec="mp4v"), 0.5), "not a video"),
    ("head.webm", "video", None, cut(lambda p: write_video(p, codec="VP80"), 0.06), "video"),
    ("stack.mov", "video", None, write_stack, "not a video"),
    # HDF5 files.
    ("empty.h5", "hdf5", GROUP, content(b""), "empty"),
    ("text.hdf5", "hdf5", STACK, content(b"Color_Data\n" * 100), "cannot be read as HDF5"),
    ("video.hdf5", "hdf5", STACK, misnamed_video, "cannot be read as HDF5"),
    *((f"cut{s}.hdf5", "hdf5", STACK, cut(write_stack, s), "as HDF5") for s in (0.1, 0.5, 0.9, 0.99)),
    *((f"cut{s}.h5", "hdf5", GROUP, cut(write_group, s), "as HDF5") for s in (0.1, 0.5, 0.9, 0.99)),
    ("unknown.h5", "hdf5", None, write_group, "does not say"),
    ("no-colour.hdf5", "hdf5", STACK, hdf5("Depth_Data", zeros(2, 1, 8, 8)), "no dataset Color_Data"),
    ("no-group.h5", "hdf5", GROUP, hdf5("data/sr300/infrared", None), "no group data/sr300/color"),
    ("group-is-file.h5", "hdf5", GROUP, hdf5("data/sr300", zeros(2)), "no group data/sr300/color"),
    ("no-frames.h5", "hdf5", GROUP, hdf5(GROUP.path, None), "no frame"),
    ("name-of-bytes.h5", "hdf5", GROUP, hdf5(f"{GROUP.path}/".encode() + b"\xff", zeros(8, 8, 3)), "no text"),
    ("group-of-groups.h5", "hdf5", GROUP, hdf5(f"{GROUP.path}/more", None), "type group"),
    ("scalar.hdf5", "hdf5", STACK, hdf5(STACK.path, 7), "shape () and type int64"),
    ("text-data.hdf5", "hdf5", STACK, hdf5(STACK.path, "colour"), "expected axes NCHW"),
    *(
        (
            f"stack-{'x'.join(map(str, shape))}.hdf5",
            "hdf5",
            STACK,
            hdf5(STACK.path, zeros(*shape)),
            "shape",
        )
        for shape in [
            (8,),
            (3, 8, 8),
            (2, 8, 8, 3),
            (2, 1, 8, 8),
            (2, 4, 8, 8),
            (1, 2, 3, 8, 8),
            (0, 3, 8, 8),
            (2, 3, 0, 8),
        ]
    ),
    *(
        (f"stack-{d}.hdf5", "hdf5", STACK, hdf5(STACK.path, zeros(2, 3, 8, 8, dtype=d)), f"type {name}")
        for d, name in [("u2", "uint16"), ("i1", "int8"), ("f4", "float32"), ("f8", "float64"), ("?", "bool")]
    ),
    *(
        (f"frame-{'x'.join(map(str, shape))}.h5", "hdf5", GROUP, hdf5(COLOUR, zeros(*shape)), "shape")
        for shape in [(8,), (8, 8), (3, 8, 8), (8, 8, 1), (8, 8, 4), (1, 8, 8, 3), (0, 8, 3)]
    ),
    *(
        (f"frame-{d}.h5", "hdf5", GROUP, hdf5(COLOUR, zeros(8, 8, 3, dtype=d)), f"type {name}")
        for d, name in [("u2", "uint16"), ("i1", "int8"), ("f4", "float32"), ("f8", "float64")]
    ),
    # Pictures.
    ("empty.png", "image", None, content(b""), "empty"),
    ("text.jpg", "image", None, content(b"a picture" * 50), "not an intact picture"),
    ("video.jpg", "image", None, misnamed_video, "not an intact picture"),
    *(
        (f"cut{s}.{ext}", "image", None, cut(image(kind), s), "not an intact picture")
        for ext, kind in [("png", "PNG"), ("jpg", "JPEG"), ("bmp", "BMP"), ("tif", "TIFF")]
        for s in (0.02, 0.5, 0.9)
    ),
    # MSSpoof's 8-bit PGM.
    ("16-bit.pgm", "image", None, content(b"P5 4 4 65535\n" + bytes(32)), "8 bits"),
    ("12-bit.pgm", "image", None, content(b"P5 4 4 4095\n" + bytes(32)), "8 bits"),
    *(
        (f"{name}.pgm", "image", None, content(header + body), "not an intact picture")
        for name, header, body in [
            ("magic", b"P9 4 4 255\n", bytes(16)),
            ("no-magic", b"4 4 255\n", bytes(16)),
            ("no-size", b"P5\n255\n", bytes(16)),
            ("zero-width", b"P5 0 4 255\n", bytes(16)),
            ("negative", b"P5 -4 4 255\n", bytes(16)),
            ("word", b"P5 four 4 255\n", bytes(16)),
            ("float", b"P5 4.0 4 255\n", bytes(16)),
            ("maximum-0", b"P5 4 4 0\n", bytes(16)),
            ("maximum-huge", b"P5 4 4 70000\n", bytes(32)),
            ("header-ends", b"P5 4", b""),
            ("short", b"P5 4 4 255\n", bytes(15)),
            ("no-pixels", b"P5 4 4 255\n", b""),
            ("giant", b"P5 99999999 99999999 255\n", bytes(16)),
            ("ascii-short", b"P2 2 2 255\n", b"1 2 3"),
            ("ascii-over", b"P2 2 1 255\n", b"1 256"),
            ("ascii-word", b"P2 2 1 255\n", b"1 x"),
        ]
    ),
    ("16-bit.png", "image", None, save_16_bit, "8 bits"),
    ("16-bit.tif", "image", None, save_16_bit, "8 bits"),
]


@pytest.mark.parametrize("case", MALFORMED, ids=[case[0] for case in MALFORMED])
def test_malformed_media_is_refused_in_one_line(
    tmp_path: Path,
    case: tuple[str, Media, Hdf5 | None, Callable[[Path], Path], str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """One line that names the file, and no chatter of the libraries beside it."""
    name, media, layout, write, says = case
    path = write(tmp_path / name)
    capfd.readouterr()
    with pytest.raises(AttackNetError) as refusal:
        list(read_frames(path, media, hdf5=layout))
    message = str(refusal.value)
    assert message.startswith(f"{path}: ")
    assert says in message
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("media", ["image", "video", "hdf5"])
def test_a_missing_file_and_a_folder_in_its_place_are_refused(tmp_path: Path, media: Media) -> None:
    """A folder is no recording."""
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(AttackNetError, match=r"No such file|directory"):
            list(read_frames(path, media, hdf5=STACK))


def test_odd_metadata_of_a_whole_picture_is_passed_over(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    """EXIF data that break off are no reason to refuse the pixels, nor to warn of each picture."""
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00" + bytes(7)
    Image.fromarray(gradient()).save(tmp_path / "a.jpg", exif=exif)
    assert read(tmp_path / "a.jpg", "image")[0].shape == (48, 64, 3)
    assert not recwarn.list


def test_the_malformed_cases_differ_from_good_ones_only_by_the_damage(tmp_path: Path) -> None:
    """The writers used above make files that are read when nothing is cut away."""
    assert len(read(write_video(tmp_path / "a.mkv"), "video")) == 40
    for kind in ("PNG", "JPEG", "BMP", "TIFF"):
        assert len(read(image(kind)(tmp_path / f"a.{kind.lower()}"), "image")) == 1
    good = content(b"P5 4 4 255\n" + bytes(16))(tmp_path / "a.pgm")
    assert read(good, "image")[0].shape == (4, 4, 3)
