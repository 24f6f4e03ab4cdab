"""The file that marks a folder of stand-ins, lest they be taken for licensed data, or these for them."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.schema import read_yaml

FILE = "STANDIN.yaml"


class Marker(BaseModel):
    """What lies at the root of a dataset of stand-ins.

    Attributes
    ----------
    dataset
        Id of the dataset in whose layout they are.
    size
        ``full`` where every file of the original has its stand-in, ``small`` for a part of them.

    What else the maker of the stand-ins writes down (seed, version) is left alone.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    dataset: str
    size: Literal["small", "full"]


def read(root: Path, dataset: str) -> Marker | None:
    """Return the marker of a root, or None where there is none.

    A root may lie inside a dataset, as its loader allows: a marker further up speaks of it too.

    Raises
    ------
    AttackNetError
        If it is malformed or speaks of another dataset, or stand-ins lie in a folder of an unmarked root.
    """
    root = root.resolve()
    file = next((up / FILE for up in (root, *root.parents) if (up / FILE).exists()), None)
    if file is None:
        if inside := next(root.glob(f"*/{FILE}"), None):
            raise AttackNetError(
                f"{inside.parent}: stand-ins inside {root}; move them to a place of their own"
            )
        return None
    marker = read_yaml(file, Marker)
    if marker.dataset != dataset:
        raise AttackNetError(
            f"{file}: stand-ins of {marker.dataset!r}, not of {dataset!r}; give their own root"
        )
    return marker


def evidence(root: Path, dataset: str) -> Evidence:
    """Return the level of evidence that results on the files of a root have."""
    return Evidence.LICENSED if read(root, dataset) is None else Evidence.STAND_IN
