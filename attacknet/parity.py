"""Does an exported file decide as its network does? Both score the same test sets, and are compared.

What is compared is kept in the cache, in a folder named by the hash of all that shapes it: the file, and
both scores of each face. Rates are made of them when they are asked for.
"""

import ast
import functools
import hashlib
import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock
from numpy.typing import NDArray

from attacknet import evaluation, export, paths
from attacknet.data.crops import Crops, digest
from attacknet.data.parts import moved_into, remove_unfinished
from attacknet.errors import AttackNetError
from attacknet.exportable import Exportable
from attacknet.exported import About, Exported
from attacknet.formats import Kind

_FILE, _SCORES = "network", "scores.npz"
_BEFORE, _AFTER = "network", "file"
# What shapes file and scores besides network and pictures.
_MODULES = (
    "exported.py",
    "export.py",
    "quantise.py",
    "exportable.py",
    "parity.py",
    "scoring.py",
    "preprocessing.py",
    "model.py",
    "networks.py",
    "rivals.py",
    "released.py",
)
_LIBRARIES = ("ai-edge-litert", "keras", "numpy", "onnx", "onnxruntime", "tf2onnx")


@dataclass(frozen=True)
class Compared:
    """A file beside the network that it was made of.

    Attributes
    ----------
    content
        Of the file.
    before, after
        Test set -> the score of each of its faces, by the network and by the file.
    """

    exportable: Exportable
    about: About
    content: bytes
    before: dict[str, NDArray[np.float32]]
    after: dict[str, NDArray[np.float32]]


def compare(exportable: Exportable, kind: Kind) -> Compared:
    """Export a network and score the test sets with both, unless that has been done.

    Raises
    ------
    AttackNetError
        If a score is no number, or the cache cannot be written.
    """
    folder = paths.cache_dir() / "exports" / key(exportable, kind)
    if not folder.is_dir():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(folder.with_suffix(".lock")):
                # Another process may have made it meanwhile.
                if not folder.is_dir():
                    _make(folder, exportable, kind)
        except OSError as error:
            raise AttackNetError(
                f"{folder}: cannot be written: {error.strerror}; see to the disk and run again"
            ) from None
    content = (folder / _FILE).read_bytes()
    with np.load(folder / _SCORES, allow_pickle=False) as kept:
        before, after = (
            {name: kept[f"{which}.{name}"] for name in exportable.tested_on} for which in (_BEFORE, _AFTER)
        )
    return Compared(exportable, Exported.read(content, str(folder)).about, content, before, after)


def _make(folder: Path, exportable: Exportable, kind: Kind) -> None:
    content = export.convert(exportable.network, exportable.about(kind), exportable.calibration)
    exported = Exported.read(content, f"{exportable} as {kind}")
    kept = {}
    for name, crops in exportable.tested_on.items():
        kept[f"{_BEFORE}.{name}"] = evaluation.responses(exportable.scores[name])["score"].to_numpy(
            np.float32
        )
        kept[f"{_AFTER}.{name}"] = exported.scores(crops.images[_faces(crops)["crop"].to_numpy()])
    remove_unfinished(folder)
    with moved_into(folder) as unfinished:
        unfinished.mkdir()
        (unfinished / _FILE).write_bytes(content)
        np.savez(unfinished / _SCORES, allow_pickle=False, **kept)


def _faces(crops: Crops) -> pd.DataFrame:
    return crops.index[(crops.index["split"] == "test") & (crops.index["crop"] >= 0)]


def key(exportable: Exportable, kind: Kind) -> str:
    """Return the hash of all that shapes file and scores."""
    sets = [*exportable.learnt_from, *exportable.chosen_on, *exportable.tested_on.values()]
    return digest(
        {
            "kind": kind,
            "network": [str(exportable), exportable.source, exportable.weights_sha256],
            "preprocessing": str(exportable.preprocessing),
            "pictures": [_pictures(crops) for crops in sets],
            "tested_on": list(exportable.tested_on),
            "code": _code_version(),
            "libraries": [importlib.metadata.version(library) for library in _LIBRARIES],
        }
    )


def _pictures(crops: Crops) -> list[str]:
    rows = crops.index[["crop", "label", "split"]].to_csv(index=False)
    return [crops.about["images_sha256"], hashlib.sha256(rows.encode()).hexdigest()]


@functools.cache
def _code_version() -> str:
    return digest([ast.dump(ast.parse((paths.PACKAGE / module).read_bytes())) for module in _MODULES])


# --- The report ------------------------------------------------------------------------------------------


def report(exportables: Iterable[Exportable], kinds: Iterable[Kind] = tuple(Kind)) -> pd.DataFrame:
    """Compare each network with its files on all of its test sets.

    Returns
    -------
    pandas.DataFrame
        A row a network, format and test set. ``model``, ``trained_on``, ``protocol``, ``seed``, ``source``;
        ``format``; ``tested_on``, ``evidence``, ``faces``; ``threshold``, the file's or, where it has none,
        0.5; ``largest_difference`` of two scores of a face; ``decisions_changed``, a count; and ``hter`` of
        the network and ``hter_exported`` of the file, each with ``_low`` and ``_high``, the ends of its 95 %
        interval over people.

    Raises
    ------
    UndefinedRateError
        If a test set lacks a class.
    AttackNetError
        As :func:`compare`.
    """
    formats = tuple(kinds)
    return pd.concat(
        [rows_of(compare(each, kind)) for each in exportables for kind in formats], ignore_index=True
    )


def rows_of(compared: Compared) -> pd.DataFrame:
    """Return the rows of :func:`report` on one file."""
    return pd.DataFrame([_row(compared, name) for name in compared.before])


def _row(compared: Compared, tested_on: str) -> dict[str, Any]:
    exportable, about = compared.exportable, compared.about
    crops = exportable.tested_on[tested_on]
    # In float64, or NumPy would round the threshold to float32 before it compares.
    before, after = (scores[tested_on].astype(np.float64) for scores in (compared.before, compared.after))
    threshold = evaluation.ARGMAX if about.threshold is None else about.threshold
    return {
        "model": exportable.model,
        "trained_on": exportable.trained_on,
        "protocol": exportable.protocol,
        "seed": exportable.seed,
        "source": exportable.source,
        "format": about.kind.value,
        "tested_on": tested_on,
        "evidence": crops.about["evidence"],
        "faces": len(before),
        "threshold": threshold,
        "largest_difference": float(np.abs(before - after).max()),
        "decisions_changed": int(((before >= threshold) != (after >= threshold)).sum()),
        **_hter("hter", before, _faces(crops), threshold),
        **_hter("hter_exported", after, _faces(crops), threshold),
    }


def _hter(name: str, scores: NDArray[np.float64], faces: pd.DataFrame, threshold: float) -> dict[str, float]:
    interval = evaluation.rates(scores, faces["label"], faces["subject"], threshold)["hter"]
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row a network and format: the worst of its test sets, and all changed decisions."""
    shift = (rows["hter_exported"] - rows["hter"]).abs()
    grouped = rows.assign(hter_change=shift).groupby(
        ["model", "trained_on", "protocol", "seed", "source", "format"], sort=False, dropna=False
    )
    return grouped.agg(
        faces=("faces", "sum"),
        largest_difference=("largest_difference", "max"),
        decisions_changed=("decisions_changed", "sum"),
        largest_hter_change=("hter_change", "max"),
    ).reset_index()


def require_same_decisions(rows: pd.DataFrame) -> None:
    """Raise AttackNetError if a file that computes with float32 decides otherwise than its network.

    An int8 file may: it is another network, and the report says by how much.
    """
    wrong = rows[(rows["format"] != Kind.LITERT_INT8) & (rows["decisions_changed"] > 0)]
    if not wrong.empty:
        first = wrong.iloc[0]
        raise AttackNetError(
            f"{first['model']} trained on {first['trained_on']}, as {first['format']}: "
            f"{first['decisions_changed']} of {first['faces']} decisions on {first['tested_on']} are not the "
            "network's; do not use this file, and report it as a fault of the export"
        )
