"""What licensed data say about the paper's claims: measured values put into the ledger.

Nothing here can be done with stand-ins: the ledger refuses them.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from attacknet.data import marker
from attacknet.data.index import files
from attacknet.data.media import open_hdf5, quiet_cv2
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.paper.ledger import Entry, Ledger, Measurement
from attacknet.runs import Source

NETWORK = "attacknet"


def with_rates(claims: Ledger, results: pd.DataFrame, evidence: Evidence | str, source: str) -> Ledger:
    """Put measured rates beside the cells of Table 4.

    Parameters
    ----------
    results
        From :func:`attacknet.evaluation.matrix`. Of its rows those of AttackNet count whose training side and
        test set are in Table 4. The rates are those at the threshold 0.5, as the paper's are.
    evidence
        Of the results; see :func:`attacknet.experiments.evidence`.
    source
        How it was measured, in a few words.

    Raises
    ------
    AttackNetError
        If they are results on stand-ins.
    """
    for row in results[results["model"] == NETWORK].to_dict("records"):
        cell = f"t4.{row['trained_on']}.{row['tested_on']}"
        hter, far, frr = (
            [row[f"{rate}_argmax{end}"] for end in ("_low", "", "_high")] for rate in ("hter", "far", "bpcer")
        )
        for claim, (low, value, high) in (
            (f"{cell}.hter", hter),
            (f"{cell}.bonafide.recall", [1 - rate for rate in reversed(frr)]),
            (f"{cell}.attack.recall", [1 - rate for rate in reversed(far)]),
        ):
            if claim in claims.entries:
                claims = claims.add_evidence(claim, value, (low, high), evidence, source)
    return claims


def with_files(claims: Ledger, sources: Iterable[Source]) -> Ledger:
    """Settle the claims about what the databases' files are, as far as these databases are here.

    Raises
    ------
    AttackNetError
        If a file cannot be read, or they are stand-ins.
    """
    for source in sources:
        manifest = source.manifest
        for claim, (dataset, measure) in _OF_FILES.items():
            if dataset == manifest.id:
                level, what = marker.evidence(source.root, dataset), f"the files of {manifest.name}"
                claims = claims.add_evidence(claim, measure(source.root), None, level, what)
    return claims


def compared(claims: Ledger) -> pd.DataFrame:
    """Return the claims beside which something was measured.

    Returns
    -------
    pandas.DataFrame
        ``claim``, ``about``, ``printed`` (with the sign of the verdict), ``measured`` and ``interval``,
        ``printed lies`` (inside or outside the interval; missing where the print is not legible), ``source``.
    """
    rows = [_row(claims, entry, one) for entry in claims for one in entry.measurements]
    return pd.DataFrame(rows)


def _row(claims: Ledger, entry: Entry, one: Measurement) -> dict[str, str | None]:
    number = entry.claim.number
    inside = number and one.range.overlaps(number.range)
    return {
        "claim": f"`{entry.claim.id}`",
        "about": entry.claim.about,
        "printed": claims.quoted(entry.claim.id),
        "measured": f"{one.value:.3g}",
        "interval": f"{one.interval[0]:.3g} to {one.interval[1]:.3g}" if one.interval else None,
        "printed lies": None if inside is None else "inside" if inside else "outside",
        "source": one.source,
    }


# --- Claims about files ----------------------------------------------------------------------------------


def _stills(root: Path) -> float:
    return sum(Path(path).suffix.lower() == ".jpg" for path in files(root))


def _ending(root: Path, ending: str) -> Iterator[Path]:
    found = [root / path for path in files(root) if path.endswith(ending)]
    if not found:
        raise AttackNetError(f"{root}: has no file *{ending}; complete the data")
    return iter(found)


def _bits_of_depth(root: Path) -> float:
    def highest(file: Any) -> Iterator[int]:
        yield int(file["Depth_Data"][:].max())

    (value,) = open_hdf5(next(_ending(root, ".hdf5")), highest)
    return value.bit_length()


def _bits_of_colour(root: Path) -> float:
    def bytes_a_value(file: Any) -> Iterator[int]:
        yield file["Color_Data"].dtype.itemsize

    (value,) = open_hdf5(next(_ending(root, ".hdf5")), bytes_a_value)
    return 8 * value


def _shortest_clip(root: Path) -> float:
    return min(map(_seconds, _ending(root, ".mov")))


def _seconds(path: Path) -> float:
    cv2 = quiet_cv2()
    video = cv2.VideoCapture(str(path))
    frames, rate = video.get(cv2.CAP_PROP_FRAME_COUNT), video.get(cv2.CAP_PROP_FPS)
    video.release()
    if not frames or not rate:
        raise AttackNetError(f"{path}: is no video that can be read; restore the owner's file")
    return frames / rate


# Claim -> the dataset that settles it, and how.
_OF_FILES: dict[str, tuple[str, Callable[[Path], float]]] = {
    "s4.1.1.stills": ("csmad", _stills),
    "s4.1.2.depth.bits": ("3dmad", _bits_of_depth),
    "s4.1.2.colour.bits": ("3dmad", _bits_of_colour),
    "s4.1.4.duration": ("replay_attack", _shortest_clip),
}
