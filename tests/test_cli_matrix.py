"""``attacknet matrix``: what it prints, and one clear line for each thing that can go wrong."""

import io
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from attacknet import cli_matrix, experiments, paths, released
from tests import toy
from tests.test_experiments import Released

FAST = ("--models", "constant", "--seeds", "1")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small dataset in MSSpoof's layout."""
    folder = tmp_path_factory.mktemp("data")
    toy.msspoof(folder / "msspoof")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def matrix(
    root: Path, cache: Path, *words: str, status: int = 0, before: Callable[[], None] | None = None
) -> tuple[str, str]:
    """Run the command; check its exit status; return what it printed and its complaints."""
    result = subprocess.run(
        [sys.executable, "-c", "from attacknet.cli import main; main()", "matrix", "--root", root, *words],
        env=os.environ | {"ATTACKNET_CACHE": str(cache)},
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
    )
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout, result.stderr


def complaint(errors: str) -> str:
    """Return the one line that says what is wrong; the others are progress."""
    (line,) = [line for line in errors.splitlines() if line.startswith("attacknet: ")]
    return line


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """Mount a file system; skip the test where that is not allowed."""
    folder.mkdir(exist_ok=True)
    command = ["mount", *options, str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


# --- What it prints --------------------------------------------------------------------------------------


def test_all_formats_say_the_same(root: Path, cache: Path) -> None:
    """A constant score errs in half of all cases; each format has it, with its evidence."""
    text, errors = matrix(root, cache, *FAST)
    assert text.startswith("evidence: licensed")
    assert "0.500" in text
    assert errors.splitlines()[-1] == "1 of 1 models"
    (row,) = pd.read_csv(io.StringIO(matrix(root, cache, *FAST, "--format", "csv")[0])).to_dict("records")
    (same,) = json.loads(matrix(root, cache, *FAST, "--format", "json")[0])
    assert row["hter"] == same["hter"] == 0.5
    assert row["evidence"] == same["evidence"] == "licensed"
    species = pd.read_csv(io.StringIO(matrix(root, cache, *FAST, "--by-species", "--format", "csv")[0]))
    assert [*species["species"]] == ["print_vs_vs"]
    assert [*species["apcer_argmax"]] == [1.0]


def test_released_networks_stand_in_the_same_table(
    root: Path,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A row for each of them, by the name of its training side; at a frozen threshold there is no rate."""
    (tmp_path / "weights").write_bytes(b"weights")
    monkeypatch.setenv("ATTACKNET_CACHE", str(cache))
    monkeypatch.setattr(released, "path", lambda _name: tmp_path / "weights")
    monkeypatch.setattr(experiments, "load_released", lambda _file: Released())
    cli_matrix.matrix(
        root,
        dataset=["msspoof"],
        models="constant",
        seeds=1,
        released_weights=True,
        workers=1,
        output=cli_matrix.Format.CSV,
    )
    rows = pd.read_csv(io.StringIO(capsys.readouterr().out)).set_index(["model", "trained_on"])
    assert [*rows.index] == [
        ("constant", "msspoof"),
        *(("released_weights", name) for name in released.release().weights),
    ]
    assert rows.loc["released_weights", "hter"].isna().all()
    assert rows.loc["released_weights", "hter_argmax"].notna().all()


def test_a_read_only_data_root_is_no_hindrance(root: Path, cache: Path, tmp_path: Path) -> None:
    """Data are only read: licensed data lie on a file server that nobody may write to."""
    expected, _ = matrix(root, cache, *FAST, "--format", "csv")
    with mounted(tmp_path / "data", "--bind", "-o", "ro", str(root)) as read_only:
        with pytest.raises(OSError, match="Read-only"):
            (read_only / "note").write_text("x")
        assert matrix(read_only, tmp_path / "other", *FAST, "--format", "csv")[0] == expected


def test_help_needs_no_heavy_library() -> None:
    """The whole command line imports neither TensorFlow nor scikit-learn."""
    heavy = (
        "import sys; from attacknet import cli; sys.exit(bool({'tensorflow', 'sklearn'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", heavy], check=False).returncode == 0


# --- What can go wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--models", "attacknet,lbp"], "model 'lbp': there are only attacknet, "),
        (["--recipe", "short"], "recipe 'short': there are only as_written, as_run, book"),
        (["--protocol", "official"], "msspoof.yaml: no protocol 'official'; there are "),
        (["--dataset", "3dmad"], "3dmad: no such folder"),
        (["--dataset", "nothing"], "dataset 'nothing': there are "),
        (["--protocol", "as_run"], "protocol 'as_run' of msspoof leaks: "),
    ],
)
def test_a_mistake_is_one_line(root: Path, cache: Path, words: list[str], line: str) -> None:
    """Exit status 1, the reason, and nothing trained."""
    _, errors = matrix(root, cache, *FAST, *words, status=1)
    assert line in complaint(errors)
    assert not (cache / "runs").exists()


def test_a_missing_split_is_one_line_and_finished_runs_are_kept(
    root: Path, cache: Path, tmp_path: Path
) -> None:
    """The test split of a copy is gone: refused by its name, and what was made before is found afterwards."""
    copy = tmp_path / "data"
    shutil.copytree(root, copy)
    matrix(copy, cache, *FAST)
    runs = sorted((cache / "runs").iterdir())
    for folder in copy.glob("*/images/*/VS/test"), copy.glob("*/images/attack/VS/VS/test"):
        for one in folder:
            shutil.rmtree(one)
    _, errors = matrix(copy, cache, *FAST, status=1)
    assert "msspoof, protocol sound: split 'test' has no bona fide face" in complaint(errors)
    assert sorted((cache / "runs").iterdir()) == runs


def test_a_planted_leak_is_refused_before_anything_is_trained(
    root: Path, cache: Path, tmp_path: Path
) -> None:
    """A manifest that puts the training clients into the development set as well."""
    declared = (paths.MANIFESTS / "msspoof.yaml").read_text(encoding="utf-8")
    planted = declared.replace("id: msspoof", "id: planted").replace(
        "dev: [{group: [dev]}]", "dev: [{group: [dev, train]}]", 1
    )
    assert planted.count("[dev, train]") == 1
    (tmp_path / "planted.yaml").write_text(planted, encoding="utf-8")
    (root / "planted").symlink_to(root / "msspoof")
    _, errors = matrix(
        root, cache, *FAST, "--dataset", "msspoof", "--dataset", str(tmp_path / "planted.yaml"), status=1
    )
    assert "leaks" in complaint(errors)
    assert not (cache / "runs").exists()


def test_a_file_that_cannot_grow_is_one_line_and_finished_runs_are_kept(root: Path, cache: Path) -> None:
    """As on a full disk: the first model is there, the second fails, and later it alone is made."""
    matrix(root, cache, *FAST)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    both = ("--models", "constant,lbp_svm", "--seeds", "1")
    _, errors = matrix(root, cache, *both, status=1, before=limit)
    assert "cannot be written: File too large; see to the disk" in complaint(errors)
    _, errors = matrix(root, cache, *both)
    assert errors.splitlines()[0] == "1 of 2 models"


def test_a_full_disk_is_one_line_and_finished_runs_are_kept(root: Path, tmp_path: Path) -> None:
    """A real one, of two megabytes."""
    both = ("--models", "constant,lbp_svm", "--seeds", "1")
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=2m", "tmpfs") as disk:
        matrix(root, disk, *FAST)
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(4096))
        _, errors = matrix(root, disk, *both, status=1)
        assert "No space left on device" in complaint(errors)
        filler.unlink()
        _, errors = matrix(root, disk, *both)
        assert errors.splitlines()[0] == "1 of 2 models"


def test_a_cache_that_may_not_be_written_is_one_line(root: Path, tmp_path: Path) -> None:
    """Before anything is prepared or trained."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "ro", "tmpfs") as disk:
        _, errors = matrix(root, disk, *FAST, status=1)
        assert "Read-only file system" in complaint(errors)


def test_a_scheduler_that_is_not_there_is_one_line(root: Path, cache: Path) -> None:
    """A slip in the address."""
    _, errors = matrix(root, cache, *FAST, "--cluster", "tcp://127.0.0.1:9", status=1)
    assert "tcp://127.0.0.1:9: no Dask scheduler answers" in complaint(errors)
