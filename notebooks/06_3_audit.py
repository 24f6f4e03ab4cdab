# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6.3 Audit
#
# *The whole paper {cite:p}`kuznetsov2024attacknet`: its printed numbers against each other and against what is published beside them.*
#
# After this chapter you can
#
# - audit a table of error rates without any data, by arithmetic that respects rounding;
# - follow, and object to, every finding about this paper: what is printed, what follows, what else was tried;
# - tell a slip of the pen from a number that changes a conclusion.
#
# The chapter presumes {doc}`the metrics of 4.3 <04_3_metrics>`; {doc}`05_0_table4` shows the table that most findings are about.
#
# An audit is not a verdict on people. Tables of three hundred numbers have slips; most of these could be found only because
# one of the authors published counts, code and models {cite:p}`zakharov2023code`. Where a cause is not known, none is inferred.

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display
from myst_nb import glue

from attacknet import plots
from attacknet.display import figure, table
from attacknet.errors import AttackNetError
from attacknet.paper import ledger
from attacknet.paper.findings import Weight
from attacknet.paper.ledger import Agreement, Status, compare
from attacknet.paper.letter import escape, letter

plots.use_style()

# %% tags=["parameters"]
least: str = "detail"  # smallest weight of the findings shown: conclusion, number or detail
alternatives: bool = True  # show the other explanations that were tried

# %% tags=["hide-input"]
if least.upper() not in Weight.__members__:
    raise AttackNetError(
        f"least {least!r}: give one of {', '.join(w.name.lower() for w in reversed(Weight))}"
    )
claims = ledger.load()
numbers = {finding.id: number for number, finding in enumerate(claims.findings, 1)}
shown = [finding for finding in claims.findings if finding.weight >= Weight[least.upper()]]
glue("claims", len(claims), display=False)
glue("findings", len(claims.findings), display=False)
glue("grave", sum(f.weight is Weight.CONCLUSION for f in claims.findings), display=False)
example = claims["t4.msspoof.3dmad.hter"].claim.number.range
glue("example-low", f"{float(example.low):g}", display=False)
glue("example-high", f"{float(example.high):g}", display=False)
exchange = next(finding for finding in claims.findings if finding.id == "far-frr-exchanged")
contradicted = [c for c in exchange.claims if claims[c].status is Status.CONTRADICTED]
glue("exchanged", len(contradicted), display=False)
glue("exchanged-cells", len({tuple(c.split(".")[1:3]) for c in contradicted}), display=False)
for status in Status:
    glue(f"status-{status.name.lower()}", claims.summary()[status.value], display=False)

# %% [markdown]
# ## How it is done
#
# Every printed number is a claim with a precision: {claim}`t4.msspoof.3dmad.hter` stands for anything from
# {glue:text}`example-low` to {glue:text}`example-high`. All comparisons are made
# on such intervals, in exact fractions. A number is held against sources outside the text where there are any (the authors' counts
# and code, the owners' file lists, cited publications, arithmetic on the layer table), and otherwise against the paper's other
# numbers. Searches do the rest: every order of columns is tried, every pair of cells compared, every reading of a definition
# counted. The command `attacknet audit` repeats all of it in a second.
#
# The ledger holds {glue:text}`claims` claims: {glue:text}`status-reproduced` are reproduced, {glue:text}`status-consistent` consistent,
# {glue:text}`status-contradicted` contradicted, {glue:text}`status-needs_data` need licensed data, {glue:text}`status-uncheckable` cannot be
# checked. {numref}`fig-status` shows where.

# %% tags=["hide-input"]
sections: dict[str, dict[Status, int]] = {}
for entry in claims:
    section = entry.claim.section
    title = (
        section
        if section.startswith("Table")
        else "Abstract"
        if section == "Abstract"
        else f"Section {section.split('.')[0]}"
    )
    sections.setdefault(title, dict.fromkeys(Status, 0))[entry.status] += 1
order = sorted(sections, key=lambda t: (t.startswith("Table"), t != "Abstract", t))
LOOK = {
    Status.REPRODUCED: (Status.REPRODUCED.colour, ""),
    Status.CONSISTENT: (Status.CONSISTENT.colour, ""),
    Status.CONTRADICTED: (Status.CONTRADICTED.colour, "///"),
    Status.NEEDS_DATA: ("#E5E7EB", ""),
    Status.UNCHECKABLE: ("#9CA3AF", ""),
}
fig, panel = plt.subplots(figsize=(plots.WIDTH, 0.33 * len(order) + 1.1))
for y, title in enumerate(order):
    left, total = 0.0, sum(sections[title].values())
    for status, (colour, hatch) in LOOK.items():
        share = sections[title][status] / total
        panel.barh(
            y, share, left=left, color=colour, hatch=hatch, edgecolor="white", linewidth=0.8, height=0.72
        )
        if share > 0.035:
            dark = status is not Status.NEEDS_DATA
            panel.text(
                left + share / 2,
                y,
                sections[title][status],
                ha="center",
                va="center",
                fontsize=8,
                color="white" if dark else "#111827",
                bbox={"facecolor": colour, "edgecolor": "none", "pad": 2.2} if hatch else None,
            )
        left += share
panel.set_yticks(range(len(order)), [f"{t} ({sum(sections[t].values())})" for t in order])
panel.set(xlim=(0, 1), ylim=(len(order) - 0.5, -0.5), xlabel="share of the claims")
panel.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
panel.grid(False)
handles = [
    plt.Rectangle((0, 0), 1, 1, facecolor=c, hatch=h, edgecolor="white", label=f"{s.sign} {s.value}")
    for s, (c, h) in LOOK.items()
]
fig.legend(handles=handles, loc="outside lower center", ncols=3, columnspacing=1.4)
figure(
    fig,
    name="fig-status",
    caption="Verdicts by section and table; the number of claims in brackets and in the bars.",
    alt="Stacked bars of verdicts. "
    + " ".join(
        f"{title}: {counts[Status.REPRODUCED]} reproduced, {counts[Status.CONTRADICTED]} contradicted of {sum(counts.values())}."
        for title, counts in ((title, sections[title]) for title in order)
    ),
    evidence="recomputed",
)

# %% [markdown]
# ## What holds
#
# {numref}`tab-checks` counts every comparison that was made. The relations that hold nearly everywhere are as telling as those that fail:
# F1 follows from precision and recall, and precision from the recalls at equal class sizes, in almost every cell. The table was
# computed with care from its inputs; what went wrong went wrong in naming and in transfer.

# %% tags=["hide-input"]
FAMILIES = {
    "F1 from precision and recall (equation 6)": lambda k: k.startswith("inner.") and k.endswith(".f1"),
    "precision from both recalls at equal class sizes": lambda k: (
        k.startswith("inner.") and k.endswith(".precision")
    ),
    "column A: FAR = 1 − recall A, FRR = 1 − recall B": lambda k: (
        k.startswith("inner.") and k.endswith((".attack.far", ".attack.frr"))
    ),
    "column B: FAR = 1 − recall A, FRR = 1 − recall B": lambda k: (
        k.startswith("inner.") and k.endswith((".bonafide.far", ".bonafide.frr"))
    ),
    "HTER from the printed FAR and FRR (equation 9)": lambda k: k.endswith(".hter.rates"),
    "HTER from both recalls": lambda k: k.startswith("inner.") and k.endswith(".hter"),
    "rates from the authors' counts": lambda k: k.startswith("counts."),
    "one print of a number against another": lambda k: k[0] in "ts" and k[1].isdigit(),
    "totals, splits and conversions": lambda k: k.startswith("derived."),
    "layer table": lambda k: k.startswith("model."),
    "released code": lambda k: k.startswith("as_run."),
    "owners' file lists": lambda k: k.startswith("listing."),
    "cited publications": lambda k: k.startswith("published."),
    "statements in words": lambda k: k.startswith("statement."),
}
comparisons = [
    (fact.key, compare(entry.claim.number, fact))
    for entry in claims
    if entry.claim.number
    for fact in entry.facts
]
rows = []
for title, belongs in FAMILIES.items():
    outcomes = [agreement for key, agreement in comparisons if belongs(key)]
    rows.append(
        {
            "what is compared": title,
            "comparisons": len(outcomes),
            "same digits": outcomes.count(Agreement.SAME_DIGITS),
            "within rounding": outcomes.count(Agreement.WITHIN_ROUNDING),
            "disagree": outcomes.count(Agreement.DISAGREES),
        }
    )
table(
    pd.DataFrame(rows),
    name="tab-checks",
    caption="All comparisons of the audit. Relations inside the paper compare intervals, so their agreement is within rounding.",
    evidence="recomputed",
)

# %% tags=["nbval-check-output"]
for weight in reversed(Weight):
    chosen = [finding.id for finding in claims.findings if finding.weight is weight]
    print(f"{weight.meaning}: {len(chosen)}")
    for name in chosen:
        print(f"  {name}")
print(f"comparisons: {len(comparisons)}")
print(f"all in the table: {sum(row['comparisons'] for row in rows) == len(comparisons)}")

# %% [markdown]
# ## The findings
#
# There are {glue:text}`findings` findings, {glue:text}`grave` of which change a conclusion; these come first. Each says what is printed and
# what follows, shows the arithmetic, says how sure it is and what it changes, and lists other explanations with their outcome. The last line unfolds the
# printed numbers concerned, each with its verdict.


# %% tags=["hide-input"]
def claims_of(finding):
    """Return the claims that a finding concerns, folded, each with its sign and a way to its row."""
    links = [
        f'<a href="../book/claims.html#claim-{claim}">{claims[claim].status.sign} {claim}</a>'
        for claim in finding.claims
    ]
    count = f"{len(links)} claims" if len(links) > 1 else "1 claim"
    return f"<details><summary>Verdicts on {count}</summary>{', '.join(links)}</details>"


def as_markdown(finding):
    """Return one finding for a reader; its anchor and number are what the claims page refers to."""
    lines = [
        f'<a id="{finding.id}"></a>**{numbers[finding.id]}. {escape(finding.title)}** ({finding.weight.meaning})',
        "",
        f"- *Printed:* {escape(finding.printed)}",
        f"- *Follows:* {escape(finding.recomputed)}",
        "- *Arithmetic:*",
        *(f"  - {escape(step)}" for step in finding.arithmetic),
        f"- *How sure:* {escape(finding.confidence)}",
        f"- *What it changes:* {escape(finding.consequence)}",
    ]
    if alternatives and finding.alternatives:
        lines.append("- *Also tried:*")
        lines += [f"  - {escape(a.hypothesis)}: {escape(a.outcome)}" for a in finding.alternatives]
    lines.append(f"- {claims_of(finding)}")
    return "\n".join(lines)


display(Markdown("\n\n".join(as_markdown(finding) for finding in shown)))

# %% [markdown]
# ## What the audit cannot see
#
# The counts may come from another run than the table, which could explain differences in a last digit.
# Whether the same people, or the same images, stand in training and test sets follows from the file lists only in part. Nothing here
# says how good the network would be under a sound protocol: that needs the licensed data, and is what the rest of this book prepares.
#
# ## A letter to the authors
#
# The text below is generated from the findings. It has not been sent.

# %% tags=["hide-input"]
display(Markdown("\n".join(f"> {line}".rstrip() for line in letter(shown).splitlines())))

# %% [markdown]
# ## Summary
#
# - Rounding-aware arithmetic on printed numbers finds most faults of a results table without any data; published counts find the rest.
# - Of {glue:text}`claims` claims, {glue:text}`status-contradicted` are contradicted. {glue:text}`exchanged` of these lie in the {glue:text}`exchanged-cells` columns B
#   of Table 4 where FAR and FRR are exchanged.
# - A few change what the paper concludes: about the fused model, the comparison with other work, and how well the network generalises.
#
# **To try:** re-run the chapter with `-p least conclusion`: do the findings that are left need the authors' counts, or would the
# paper alone have been enough?
#
# **Read next:** {doc}`/book/claims` lists every number with its verdict; {doc}`04_3_metrics` explains the metrics behind the
# findings.
