"""``attacknet predict``: scores of pictures and videos, by an exported network."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from attacknet.errors import AttackNetError

if TYPE_CHECKING:
    from attacknet.exported import About
    from attacknet.predict import Prediction
    from attacknet.progress import Show

# Exit status if a row is not simply scored; 1 is a user's mistake, 2 a wrong option.
_NOT_ALL_SCORED = 3
# Files, and seconds, that are more than a moment.
_MANY, _LONG = 100, 2.0


class Format(StrEnum):
    """How the rows are written."""

    CSV = "csv"
    JSON = "json"


def predict(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE",
            help="Pictures, videos, folders, patterns in quotes, or - for one picture on standard input.",
        ),
    ],
    *,
    model: Annotated[
        Path, typer.Option(help="A network that `attacknet export` wrote.", metavar="FILE.tflite|.onnx")
    ],
    threshold: Annotated[
        float | None,
        typer.Option(help="Accept a score as bona fide from here on. Default: the model file's own."),
    ] = None,
    already_cropped: Annotated[
        bool, typer.Option("--already-cropped", help="The pictures are faces; look for none.")
    ] = False,
    every: Annotated[int, typer.Option(min=1, help="Take every n-th frame of a video.")] = 1,
    output_format: Annotated[
        Format, typer.Option("--format", help="csv, or json: an array with an object a line.")
    ] = Format.CSV,
    output: Annotated[
        Path | None, typer.Option(help="Write the rows here, not to standard output.", metavar="FILE")
    ] = None,
) -> None:
    """Score pictures and frames: a row for each, in the order given.

    Without TensorFlow. The largest face of a picture is found and cropped as the model's contract says, and
    scored; a higher score is more bona fide. A folder stands for the pictures and videos below it.

    The column status says what came of a row: scored; several_faces (the largest was scored); no_face;
    unreadable; too_large. Nothing of this kind stops the other rows. The exit status is 0 if all rows are
    scored, 3 if any has another status, and 1 for a mistake, such as a model file that cannot be used.
    """
    from attacknet import progress  # noqa: PLC0415 - keeps `attacknet --help` light
    from attacknet.exported import Exported  # noqa: PLC0415
    from attacknet.predict import predict, rows  # noqa: PLC0415

    about = Exported.open(model).about
    write = {Format.CSV: rows.write_csv, Format.JSON: rows.write_json}[output_format]
    counts: Counter[str] = Counter()
    with progress.line("files") as show:
        predictions = predict(
            *inputs,
            model=model,
            threshold=threshold,
            cropped=already_cropped,
            every=every,
            progress=_of_long_work(show),
        )
        with _stream(output) as stream:
            write(_counted(predictions, counts), stream)
    used = about.threshold if threshold is None else threshold
    typer.echo(_summary(about, used, counts), err=True)
    if set(counts) - {rows.Status.SCORED}:
        raise typer.Exit(_NOT_ALL_SCORED)


def _of_long_work(show: "Show") -> "Show":
    """Leave out the line of progress where so few files are done so soon that the rows say enough."""
    began = time.monotonic()

    def show_long(done: float, total: int) -> None:
        if total >= _MANY or time.monotonic() - began >= _LONG:
            show(done, total)

    return show_long


@contextmanager
def _stream(output: Path | None) -> Iterator[IO[str]]:
    """Open what the rows go to; a name that is no UTF-8 is written with backslashes for the odd bytes."""
    target, mode = (sys.stdout.fileno(), "w") if output is None else (output, "x")
    try:
        with open(
            target, mode, encoding="utf-8", errors="backslashreplace", newline="", closefd=output is not None
        ) as stream:
            yield stream
    except BrokenPipeError:
        # Who reads, `head` for one, has seen enough.
        raise typer.Exit(1) from None
    except OSError as error:
        place = output or "standard output"
        raise AttackNetError(
            f"{place}: cannot be written ({error.strerror}); see to the disk or give another name"
        ) from None


def _counted(predictions: Iterator["Prediction"], counts: Counter[str]) -> Iterator["Prediction"]:
    for prediction in predictions:
        counts[prediction.status] += 1
        yield prediction


def _summary(about: "About", threshold: float | None, counts: Counter[str]) -> str:
    decided = "no threshold, so no decisions" if threshold is None else f"threshold {threshold:.6g}"
    found = ", ".join(f"{number} {status}" for status, number in counts.items())
    return f"{about.model} trained on {about.trained_on}, evidence {about.evidence}; {decided}: {found}"
