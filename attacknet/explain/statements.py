"""What section 5.3 of the paper says of its maps, as measurements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attacknet import intervals
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.explain.filters import levelled, replaced
from attacknet.explain.occlusion import Fill
from attacknet.explain.samples import NONE_THERE, Samples
from attacknet.intervals import Interval
from attacknet.metrics import ATTACK

if TYPE_CHECKING:
    from attacknet.paper.ledger import Ledger


@dataclass(frozen=True)
class Statement:
    """A statement that one region leads.

    Attributes
    ----------
    claim
        Its id in the ledger.
    dataset
        The dataset that it is about.
    region
        Name of the region (:data:`attacknet.explain.regions.NAMES`).
    label
        Class of the pictures that it is about; None for both.
    fill
        How the region is hidden: what is said of light is not tested by a fill that keeps the light.
    """

    claim: str
    dataset: str
    region: str
    label: int | None
    fill: Fill = replaced


@dataclass(frozen=True)
class Finding:
    """What was measured of a claim on one dataset.

    Attributes
    ----------
    claim
        Its id in the ledger.
    dataset
        Name of the dataset.
    measured
        What was measured, in words.
    by_map
        Lead in the maps.
    by_decision
        Leads in what the network decides, which no map is needed for.
    map_votes
        Whether the maps were asked all deciding checks (:mod:`attacknet.explain.checks`) and passed them.
    """

    claim: str
    dataset: str
    measured: str
    by_map: Interval
    by_decision: tuple[Interval, ...]
    map_votes: bool

    @property
    def verdict(self) -> str:
        """What the leads say that have a vote, as `verdict`."""
        return verdict(*((self.by_map,) if self.map_votes else ()), *self.by_decision)


STATEMENTS = (
    Statement("s.5.3.cheek", "msspoof", "cheeks", None),
    Statement("s.5.3.corner", "replay_attack", "corners", ATTACK, levelled),
    Statement("s.5.3.nose", "3dmad", "nose", ATTACK),
)


def lead(samples: Samples, by_region: pd.DataFrame, region: str) -> Interval:
    """Return by how much a region leads all others: its mean less the largest mean of another region.

    Parameters
    ----------
    by_region
        A row a picture, a column a region: how much of the map the region has, or what hiding it costs.
        Pictures without numbers are left out.

    Returns
    -------
    attacknet.intervals.Interval
        Above 0 the region is the first of all. The interval is a bootstrap over subjects, in which another
        region may be the strongest rival.

    Raises
    ------
    AttackNetError
        If no picture has numbers, or the pictures have too few subjects to vary.
    """
    there = by_region.notna().all(axis=1).to_numpy()
    if not there.any():
        raise AttackNetError(NONE_THERE)
    rows, values = samples.rows[there], by_region[there]
    own, others = values[region].to_numpy(), values.drop(columns=region).to_numpy()
    return intervals.bootstrap(
        lambda drawn: float(own[drawn].mean() - others[drawn].mean(axis=0).max()),
        rows["label"],
        rows["subject"],
    )


def verdict(*leads: Interval) -> str:
    """Return ``holds`` if every lead is above 0, ``does not hold`` if every one is below, else ``open``.

    A lead whose interval contains 0 leaves the statement open, and so does none at all.
    """
    if not leads:
        return "open"
    lows, highs = np.array([(lead.low, lead.high) for lead in leads]).T
    if (lows > 0).all():
        return "holds"
    return "does not hold" if (highs < 0).all() else "open"


def most(verdicts: list[str]) -> str:
    """Return the verdict on what is said of most cases, from the verdicts on each.

    More than half must hold; once half do not, that can no longer be.
    """
    if 2 * verdicts.count("holds") > len(verdicts):
        return "holds"
    return "does not hold" if 2 * verdicts.count("does not hold") >= len(verdicts) else "open"


def enter(claims: "Ledger", findings: Sequence[Finding], evidence: Evidence) -> "Ledger":
    """Return the ledger with what the findings say of their claims, as far as they leave it not open.

    A claim that was measured on several datasets is one about most of them. What was found on stand-ins
    changes nothing.
    """
    if evidence is not Evidence.LICENSED:
        return claims
    for claim in dict.fromkeys(finding.claim for finding in findings):
        about = [finding for finding in findings if finding.claim == claim]
        word = most([finding.verdict for finding in about])
        if word != "open":
            where = ", ".join(
                one.dataset + ("" if one.map_votes else ", the map without a vote") for one in about
            )
            source = f"{about[0].measured} ({where})"
            claims = claims.add_evidence(claim, float(word == "holds"), None, evidence, source)
    return claims
