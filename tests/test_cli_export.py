"""``attacknet export`` and ``attacknet parity``: a file or one line, and never a wrong file."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attacknet import cli_export, experiments, exportable, parity, paths, released, runs
from attacknet.chapters import book
from attacknet.cli_matrix import Format
from attacknet.errors import AttackNetError
from attacknet.experiments import Job
from attacknet.exported import Exported
from attacknet.formats import Kind
from attacknet.recipes import RECIPES
from attacknet.runs import Plan, Source
from tests import tiny, toy

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    toy.msspoof(folder / "msspoof")
    return folder


@pytest.fixture(scope="module")
def run(root: Path) -> str:
    source = Source("msspoof", root / "msspoof")
    return str(tiny.untrained_run(Plan("livenessnet", (source,), "sound", RECIPES["book"])))


def test_a_run_becomes_a_file(
    run: str, root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Standard output has the report and nothing else, so that it can be read by a program."""
    output = tmp_path / "network.tflite"
    cli_export.export(run, kind=Kind.LITERT, output=output, data_root=root, report=Format.JSON)
    printed = capfd.readouterr()
    (row,) = json.loads(printed.out)
    assert (row["tested_on"], row["format"], row["decisions_changed"]) == ("msspoof", "litert", 0)
    assert printed.err.splitlines()[-1].startswith(f"{output}: ")
    assert Exported.open(output).about.source == Path(run).name


def test_a_file_that_decides_otherwise_is_not_written(
    run: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = parity.compare

    def turned(*arguments: object) -> parity.Compared:
        made = compare(*arguments)
        return replace(made, after={name: 1 - np.round(scores) for name, scores in made.before.items()})

    monkeypatch.setattr(parity, "compare", turned)
    output = tmp_path / "network.tflite"
    with pytest.raises(AttackNetError, match=r"as litert: \d+ of 18 decisions on msspoof"):
        cli_export.export(run, kind=Kind.LITERT, output=output, data_root=root)
    assert not output.exists()
    with pytest.raises(AttackNetError, match="as onnx: "):
        cli_export.parity([run], data_root=root)


def test_a_name_that_is_taken_costs_no_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(exportable, "find")
    output = tmp_path / "network.onnx"
    output.write_text("something else")
    with pytest.raises(AttackNetError, match="exists; remove it"):
        cli_export.export("fused", kind=Kind.ONNX, output=output)
    assert output.read_text() == "something else"


def test_all_networks_in_all_formats(
    run: str,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Without names all that the book has; a row a network and format. What cannot be had is named."""
    # Port 9 (discard) has no listener: the connection is refused at once.
    nowhere = released.release().model_copy(update={"download": "http://127.0.0.1:9"})
    monkeypatch.setattr(released, "release", lambda: nowhere)
    monkeypatch.setattr(paths, "SHARED", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(cli_export, "_trained_names", lambda: [run, run])
    cli_export.parity(data_root=root)
    printed = capfd.readouterr()
    for weights in nowhere.weights.values():
        assert f"Not compared: the released weights {weights.filename} are not on" in printed.err
    header, *rows = printed.out.splitlines()
    assert header.split()[-4:] == ["faces", "largest_difference", "decisions_changed", "largest_hter_change"]
    assert [row.split()[5] for row in rows] == list(Kind)
    assert "2 of 2 networks" in printed.err


@pytest.mark.parametrize("command", ["export", "parity"])
def test_help_answers_at_once(command: str) -> None:
    program = (
        "import sys\nfrom attacknet.cli import app\n"
        "try:\n    app()\nfinally:\n"
        "    print({'tensorflow', 'keras', 'pandas', 'numpy', 'onnx', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, command, "--help"], capture_output=True, text=True, check=False
    )
    assert "--root" in done.stdout
    assert done.stdout.splitlines()[-1] == "set()"


def test_the_book_s_networks_are_named_once_and_those_to_come_are_counted(
    run: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two plans with one run, and one plan that nobody has carried out."""
    source = Source("msspoof", Path("nowhere"))
    plan = Plan("livenessnet", (source,), "sound", RECIPES["book"])
    planned = [Job(replace(plan, seed=seed), "msspoof", (source,)) for seed in range(3)]
    found = iter([runs.open_run(Path(run)), runs.open_run(Path(run)), None])
    monkeypatch.setattr(book, "jobs", lambda parameters: [])
    monkeypatch.setattr(experiments, "merged", lambda jobs: planned)
    monkeypatch.setattr(experiments, "find_run", lambda job: next(found))
    assert cli_export._trained_names() == [Path(run).name]
    assert capfd.readouterr().err.startswith("networks not trained yet: 1;")


def test_nothing_to_compare_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_export, "_released_names", list)
    monkeypatch.setattr(cli_export, "_trained_names", list)
    with pytest.raises(AttackNetError, match="no network to compare"):
        cli_export.parity(data_root=root)


def test_an_unknown_run_gets_one_line(root: Path, tmp_path: Path) -> None:
    program = "from attacknet.cli import main; main()"
    words = ["export", "nothing", "--root", str(root), "--output", str(tmp_path / "network.onnx")]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("attacknet: nothing: no run; give ")
    assert "Traceback" not in done.stderr
