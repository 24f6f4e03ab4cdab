"""What ``make bench`` measured: times beside what they are compared with, in one small file.

A ratio is made of two values of the same run, never of two files: machine and load were the same.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from attacknet import paths
from attacknet.errors import AttackNetError

FILE = paths.ROOT / "benchmarks" / "results.json"
_HOW = "run `make bench`"

_Text = Annotated[str, Field(min_length=1)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measured(_Strict):
    """One way of doing a task.

    Attributes
    ----------
    task
        What is done.
    name
        How it is done.
    value, unit
        The fastest of all turns, as other work of the machine can only add. Less is better.
    reference
        The way of the same task that it is compared with.
    """

    task: _Text
    name: _Text
    value: _Positive
    unit: _Text
    reference: _Text


class Result(Measured):
    """A measured way with its ratio: the reference's value over its own, so that more is better."""

    ratio: _Positive


class Report(_Strict):
    """One run of the benchmarks.

    Attributes
    ----------
    date
        When it ended, with its time zone.
    commit
        Of the checkout; ``+`` behind it where files differed.
    machine
        In words.
    load
        Programs that wanted a core when it began, on average over a minute; None where nobody counts.
    results
        In the order of measuring.
    """

    date: AwareDatetime
    commit: _Text
    machine: _Text
    load: Annotated[float, Field(ge=0)] | None
    results: tuple[Result, ...]


def compare(measured: Iterable[Measured]) -> tuple[Result, ...]:
    """Join the turns of each way and set it beside its reference.

    Raises
    ------
    AttackNetError
        If a reference was not measured, or has another unit.
    """
    best: dict[tuple[str, str], Measured] = {}
    for one in measured:
        known = best.setdefault((one.task, one.name), one)
        if one.value < known.value:
            best[one.task, one.name] = one
    results = []
    for one in best.values():
        reference = best.get((one.task, one.reference))
        if reference is None or reference.unit != one.unit:
            raise AttackNetError(f"{one.task}, {one.name}: {one.reference!r} was not measured in {one.unit}")
        results.append(Result(**one.model_dump(), ratio=reference.value / one.value))
    return tuple(results)


def write(report: Report, file: Path = FILE) -> None:
    """Write a report; what cannot be written raises AttackNetError."""
    try:
        file.write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise AttackNetError(f"{file}: {error.strerror}") from None


def read(file: Path = FILE) -> Report | None:
    """Read a report; None where there is no such file.

    Raises
    ------
    AttackNetError
        If the file cannot be read, breaks the schema, or holds a ratio that its own values do not give.
    """
    try:
        report = Report.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise AttackNetError(f"{file}: cannot be read ({error}); {_HOW}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise AttackNetError(f"{file}, {where}: {first['msg']}; {_HOW}") from None
    plain = [Measured(**one.model_dump(exclude={"ratio"})) for one in report.results]
    if compare(plain) != report.results:
        raise AttackNetError(f"{file}: its ratios are not those of its values; {_HOW}")
    return report
