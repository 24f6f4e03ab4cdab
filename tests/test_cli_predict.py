"""``attacknet predict``: what it prints, its exit status, one line for each mistake; and that it is light."""

import csv
import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from attacknet import cli_predict, paths
from tests.predict.hostile import GOOD, holding, malicious_pickle, malicious_zip
from tests.predict.models import brightness

COMMAND = (sys.executable, "-c", "from attacknet.cli import main; main()", "predict")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return brightness(tmp_path_factory.mktemp("model") / "network.onnx")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A face, a picture without one, and a file that is no picture."""
    GOOD.save(tmp_path / "a.png")
    Image.new("RGB", (99, 99)).save(tmp_path / "b.png")
    (tmp_path / "c.png").write_bytes(b"c")
    return tmp_path


def predict(*words: str | Path, status: int, given: bytes = b"", cwd: Path = paths.ROOT) -> tuple[bytes, str]:
    """Run the command, check its exit status; return its output and its complaints."""
    result = subprocess.run([*COMMAND, *words], input=given, cwd=cwd, capture_output=True, check=False)
    errors = result.stderr.decode()
    assert result.returncode == status, errors
    assert "Traceback" not in errors
    return result.stdout, errors


def rows_of(output: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(output.decode("utf-8"), newline="")))


# --- What it prints ---------------------------------------------------------------------------------------


def test_a_row_for_each_file_and_what_came_of_them(model: Path, folder: Path) -> None:
    """CSV and JSON say the same; the last line of the complaints counts, and names the evidence."""
    output, errors = predict(folder, "--model", model, status=3)
    rows = rows_of(output)
    assert [Path(row["path"]).name for row in rows] == ["a.png", "b.png", "c.png"]
    assert [row["status"] for row in rows] == ["scored", "no_face", "unreadable"]
    assert [bool(row["score"]) for row in rows] == [True, False, False]
    assert errors.splitlines()[-1] == (
        "brightness trained on nothing, evidence stand-in; threshold 0.5: 1 scored, 1 no_face, 1 unreadable"
    )
    (same, *_) = json.loads(predict(folder, "--model", model, "--format", "json", status=3)[0])
    assert str(same["score"]) == rows[0]["score"]
    assert same["decision"] == rows[0]["decision"]


def test_the_exit_status_is_0_if_all_are_scored(model: Path, folder: Path) -> None:
    """A black picture without a face has one as a crop."""
    predict(folder / "a.png", "--model", model, status=0)
    predict(folder / "b.png", "--model", model, status=3)
    predict(folder / "b.png", "--model", model, "--already-cropped", status=0)


def test_several_faces_show_in_the_exit_status(model: Path, tmp_path: Path) -> None:
    """Whose score it is, somebody has to look at; as a crop the same picture is one face."""
    pair = tmp_path / "pair.png"
    two = Image.new("RGB", (2 * GOOD.width, GOOD.height))
    for side in (0, GOOD.width):
        two.paste(GOOD, (side, 0))
    two.save(pair)
    (row,) = rows_of(predict(pair, "--model", model, status=3)[0])
    assert (row["status"], row["faces"]) == ("several_faces", "2")
    assert row["score"]
    predict(pair, "--model", model, "--already-cropped", status=0)


def test_the_threshold_may_be_given(model: Path, folder: Path, tmp_path: Path) -> None:
    """A file without one gives scores and no decisions, and the last line says so."""
    silent = brightness(tmp_path / "silent.onnx", threshold=None)
    for file, options, decision in [
        (model, ("--threshold", "0"), "bonafide"),
        (model, ("--threshold", "1"), "attack"),
        (silent, ("--threshold", "0"), "bonafide"),
        (silent, (), ""),
    ]:
        output, errors = predict(folder / "a.png", "--model", file, *options, status=0)
        (row,) = rows_of(output)
        assert row["decision"] == decision
        assert ("no threshold, so no decisions" in errors) == (not decision)


def test_standard_input_is_one_picture(model: Path, folder: Path) -> None:
    """Scored like the file, between other files."""
    output, _ = predict(
        folder / "a.png", "-", "--model", model, status=0, given=(folder / "a.png").read_bytes()
    )
    file, piped = rows_of(output)
    assert piped["path"] == "-"
    assert {**piped, "path": ""} == {**file, "path": ""}


def test_odd_names_stay_parseable(model: Path, tmp_path: Path) -> None:
    """A line break, a comma, a byte that is no UTF-8; in a terminal whose language knows only ASCII too."""
    names = ["line\nbreak,.png", os.fsdecode(b"\xff.png"), "größe.png"]
    for name in names:
        GOOD.save(tmp_path / name)
    command = [*COMMAND, tmp_path, "--model", model]
    ascii_only = os.environ | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    result = subprocess.run(command, capture_output=True, check=True, env=ascii_only)
    found = [Path(row["path"]).name for row in rows_of(result.stdout)]
    assert sorted(found) == sorted(["line\nbreak,.png", r"\udcff.png", r"gr\udcc3\udcb6\udcc3\udc9fe.png"])


def test_rows_may_go_to_a_file(model: Path, folder: Path, tmp_path: Path) -> None:
    """The same bytes; what exists is never overwritten, least of all a picture named by a slip."""
    output, _ = predict(folder / "a.png", "--model", model, status=0)
    words = (folder / "a.png", "--model", model, "--output")
    assert predict(*words, tmp_path / "rows.csv", status=0)[0] == b""
    assert (tmp_path / "rows.csv").read_bytes() == output
    for place, reason in (
        (folder / "a.png", "File exists"),
        (tmp_path / "absent/rows.csv", "No such file or directory"),
    ):
        _, errors = predict(*words, place, status=1)
        assert errors.splitlines() == [
            f"attacknet: {place}: cannot be written ({reason}); see to the disk or give another name"
        ]
    assert Image.open(folder / "a.png").size == GOOD.size


def test_a_reader_that_has_enough_ends_it_quietly(model: Path, folder: Path) -> None:
    """As `head` does: neither a traceback nor an endless run."""
    many = [folder / "a.png"] * 200
    command = [*COMMAND, *many, "--model", model, "--already-cropped"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 1


def test_long_input_shows_progress(model: Path, tmp_path: Path) -> None:
    """On standard error, up to the last file."""
    for number in range(120):
        Image.new("RGB", (32, 32)).save(tmp_path / f"{number:03}.png")
    _, errors = predict(tmp_path, "--model", model, "--already-cropped", status=0)
    assert "120 of 120 files" in errors


def test_progress_is_for_many_files_or_for_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few pictures need none; one long video does."""
    seconds = iter([0.0, 0.5, 60.0])
    monkeypatch.setattr(cli_predict, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    shown: list[tuple[float, int]] = []
    show = cli_predict._of_long_work(lambda *now: shown.append(now))
    for done, total in [(0, 1), (7, 120), (0.5, 1)]:
        show(done, total)
    assert shown == [(7, 120), (0.5, 1)]


# --- What can go wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        malicious_pickle,
        malicious_zip,
        holding(b""),
        holding(b"no model"),
        holding(b"\x1c\0\0\0TFL3" + bytes(60)),
        holding(b"\x89HDF\r\n\x1a\n" + bytes(60)),
        os.mkfifo,
        Path.mkdir,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: None,
    ],
    ids=["pickle", "keras", "empty", "text", "cut", "hdf5", "pipe", "folder", "device", "absent"],
)
def test_a_file_that_is_no_network_is_one_line(folder: Path, make: Callable[[Path], object]) -> None:
    """Refused before a picture is opened, and nothing that it brings along is executed."""
    path = folder / "network.onnx"
    make(path)
    output, errors = predict(folder / "a.png", "--model", path, status=1)
    assert not output
    (line,) = errors.splitlines()
    assert line.startswith(f"attacknet: {path}: ")
    assert not (folder / "executed").exists()


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        (("--threshold", "nan"), 1, "attacknet: threshold nan: give a number"),
        (("--threshold", "high"), 2, "Invalid value for '--threshold'"),
        (("--every", "0"), 2, "Invalid value for '--every'"),
        (("--format", "xml"), 2, "Invalid value for '--format'"),
    ],
)
def test_a_wrong_option_is_refused(
    model: Path, folder: Path, words: tuple[str, ...], status: int, complaint: str
) -> None:
    """Before anything is scored."""
    output, errors = predict(folder, "--model", model, *words, status=status)
    assert not output
    assert complaint in errors


# --- Light, and in three lines of Python ----------------------------------------------------------------


def seconds(*words: str | Path) -> float:
    """Return the processor time of the quickest of three calls: that is what a quiet machine waits."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*COMMAND, *words], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def test_help_answers_at_once() -> None:
    """In half a second."""
    assert seconds("--help") < 0.5


def test_the_three_lines_of_the_readme_run(
    model: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a folder that has the files they name."""
    readme = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    blocks = [text.split("```")[0] for text in readme.split("```python\n")[1:]]
    (block,) = [block for block in blocks if "attacknet.predict" in block]
    assert len([line for line in block.splitlines() if line]) == 3
    (folder / "network.tflite").write_bytes(model.read_bytes())
    GOOD.save(folder / "portrait.jpg")
    monkeypatch.chdir(folder)
    exec(block, {})
    path, score, decision = capsys.readouterr().out.split()
    assert path == "portrait.jpg"
    assert (float(score) >= 0.5) == (decision == "bonafide")
