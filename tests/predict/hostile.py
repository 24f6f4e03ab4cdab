"""Files that somebody might hand in, by mistake or with intent, and what their row is to say."""

import gzip
import io
import os
import pickle
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from skimage import data as pictures

from attacknet.data.media import quiet_cv2
from attacknet.predict.rows import Status

ASTRONAUT = pictures.astronaut()[:256, 100:356]  # NASA, public domain
GOOD = Image.fromarray(ASTRONAUT)
SCORED, NO_FACE, UNREADABLE, TOO_LARGE = (
    Status.SCORED,
    Status.NO_FACE,
    Status.UNREADABLE,
    Status.TOO_LARGE,
)
FORMATS = {
    "png": "PNG",
    "jpg": "JPEG",
    "gif": "GIF",
    "webp": "WEBP",
    "tif": "TIFF",
    "bmp": "BMP",
    "ppm": "PPM",
}


class Case(NamedTuple):
    """How a file is made, and the status of its row."""

    make: Callable[[Path], object]
    status: Status


def content(picture: Image.Image, format_: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format_, **options)
    return stream.getvalue()


def holding(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def saved(picture: Image.Image, **options: object) -> Callable[[Path], object]:
    return lambda path: picture.save(path, **options)


# --- Pictures that are unusual, whole or not -------------------------------------------------------------


def formats() -> dict[str, Case]:
    cases = {}
    for ending, format_ in FORMATS.items():
        whole = content(GOOD, format_)
        cases |= {
            f"whole.{ending}": Case(holding(whole), SCORED),
            f"grey.{ending}": Case(saved(GOOD.convert("L")), SCORED),
            f"half.{ending}": Case(holding(whole[: len(whole) // 2]), UNREADABLE),
            f"ten-bytes.{ending}": Case(holding(whole[:10]), UNREADABLE),
            f"first-byte-lost.{ending}": Case(holding(whole[1:]), UNREADABLE),
            f"one-pixel.{ending}": Case(saved(Image.new("RGB", (1, 1))), NO_FACE),
            f"one-row.{ending}": Case(saved(Image.new("RGB", (2000, 1))), NO_FACE),
            f"black.{ending}": Case(saved(Image.new("RGB", (300, 300))), NO_FACE),
        }
    return cases


def modes() -> dict[str, Case]:
    grey = np.asarray(GOOD.convert("L"))
    deep = Image.fromarray(grey.astype(np.uint16) << 8)
    alpha = GOOD.copy()
    alpha.putalpha(128)
    animated = {"save_all": True, "append_images": [Image.new("RGB", GOOD.size)]}
    return {
        "16-bit.png": Case(saved(deep), SCORED),
        "16-bit.tif": Case(saved(deep), SCORED),
        "16-bit.pgm": Case(saved(deep), SCORED),
        "16-bit-colour.png": Case(_colour_of_16_bits, SCORED),
        "1-bit.png": Case(saved(GOOD.convert("1")), NO_FACE),
        "32-bit-integers.tif": Case(saved(Image.fromarray(grey.astype(np.int32))), UNREADABLE),
        "32-bit-floats.tif": Case(saved(Image.fromarray(grey.astype(np.float32))), UNREADABLE),
        "palette.png": Case(saved(GOOD.convert("P")), SCORED),
        "palette-transparent.png": Case(saved(GOOD.convert("P"), transparency=bytes(256)), SCORED),
        "alpha.png": Case(saved(alpha), SCORED),
        "alpha.webp": Case(saved(alpha), SCORED),
        "alpha-grey.png": Case(saved(alpha.convert("LA")), SCORED),
        "invisible.png": Case(saved(_invisible()), SCORED),
        "cmyk.jpg": Case(saved(GOOD.convert("CMYK")), SCORED),
        "cmyk.tif": Case(saved(GOOD.convert("CMYK")), SCORED),
        "ycbcr.tif": Case(saved(GOOD.convert("YCbCr")), SCORED),
        "lab.tif": Case(saved(GOOD.convert("LAB")), SCORED),
        "progressive.jpg": Case(saved(GOOD, progressive=True), SCORED),
        "animated.gif": Case(saved(GOOD, **animated), SCORED),
        "animated.webp": Case(saved(GOOD, **animated), SCORED),
        "animated.png": Case(saved(GOOD, **animated), SCORED),
        "pages.tif": Case(saved(GOOD, **animated), SCORED),
        "wrong-ending.png": Case(holding(content(GOOD, "JPEG")), SCORED),
        "no-ending": Case(holding(content(GOOD, "PNG")), SCORED),
        "trailing-script.png": Case(holding(content(GOOD, "PNG") + b"<?php system('id'); ?>"), SCORED),
        "upside-down.jpg": Case(saved(GOOD.rotate(180), exif=_oriented(3)), SCORED),
        "upside-down-unsaid.jpg": Case(saved(GOOD.rotate(180)), NO_FACE),
        "on-its-side.jpg": Case(saved(GOOD.rotate(90), exif=_oriented(6)), SCORED),
        "impossible-orientation.jpg": Case(saved(GOOD, exif=_oriented(99)), SCORED),
        "broken-exif.jpg": Case(saved(GOOD, exif=b"Exif\0\0MM\0*\0\0\xff\xff"), SCORED),
    }


def _oriented(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def _invisible() -> Image.Image:
    picture = GOOD.copy()
    picture.putalpha(0)
    return picture


def _colour_of_16_bits(path: Path) -> None:
    quiet_cv2().imwrite(str(path), ASTRONAUT[..., ::-1].astype(np.uint16) << 8)


# --- Bombs: small files that claim or unpack to much -----------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, pixels: bytes, *others: bytes) -> bytes:
    """Return a grey PNG whose pixels are already compressed; other chunks come before them."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(others) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    packer, block = zlib.compressobj(9), bytes(2**20)
    return b"".join(packer.compress(block) for _ in range(count // len(block))) + packer.flush()


def bombs() -> dict[str, Case]:
    plain = zlib.compress(bytes(65 * 64))
    text = b"Comment\0\0" + zeros(2**26)
    profile = b"profile\0\0" + zeros(2**26)
    bitmap = bytearray(content(GOOD, "BMP"))
    bitmap[18:26] = struct.pack("<ii", 60000, 60000)
    gif = bytearray(content(GOOD, "GIF"))
    gif[6:10] = struct.pack("<HH", 65535, 65535)
    jpeg = bytearray(content(GOOD, "JPEG"))
    start = jpeg.index(b"\xff\xc0")
    jpeg[start + 5 : start + 9] = struct.pack(">HH", 65000, 65000)
    return {
        "bomb-9000x9000.png": Case(holding(png(9000, 9000, zeros(81 * 10**6 + 2**20))), TOO_LARGE),
        "bomb-2-gigapixels.png": Case(holding(png(50000, 40000, plain)), TOO_LARGE),
        "bomb-all-it-can-say.png": Case(holding(png(2**31 - 1, 2**31 - 1, plain)), TOO_LARGE),
        "bomb-wide.png": Case(holding(png(10**6, 10, plain)), TOO_LARGE),
        "bomb-high.png": Case(holding(png(10, 10**6, plain)), TOO_LARGE),
        "bomb-text.png": Case(holding(png(64, 64, plain, chunk(b"zTXt", text))), UNREADABLE),
        "bomb-profile.png": Case(holding(png(64, 64, plain, chunk(b"iCCP", profile))), UNREADABLE),
        "more-pixels-than-said.png": Case(holding(png(64, 64, zeros(2**26))), NO_FACE),
        "fewer-pixels-than-said.png": Case(holding(png(8000, 8000, plain)), UNREADABLE),
        "bomb.bmp": Case(holding(bytes(bitmap)), TOO_LARGE),
        "bomb.gif": Case(holding(bytes(gif)), TOO_LARGE),
        "bomb.jpg": Case(holding(bytes(jpeg)), TOO_LARGE),
        "bomb.ppm": Case(holding(b"P6 60000 60000 255\n\0\0\0"), TOO_LARGE),
        "bomb-text.ppm": Case(holding(b"P3 99999999999999999999 1 255\n1"), UNREADABLE),
        "no-pixels.ppm": Case(holding(b"P6 0 0 255\n"), UNREADABLE),
        "bomb.gz.png": Case(holding(gzip.compress(bytes(2**24))), UNREADABLE),
    }


# --- No pictures at all ----------------------------------------------------------------------------------


class Malice:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def malicious_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(Malice(path.with_name("executed"))))


def malicious_zip(path: Path) -> None:
    """Named like the parts of a Keras file whose Lambda layer would be executed on loading."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", '{"class_name": "Lambda", "config": {"function": "4wEAAAA="}}')
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")


def not_pictures() -> dict[str, Case]:
    array = io.BytesIO()
    np.save(array, ASTRONAUT)
    contents = {
        "empty.png": b"",
        "zeros.jpg": bytes(1000),
        "text.png": b"a face\n",
        "page.jpg": b"<!DOCTYPE html><img src=x onerror=alert(1)>",
        "drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "billion-laughs.png": b"<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><l>&b;</l>",
        "document.png": b"%PDF-1.7\n1 0 obj\n",
        "postscript.jpg": content(GOOD, "EPS"),  # a program, which Pillow would have executed by another one
        "icon.png": content(GOOD, "ICO"),
        "photoshop.jpg": b"8BPS\0\1" + bytes(30),
        "phone.heic": b"\0\0\0\x18ftypheic" + bytes(50),
        "phone.jpg": b"\0\0\0\x18ftypheic" + bytes(50),
        "movie.jpg": b"\0\0\0\x18ftypisom" + bytes(50),
        "array.jpg": array.getvalue(),
        "program.png": b"\x7fELF\2\1\1" + bytes(60),
        "script.png": b"#!/bin/sh\ntouch executed\n",
        "play-list.png": b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        "network.png": b"\x1c\0\0\0TFL3" + bytes(60),
        "hdf5.png": b"\x89HDF\r\n\x1a\n" + bytes(60),
        "line\nbreak.png": b"none",
        "tab\tand, comma.png": b"none",
        "=1+1.png": b"none",
        '"quoted".png': b"none",
    }
    return {name: Case(holding(data), UNREADABLE) for name, data in contents.items()} | {
        "pickle.jpg": Case(malicious_pickle, UNREADABLE),
        "keras.png": Case(malicious_zip, UNREADABLE),
    }


# --- No files at all -------------------------------------------------------------------------------------


def not_files() -> dict[str, Case]:
    return {
        "absent.png": Case(lambda path: None, UNREADABLE),
        "folder.jpg": Case(Path.mkdir, UNREADABLE),
        "pipe.png": Case(os.mkfifo, UNREADABLE),
        "pipe.mp4": Case(os.mkfifo, UNREADABLE),
        "socket.png": Case(_listen, UNREADABLE),
        "circle.png": Case(lambda path: path.symlink_to(path), UNREADABLE),
        "dangling.png": Case(lambda path: path.symlink_to(path.with_name("gone")), UNREADABLE),
        "endless.png": Case(lambda path: path.symlink_to("/dev/zero"), UNREADABLE),
        "nothing.jpg": Case(lambda path: path.symlink_to("/dev/null"), UNREADABLE),
        "memory.png": Case(lambda path: path.symlink_to("/proc/self/mem"), UNREADABLE),
        "link.png": Case(lambda path: path.symlink_to(_beside(path)), SCORED),
        os.fsdecode(b"not-utf8-\xff.png"): Case(holding(content(GOOD, "PNG")), SCORED),
        "über-größe-脸.png": Case(holding(content(GOOD, "PNG")), SCORED),
        "-option.png": Case(holding(content(GOOD, "PNG")), SCORED),
        "a*[b]?.png": Case(holding(content(GOOD, "PNG")), SCORED),
        "forbidden.png": Case(_forbidden, UNREADABLE),
    }


def _beside(path: Path) -> Path:
    target = path.with_name("target of a link")
    target.write_bytes(content(GOOD, "PNG"))
    return target


def _listen(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path may not be long
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def _forbidden(path: Path) -> None:
    path.write_bytes(content(GOOD, "PNG"))
    path.chmod(0)


# --- Videos ----------------------------------------------------------------------------------------------


def video(path: Path) -> bytes:
    """Return a video of two frames, in Motion-JPEG, in the container of the path's ending."""
    cv2 = quiet_cv2()
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25, ASTRONAUT.shape[1::-1]
    )
    for _ in range(2):
        writer.write(ASTRONAUT[..., ::-1])
    writer.release()
    return path.read_bytes()


def videos() -> dict[str, Case]:
    def cut(path: Path) -> None:
        path.write_bytes(video(path)[:200])

    def enormous(path: Path) -> None:
        """Change the sides in the container's header and in that of each JPEG."""
        data = video(path)
        for form in ("<ii", ">HH"):
            data = data.replace(struct.pack(form, *ASTRONAUT.shape[:2]), struct.pack(form, 30000, 30000))
        path.write_bytes(data)

    return {
        "text.mp4": Case(holding(b"a face\n"), UNREADABLE),
        "empty.mp4": Case(holding(b""), UNREADABLE),
        "noise.mp4": Case(holding(b"\0\0\0\x18ftypisom" + np.random.default_rng(0).bytes(2000)), UNREADABLE),
        "play-list.mp4": Case(holding(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"), UNREADABLE),
        "play-list.mkv": Case(holding(b"ffconcat version 1.0\nfile /etc/passwd\n"), UNREADABLE),
        "picture.mp4": Case(holding(content(GOOD, "PNG")), UNREADABLE),
        "cut.avi": Case(cut, UNREADABLE),
        "enormous.avi": Case(enormous, UNREADABLE),
        "folder.mp4": Case(Path.mkdir, UNREADABLE),
    }


CASES = formats() | modes() | bombs() | not_pictures() | not_files() | videos()
