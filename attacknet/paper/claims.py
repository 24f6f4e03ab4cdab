"""Every printed number as a claim: its lasting id, what it says, and what can be held against it."""

from collections.abc import Iterator
from dataclasses import dataclass

from attacknet.errors import AttackNetError
from attacknet.paper.exact import CLASSES, METRICS
from attacknet.paper.printed import Printed, exactly
from attacknet.paper.tables import NAMES, Paper, slug

# Why nothing here decides a claim, by the code in the column `otherwise` of the data files. An entry
# "data:<command>" means that the licensed data under $ROOT would decide it, by that command.
REASONS = {
    "cited": "a result of a cited publication, which this companion does not run again",
    "definition": "a choice of notation; there is nothing to check",
    "timing": "a measurement on one machine whose software and input are not described",
    "price": "a price; no public record of it was found",
    "figure": "describes a figure that the available text does not contain",
    "private": "the authors' own dataset is not public, and its counts for this part are not published",
    "illegible": "the available text of the paper is cut off here",
    "no common pair": "no publication in Table 5 was trained and tested on the same databases as AttackNet",
}
MATRIX_COMMAND = "attacknet matrix  # comes with the training chapters"

_WORDING = {"precision": "precision", "recall": "recall", "f1": "F1 score", "far": "FAR", "frr": "FRR"}
_CLASS_WORDING = {CLASSES[0]: "bona fide", CLASSES[1]: "attacks"}
# Section or table -> the page that shows it; of several the one of the longest number.
_CHAPTERS = {
    "t1": "notebooks/03_2_efficiency",
    "t2": "notebooks/04_2_own_dataset_and_protocols",
    "t4": "notebooks/05_0_table4",
    "t5": "notebooks/06_1_related_numbers",
    "2": "notebooks/06_1_related_numbers",
    "3.1": "notebooks/03_1_architecture",
    "3.2": "notebooks/03_2_efficiency",
    "3.3": "book/03_3_design_and_training",
    "3.4": "book/03_3_design_and_training",
    "4": "notebooks/04_2_own_dataset_and_protocols",
    "4.1": "notebooks/04_1_datasets",
    "4.3": "notebooks/04_3_metrics",
    "5": "notebooks/05_0_table4",
    "5.2": "notebooks/05_3_fused",
    "5.3": "notebooks/05_4_attention",
    "6.1": "notebooks/06_1_related_numbers",
    "6.2": "notebooks/06_1_related_numbers",
    "6.2.2": "notebooks/05_2_cross_database",
    "6.2.3": "notebooks/06_2_roc",
    "6.2.4": "notebooks/06_4_scale",
}
_DEFAULT_CHAPTER = "notebooks/06_3_audit"


@dataclass(frozen=True)
class Claim:
    """One printed number, or one statement that the numbers bear on.

    Attributes
    ----------
    id
        Stable name, such as ``t4.msspoof.3dmad.attack.recall`` or ``s3.2.fps``.
    section
        Where it is printed: a section number or a table.
    about
        What it says, in brief and in our words.
    printed
        The characters as printed; empty where they are not legible.
    unit
        Unit as printed, empty for a pure number.
    number
        The number with its precision; for a statement 1, which a true statement equals; None if not legible.
    against
        Keys of facts and ids of claims that bear on it.
    otherwise
        Code of the reason why it stays undecided without any of these.
    is_number
        False for a statement in words.
    """

    id: str
    section: str
    about: str
    printed: str
    unit: str
    number: Printed | None
    against: tuple[str, ...]
    otherwise: str
    is_number: bool = True

    @property
    def command(self) -> str:
        """The command that checks the claim on the licensed data, or an empty string."""
        if self.id.startswith("t4."):
            return MATRIX_COMMAND
        return self.otherwise.removeprefix("data:") if self.otherwise.startswith("data:") else ""

    @property
    def chapter(self) -> str:
        """The page that shows the claim, a path in the book without its ending."""
        if self.otherwise == "timing":
            return "notebooks/03_5_speed"
        place = self.section.replace("Table ", "t").split(".")
        parts = (".".join(place[:n]) for n in range(len(place), 0, -1))
        return next((_CHAPTERS[part] for part in parts if part in _CHAPTERS), _DEFAULT_CHAPTER)


def collect(paper: Paper) -> list[Claim]:
    """Return all claims, in the order of the paper's sections and then its tables.

    Raises
    ------
    AttackNetError
        If a row has no number, or neither something to hold against it nor a reason why not.
    """
    claims = [
        *_text(paper),
        *_statements(paper),
        *_table1(paper),
        *_table2(paper),
        *_table4(paper),
        *_table5(paper),
    ]
    for claim in claims:
        known = claim.otherwise in REASONS or claim.otherwise.startswith("data:")
        if not claim.against and not known:
            raise AttackNetError(
                f"claim {claim.id}: name what bears on it, or a reason of {', '.join(REASONS)}"
            )
    return claims


def per_section(claims: list[Claim]) -> dict[str, int]:
    """Return how many numbers each section and table prints."""
    counts: dict[str, int] = {}
    for claim in claims:
        if claim.is_number:
            counts[claim.section] = counts.get(claim.section, 0) + 1
    return counts


def _text(paper: Paper) -> Iterator[Claim]:
    for row in paper.text:
        yield _from_row(row, row["id"], row["section"])


def _table2(paper: Paper) -> Iterator[Claim]:
    for row in paper.table2:
        yield _from_row(row, f"t2.{row['id']}", "Table 2")


def _from_row(row: dict[str, str], claim: str, section: str) -> Claim:
    number = Printed.parse(row["printed"], row["half_width"], row["unit"])
    against = tuple(key for name in row["against"].split() for key in _with_counts(name))
    return Claim(claim, section, row["about"], row["printed"], row["unit"], number, against, row["otherwise"])


def _with_counts(key: str) -> tuple[str, ...]:
    """Add the counts to what a number that repeats a rate of Table 4 is held against."""
    return (key.replace("t4.", "counts.", 1), key) if key.startswith("t4.") else (key,)


def _statements(paper: Paper) -> Iterator[Claim]:
    for row in paper.statements:
        yield Claim(
            row["id"],
            row["section"],
            row["about"],
            row["printed"],
            "",
            Printed(row["printed"], exactly(1).low, exactly(0).low),
            tuple(row["against"].split()),
            row["otherwise"],
            is_number=False,
        )


def _table1(paper: Paper) -> Iterator[Claim]:
    columns = {
        "mflops": ("MFLOPs", "cost of one inference", "madds"),
        "parameters": ("M", "parameters", "parameters"),
    }
    for row in paper.table1:
        name = slug(row["model"])
        for metric, (unit, about, published) in columns.items():
            printed = row[metric]
            own = {"mflops": "model.flops", "parameters": "model.parameters"}[metric]
            against = own if name == "attacknet" else f"published.{name}.{published}"
            yield Claim(
                f"t1.{name}.{metric}",
                "Table 1",
                f"{row['model']}, {about}",
                printed,
                unit,
                Printed.parse(printed, unit=unit) if printed else None,
                (against,),
                "" if printed else "illegible",
            )


def _table4(paper: Paper) -> Iterator[Claim]:
    for train, test in paper.hter:
        title = f"{NAMES[train]} to {NAMES[test]}"
        for name in CLASSES:
            for metric in METRICS:
                cell = f"{train}.{test}.{name}.{metric}"
                number = paper.table4[train, test, name, metric]
                about = f"{title}, {_WORDING[metric]} of {_CLASS_WORDING[name]}"
                against = (f"counts.{cell}", *(() if metric == "recall" else (f"inner.{cell}",)))
                yield Claim(f"t4.{cell}", "Table 4", about, number.text, "", number, against, "")
        number_or_gap = paper.hter[train, test]
        cell = f"{train}.{test}.hter"
        yield Claim(
            f"t4.{cell}",
            "Table 4",
            f"{title}, HTER",
            number_or_gap.text if number_or_gap else "",
            "",
            number_or_gap,
            (f"counts.{cell}", f"inner.{cell}", f"inner.{cell}.rates"),
            "" if number_or_gap else "illegible",
        )


def _table5(paper: Paper) -> Iterator[Claim]:
    for row in paper.table5:
        train, test = slug(row["train_on"]), slug(row["test_on"])
        own = row["model"] == "AttackNet"
        key = ".".join(_OWN_NAMES.get(name, name) for name in (train, test))
        printed = row["hter_percent"]
        yield Claim(
            f"t5.{slug(row['model'])}.{train}.{test}",
            "Table 5",
            f"{row['model']}, trained on {row['train_on']}, tested on {row['test_on']}, HTER",
            printed,
            "%",
            Printed.parse(printed, unit="%"),
            _with_counts(f"t4.{key}.hter") if own else (),
            "" if own else "cited",
        )


_OWN_NAMES = {"our-dataset": "own", "replay-attack": "replay_attack"}
