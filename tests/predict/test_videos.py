"""Videos give the frames that the datasets' reader gives; what only claims to be one never reaches FFmpeg."""

from pathlib import Path

import numpy as np
import pytest
from skimage import data as pictures

from attacknet.data.media import quiet_cv2, read_frames
from attacknet.errors import AttackNetError
from attacknet.predict import stills, videos

ASTRONAUT = pictures.astronaut()[:96, :128]  # NASA, public domain
CODECS = {
    "avi": "MJPG",
    "mp4": "mp4v",
    "mov": "mp4v",
    "mkv": "MJPG",
    "webm": "VP80",
    "mpg": "PIM1",
}
CODECS |= {"wmv": "WMV2", "flv": "FLV1"}


def write(path: Path, count: int = 7) -> Path:
    cv2 = quiet_cv2()
    codec = cv2.VideoWriter.fourcc(*CODECS[path.suffix[1:]])
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, codec, 25, (128, 96))
    if not writer.isOpened():
        pytest.skip(f"OpenCV does not write {path.suffix} here")
    for number in range(count):
        writer.write(np.roll(ASTRONAUT, number, axis=1)[..., ::-1])
    writer.release()
    return path


@pytest.mark.parametrize("ending", CODECS)
def test_each_container_is_read(tmp_path: Path, ending: str) -> None:
    """The same frames as for training, with their numbers."""
    path = write(tmp_path / f"a.{ending}")
    expected = dict(read_frames(path, "video"))
    found = list(videos.frames(path, every=3))
    assert [frame.number for frame in found] == [number for number in expected if number % 3 == 0]
    for frame in found:
        np.testing.assert_array_equal(frame.image, expected[frame.number])
    parts = [frame.part for frame in found]
    assert parts == sorted(parts)
    assert 0 <= parts[0] <= parts[-1] <= 1


@pytest.mark.parametrize(
    "text",
    [b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile other.mp4\n", b"RIFFx"],
)
def test_what_names_other_files_never_reaches_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    """Play lists are opened by FFmpeg under any name; they are refused by their first bytes."""
    monkeypatch.setattr(quiet_cv2(), "VideoCapture", None)
    path = tmp_path / "a.mp4"
    path.write_bytes(text)
    with pytest.raises(AttackNetError, match=r"a\.mp4: not a video; MP4"):
        next(videos.frames(path, 1))


def test_a_frame_has_at_most_as_many_pixels_as_a_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known from the header, before the first frame is decoded."""
    path = write(tmp_path / "a.avi")
    monkeypatch.setattr(stills, "MOST_PIXELS", 96 * 128 - 1)
    monkeypatch.setattr(videos, "read_frames", None)
    with pytest.raises(stills.TooLargeError, match="128x96 pixels"):
        next(videos.frames(path, 1))
