"""Are people of every skin tone found equally well? Detection by the tone of the face that is shown.

It says how a face detector treats the synthetic people; that it treats real people alike is not known.
"""

import numpy as np
import pandas as pd

from attacknet.data import manifest as manifests
from attacknet.data.crops import Crops
from attacknet.data.parts import MISSING
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.standins.cast import people_of
from attacknet.standins.pack import people
from attacknet.standins.writers import own
from attacknet.standins.writers.common import ordinal

BANDS = ("light", "middle", "dark")


def shown_person(dataset: str, seed: int = 0) -> pd.Series:
    """Say whose face each sample shows: under a mask the one whose face it has.

    Returns
    -------
    pandas.Series
        Sample of the complete dataset -> name of a person of the pack.
    """
    names = people_of(dataset)
    files = [one for one in manifests.load(dataset).expected_files() if not one.layout.enrolment]
    numbers = [
        own.number(one, seed) if dataset == own.DATASET else ordinal(dataset, one.fields["client"])
        for one in files
    ]
    return pd.Series([names[n] for n in numbers], [f"{dataset}/{one.stem}" for one in files])


def detection(crops: Crops, seed: int = 0) -> pd.DataFrame:
    """Count frames, and those in which a face was found, by the tone of the skin.

    Parameters
    ----------
    crops
        Of stand-ins, prepared with ``boxes="detector"``: where a dataset brings boxes nothing is detected.
    seed
        That the stand-ins were made with.

    Returns
    -------
    pandas.DataFrame
        A row for each of `BANDS`, thirds of the range of tones: ``tone``, ``people``, ``frames``, ``faces``
        and ``rate``. Frames of one person are much alike: there are fewer independent cases than frames.

    Raises
    ------
    AttackNetError
        If the crops are not of stand-ins.
    """
    if crops.about["evidence"] != Evidence.STAND_IN:
        raise AttackNetError(f"{crops.folder}: not of stand-ins; the tone of real people is not known")
    person = crops.index["sample"].map(shown_person(crops.about["dataset"], seed))
    tone = person.map(people().set_index("person")["tone"])
    edges = np.linspace(0, 1, len(BANDS) + 1).tolist()
    band = pd.cut(tone, edges, labels=list(BANDS), include_lowest=True)
    rows = pd.DataFrame({"tone": band, "person": person, "found": crops.index["face"] != MISSING})
    by_tone = rows.groupby("tone", observed=False)
    counted = by_tone.agg(people=("person", "nunique"), frames=("found", "size"), faces=("found", "sum"))
    return counted.assign(rate=counted["faces"] / counted["frames"]).reset_index()
