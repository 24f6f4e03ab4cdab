"""The page "Try it" by itself, with a toy network: no book need be built."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from attacknet import browser_model, networks, paths
from attacknet.chapters import try_it
from attacknet.chapters.try_it import Parts, Picture
from attacknet.preprocessing import Box
from attacknet.runs import Run

SETTINGS = {"crop_margin": 0.0, "size": [32, 32], "channel_order": "RGB", "scaling": "divide_by_255"}
THRESHOLD = 0.4
_RAW = re.compile(r"```\{raw\} html\n(.*?)\n```", re.DOTALL)


def toy_run(folder: Path) -> Run:
    """Write a network of random weights and statistics as a run."""
    network = networks.build(browser_model.NETWORK)
    rng = np.random.default_rng(0)
    for variable in network.weights:
        around = 1.0 if variable.path.endswith(("gamma", "moving_variance")) else 0.0
        spread = 1.5 / np.sqrt(np.prod(variable.shape[:-1])) if "kernel" in variable.path else 0.2
        variable.assign(rng.normal(around, spread, variable.shape).clip(-3, 3))
    # So that both classes occur among the tests' pictures.
    network.get_layer("classifier").bias.assign([0.0, 2.2])
    folder.mkdir()
    run = Run(
        folder, {"model": browser_model.NETWORK, "preprocessing": SETTINGS, "weights": ""}, pd.DataFrame()
    )
    networks.write_weights(network, run.weights)
    return run


def toy_pictures() -> list[Picture]:
    """Return a smooth and a rough picture."""
    rng = np.random.default_rng(1)
    down, across = np.mgrid[0:150, 0:120]
    smooth = np.stack([down, across, 255 - down], axis=-1).clip(0, 255).astype(np.uint8)
    rough = rng.integers(0, 256, (200, 260, 3), dtype=np.uint8)
    return [
        Picture("smooth", "bona fide", smooth, Box(20, 15, 101, 83), 0.5),
        Picture("rough", "print", rough, Box(40, 60, 128, 110)),
    ]


def parts(run: Run, pictures: list[Picture]) -> Parts:
    """Return what the build would make of them."""
    made = try_it.data(browser_model.description(run), THRESHOLD, pictures)
    return Parts(try_it.figure(pictures, run.key), made)


def write(folder: Path, made: Parts) -> Path:
    """Write the page's HTML, without the book around it, where its links lead to its files."""
    text, files = try_it.fill((paths.BOOK / "try_it.md").read_text(encoding="utf-8"), made)
    shutil.copytree(paths.BOOK / "static" / "tryit", folder / "_static" / "tryit")
    for path, content in files.items():
        (folder / path.replace("book/static", "_static")).write_bytes(content)
    shutil.copy(paths.BOOK / "static" / "book.css", folder / "_static")
    (folder / "book").mkdir()
    page = folder / "book" / "try_it.html"
    page.write_text(
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Try it</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="../_static/book.css"></head><body><main class="bd-article"><h1>Try</h1>'
        + "\n".join(_RAW.findall(text))
        + "</main></body></html>",
        encoding="utf-8",
    )
    return page
