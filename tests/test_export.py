"""Exported files answer as their networks do, carry their metadata, and are written whole or not at all."""

import errno
from pathlib import Path

import numpy as np
import pytest

from attacknet import export, model, scoring
from attacknet.errors import AttackNetError
from attacknet.exported import Exported
from attacknet.formats import Kind
from attacknet.preprocessing import Preprocessing
from tests import tiny

CONTRACTS = pytest.mark.parametrize("contract", [tiny.PLAIN, tiny.BY_MAXIMUM], ids=str)


def answers(contract: Preprocessing, crops: np.ndarray) -> np.ndarray:
    network = tiny.network(contract)
    return model.score(network, scoring.prepared(crops, contract), contract)


@CONTRACTS
@pytest.mark.parametrize("kind", [Kind.ONNX, Kind.LITERT])
def test_a_file_in_float_answers_as_its_network(kind: Kind, contract: Preprocessing) -> None:
    """Scaling and order of channels included, a black crop and a dark one too."""
    crops = tiny.crops(50)
    crops[1] //= 9
    found = Exported.read(tiny.content(kind, contract), "tiny").scores(crops)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, answers(contract, crops), atol=1e-6)


def test_the_two_contracts_are_two_questions() -> None:
    """Otherwise the test above would pass for a file that ignores its contract."""
    crops = tiny.crops(50)
    assert np.abs(answers(tiny.PLAIN, crops) - answers(tiny.BY_MAXIMUM, crops)).max() > 1e-3


@CONTRACTS
def test_a_file_in_bytes_answers_nearly_so(contract: Preprocessing) -> None:
    """Rounding to 256 steps a layer leaves the scores' order nearly as it was, and their place."""
    crops = tiny.crops(50)
    found = Exported.read(tiny.content(Kind.LITERT_INT8, contract), "tiny").scores(crops)
    expected = answers(contract, crops)
    assert np.abs(found - expected).max() < 0.25 * np.ptp(expected)
    assert np.corrcoef(found, expected)[0, 1] > 0.98


def test_scores_in_bytes_are_finer_than_bytes() -> None:
    """The softmax stays in float: 256 scores could not be told apart near 0 and 1."""
    found = Exported.read(tiny.content(Kind.LITERT_INT8), "tiny").scores(tiny.crops(50))
    assert np.abs(found * 256 - np.rint(found * 256)).max() > 0.05


@pytest.mark.parametrize("kind", Kind)
def test_a_file_says_what_it_is(kind: Kind) -> None:
    found = Exported.read(tiny.content(kind), "tiny").about
    assert found.model_copy(update={"sha256": "0" * 64}) == tiny.about(kind)


def test_a_file_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "network.tflite"
    export.write(b"first", file)
    with pytest.raises(AttackNetError, match="exists; remove it"):
        export.write(b"second", file)
    assert file.read_bytes() == b"first"


def test_a_file_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fills up in the middle of the file."""

    def full(path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            file.write(content[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AttackNetError, match=r"network\.onnx: cannot be written: No space left"):
        export.write(b"content", tmp_path / "network.onnx")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AttackNetError, match=r"there is no folder .*absent; make it first"):
        export.write(b"content", tmp_path / "absent" / "network.onnx")
