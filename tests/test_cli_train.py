"""``attacknet train``: a run from the command line, found the second time, and one line for a mistake."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import toy

# The command with a book recipe of two steps: how long a real one takes is no matter here.
PROGRAM = """
import sys
from dataclasses import replace
from attacknet import recipes
recipes.RECIPES["book"] = replace(recipes.RECIPES["book"], epochs=2, steps=1)
from attacknet.cli import main
main()
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    toy.msspoof(folder / "msspoof")
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def attacknet(cache: Path, *words: str, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ATTACKNET_CACHE": str(cache)}
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_network_is_trained_in_sight_and_found_the_second_time(cache: Path, root: Path) -> None:
    command = ("train", "msspoof", "--root", str(root), "--model", "livenessnet", "--seed", "1")
    first = attacknet(cache, *command)
    assert first.returncode == 0, first.stderr
    assert "of 72 samples" in first.stderr and "2 of 2 epochs" in first.stderr
    second = attacknet(cache, *command)
    assert second.stdout == first.stdout
    assert "epochs" not in second.stderr
    *history, evidence, folder = first.stdout.splitlines()
    assert [line.split()[0] for line in history] == ["epoch", "1", "2"]
    assert evidence.startswith("evidence: licensed; weights ")
    assert Path(folder).parent == cache / "runs"


def test_a_baseline_needs_no_tensorflow(cache: Path, root: Path) -> None:
    program = PROGRAM.replace("main()", "") + "import atexit\n"
    program += "atexit.register(lambda: print('tensorflow' in sys.modules, file=sys.stderr))\nmain()"
    done = attacknet(cache, "train", "msspoof", "--root", str(root), "--model", "constant", program=program)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "False"


def test_help_loads_no_tensorflow_and_no_pandas(cache: Path) -> None:
    program = (
        "import sys\nfrom attacknet.cli import app\n"
        "try:\n    app()\nfinally:\n    print({'tensorflow', 'keras', 'pandas'} & set(sys.modules))"
    )
    done = attacknet(cache, "train", "--help", program=program)
    assert "--recipe" in done.stdout
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["msspoof", "--model", "resnet"], "model 'resnet': there are only attacknet"),
        (["msspoof", "--recipe", "mine"], "recipe 'mine': there are only as_written"),
        (["msspoof", "--protocol", "mine"], "no protocol 'mine'; there are sound"),
        (["msspoof", "--protocol", "as_run"], "leaks"),
        (["casia", "--seed", "3"], "dataset 'casia': there are "),
        (["3dmad"], "no such folder"),
        (
            ["msspoof", "--protocol", "as_run", "--allow-leaks", "--recipe", "as_written"],
            "'as_run' has no development set",
        ),
    ],
)
def test_a_mistake_gets_one_line(cache: Path, root: Path, words: list[str], complaint: str) -> None:
    done = attacknet(cache, "train", *words, "--root", str(root))
    assert done.returncode == 1
    assert complaint in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
