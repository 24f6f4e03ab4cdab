"""What the page "Try it" shows: pictures with their scores, and the network beside the site.

It is the fused network of the chapter that trains it, so it is made once for each execution of that chapter.
"""

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attacknet import paths
from attacknet.chapters.execution import Job
from attacknet.evidence import Evidence
from attacknet.preprocessing import Box

if TYPE_CHECKING:
    from attacknet import experiments

CHAPTER = "05_3_fused"
FIGURE, SCRIPTS = "<!-- try-it -->", "<!-- try-it-scripts -->"
PAGE, DATA_FILE = "book/try_it.md", "book/static/tryit/data.js"

# Of each species the first picture of the test set, whatever its score: dataset, species, words.
_SHOWN = (
    ("replay_attack", "bonafide", "bona fide"),
    ("replay_attack", "print", "print"),
    ("replay_attack", "mobile_video", "replay on a telephone"),
    ("replay_attack", "highdef_video", "replay on a tablet"),
    ("own", "replay", "replay on a computer"),
    ("3dmad", "bonafide", "bona fide, depth camera"),
    ("3dmad", "mask_rigid", "rigid mask"),
)
# Share of the face box's sides that is shown around it.
_AROUND = 0.5
_STATIC = "../_static/tryit"
_SCRIPT_FILES = (
    "vendor/tf-core.es2017.min.js",
    "vendor/tf-backend-wasm.es2017.min.js",
    "pixels.js",
    "simulations.js",
    "network.js",
    "data.js",
    "page.js",
)
_RUNTIME = paths.BOOK / "static" / "tryit" / "vendor" / "tfjs-backend-wasm-simd.wasm"
_WEBP_LOSSLESS = 101  # OpenCV's number for it, beyond all qualities

_ABSENT = (
    "*The network is not here: chapter 5.3 was made with other data than the stand-ins, or its models were "
    "taken out of the cache. `attacknet book build` with the default parameters trains it.*"
)


@dataclass(frozen=True)
class Picture:
    """A picture to choose.

    Attributes
    ----------
    name, words
        For the script and for the reader.
    image
        RGB uint8 ``(height, width, 3)``.
    box
        The face in it.
    score
        What the book's network gave it in Python; None for a picture of no test set.
    """

    name: str
    words: str
    image: np.ndarray
    box: Box
    score: float | None = None


@dataclass(frozen=True)
class Parts:
    """What is made for the page: `figure`, its pictures as HTML; `data`, the script with the network."""

    figure: str
    data: str


def fill(page: str, parts: Parts | None) -> tuple[str, dict[str, bytes]]:
    """Return the page with its pictures, and the files that its scripts read, as path and content.

    Parameters
    ----------
    page
        MyST text with the marks `FIGURE` and `SCRIPTS`.
    parts
        Without them the page says why, and there is no file.
    """
    if parts is None:
        return page.replace(FIGURE, _ABSENT).replace(SCRIPTS, ""), {}
    scripts = "\n".join(f'<script src="{_STATIC}/{file}"></script>' for file in _SCRIPT_FILES)
    filled = page.replace(FIGURE, _raw(parts.figure)).replace(SCRIPTS, _raw(scripts))
    return filled, {DATA_FILE: parts.data.encode()}


def of_execution(job: Job, key: str) -> Parts | None:
    """Return the parts for a kept execution of `CHAPTER`; they are kept as well.

    Returns
    -------
    Parts or None
        None where the chapter was made with other data than the book's stand-ins, which stay on the reader's
        machine, or its models are gone.
    """
    shaping = [paths.PACKAGE / "browser_model.py", Path(__file__), _RUNTIME]
    facts = hashlib.sha256(key.encode() + b"".join(file.read_bytes() for file in shaping))
    kept = paths.BUILD / "try_it" / f"{facts.hexdigest()}.json"
    with suppress(FileNotFoundError, json.JSONDecodeError):
        return Parts(**json.loads(kept.read_text(encoding="utf-8")))
    if (made := _make(job)) is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made


def _make(job: Job) -> Parts | None:
    if not job.needs_standins():
        return None
    from attacknet import book_runs, browser_model, evaluation, experiments  # noqa: PLC0415 - heavy

    fused = next(
        each
        for each in book_runs.of_chapter(job.chapter.name, job.parameters)
        if each.trained_on == experiments.FUSED and each.plan.protocol == job.parameters["protocol"]
    )
    if (run := experiments.find_run(fused)) is None:
        return None
    (scored,) = experiments.run([fused])
    pictures = [*_standins(fused, scored.tests), _portrait()]
    threshold = evaluation.frozen_threshold(scored.dev)
    return Parts(figure(pictures, run.key), data(browser_model.description(run), threshold, pictures))


def data(description: dict[str, Any], threshold: float, pictures: list[Picture]) -> str:
    """Return the script that hands the page its network, the runtime and the boxes.

    Parameters
    ----------
    description
        From :func:`attacknet.browser_model.description`.
    threshold
        At and above which a score is accepted.
    """
    facts = {
        "model": description,
        "wasm": base64.b64encode(_RUNTIME.read_bytes()).decode(),
        "threshold": threshold,
        "boxes": {each.name: each.box._asdict() for each in pictures},
    }
    return f"window.tryIt = {{ ...window.tryIt, ...{json.dumps(facts)} }};\n"


def figure(pictures: list[Picture], key: str) -> str:
    """Return the figure as HTML, which the page's script makes into buttons; `key` names the run."""
    items = "\n".join(_item(each) for each in pictures)
    badge = Evidence.STAND_IN.badge
    return (
        f'<link rel="stylesheet" href="{_STATIC}/tryit.css">\n'
        '<figure class="tryit-pictures">\n'
        "<figcaption><p>Stand-ins, synthetic people and attacks, with the scores that Python gave them "
        "(higher is more bona fide): the first picture of the test set of each kind, right or wrong. The "
        "last picture is the public-domain portrait of an astronaut and in no test set.</p></figcaption>\n"
        f"<ul>\n{items}\n</ul>\n"
        f'<p><span class="stamp">{badge} network of <a href="../notebooks/{CHAPTER}.html">chapter 5.3</a> · '
        f"run <code>{key[:8]}</code></span></p>\n"
        "<noscript><p>Scripts are switched off, so that the pictures stand still.</p></noscript>\n"
        "</figure>"
    )


def _item(picture: Picture) -> str:
    height, width = picture.image.shape[:2]
    words = html.escape(picture.words)
    alt, score = "A portrait", ""
    if picture.score is not None:
        alt, score = "A synthetic face", f"<br>score {picture.score:.4f}"
    source = f"data:image/webp;base64,{base64.b64encode(_webp(picture.image)).decode()}"
    return (
        f'<li data-picture="{picture.name}">'
        f'<img alt="{alt}" width="{width}" height="{height}" src="{source}"><span>{words}{score}</span></li>'
    )


def _raw(text: str) -> str:
    return f"```{{raw}} html\n{text}\n```"


def _standins(fused: "experiments.Job", tests: Mapping[str, pd.DataFrame]) -> list[Picture]:
    from attacknet.contact_sheet import first_frame  # noqa: PLC0415 - heavy
    from attacknet.data import load_index  # noqa: PLC0415

    sources = {each.manifest.id: each for each in fused.plan.sources}
    shown = {dataset: sources[dataset] for dataset, _, _ in _SHOWN}
    crops = {dataset: fused.plan.crops_of(each).index for dataset, each in shown.items()}
    indexes = {dataset: load_index(each.dataset, each.root) for dataset, each in shown.items()}
    pictures = []
    for dataset, species, words in _SHOWN:
        frames, samples, scores = crops[dataset], indexes[dataset], tests[dataset]
        face = frames.query("split == 'test' and species == @species and crop >= 0 and frame == 0").iloc[0]
        sample = samples[samples["sample"] == face["sample"]].iloc[0]
        box = Box(*(int(face[side]) for side in Box._fields))
        given = scores[(scores["sample"] == face["sample"]) & (scores["frame"] == 0)]["score"].item()
        image, within = surroundings(first_frame(samples, sample), box)
        pictures.append(Picture(f"{dataset}-{species}", words, image, within, given))
    return pictures


def _portrait() -> Picture:
    import skimage.data  # noqa: PLC0415 - heavy

    from attacknet.data.faces import detected_face  # noqa: PLC0415

    portrait = skimage.data.astronaut()
    face = detected_face(0, portrait)
    assert face is not None, "chapter 5.4 and the tests find the face of this very picture"
    image, within = surroundings(portrait, face.box)
    return Picture("portrait", "portrait of an astronaut (NASA)", image, within)


def surroundings(image: np.ndarray, box: Box) -> tuple[np.ndarray, Box]:
    """Return the part of a picture around a face box, and the box within it."""
    rows, columns = round(_AROUND * box.height), round(_AROUND * box.width)
    top, left = max(box.row - rows, 0), max(box.column - columns, 0)
    part = image[top : box.row + box.height + rows, left : box.column + box.width + columns]
    return np.ascontiguousarray(part), box._replace(row=box.row - top, column=box.column - left)


def _webp(image: np.ndarray) -> bytes:
    """Compress a picture without loss: the browser is to crop the very pixels that Python cropped."""
    import cv2  # noqa: PLC0415 - heavy

    _, encoded = cv2.imencode(".webp", image[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, _WEBP_LOSSLESS])
    return encoded.tobytes()
