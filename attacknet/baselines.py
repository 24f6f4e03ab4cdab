"""What a network must beat: a constant, texture with a support vector machine, image quality with another.

``constant`` knows nothing: every picture gets the same score. ``lbp_svm`` is the reference of I. Chingovska,
A. Anjos and S. Marcel, "On the Effectiveness of Local Binary Patterns in Face Anti-spoofing", BIOSIG 2012:
the histogram of uniform local binary patterns and a machine with a Gaussian kernel. Theirs saw faces of 64x64
pixels; this one sees the crops that the networks see. ``iqm_svm`` puts the features of
`attacknet.image_quality` in the histogram's place.

A fitted baseline is a handful of arrays, kept in an ``npz`` file: loading one executes nothing.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attacknet import image_quality
from attacknet.errors import AttackNetError
from attacknet.metrics import ATTACK, BONA_FIDE
from attacknet.preprocessing import Preprocessing

Floats = NDArray[np.float64]

# Fitting takes time with the square of the frames; neighbouring frames of a video add little.
_MOST_FRAMES = 4000


def lbp_histogram(images: np.ndarray) -> Floats:
    """Return the histogram of uniform local binary patterns with 8 neighbours at radius 1.

    Pixels on the border have no full ring of neighbours and are left out.

    Parameters
    ----------
    images
        ``(n, height, width, 3)``, RGB uint8.

    Returns
    -------
    numpy.ndarray
        ``(n, 59)``: the share of each of the 58 uniform patterns, then of all others.
    """
    from skimage.color import rgb2gray  # noqa: PLC0415 - heavy
    from skimage.feature import local_binary_pattern  # noqa: PLC0415

    grey = np.rint(255 * rgb2gray(images)).astype(np.uint8)
    codes = image_quality.filtered(
        lambda picture: local_binary_pattern(picture, P=8, R=1, method="nri_uniform"), 1, grey
    )
    return np.stack([np.bincount(one.ravel(), minlength=_LBP_PATTERNS) for one in codes.astype(np.int64)]) / (
        codes[0].size
    )


_LBP_PATTERNS = 59


def _nothing(images: np.ndarray) -> Floats:
    return np.empty((len(images), 0))


FEATURES: dict[str, Callable[[np.ndarray], Floats]] = {
    "constant": _nothing,
    "lbp_svm": lbp_histogram,
    "iqm_svm": image_quality.measure,
}
BASELINES = tuple(FEATURES)


@dataclass(frozen=True, eq=False)
class Baseline:
    """A fitted baseline: features, standardised, and a support vector machine with a Gaussian kernel.

    Attributes
    ----------
    name
        One of `BASELINES`.
    centre, spread
        Shape (k,): mean and deviation of the training features.
    support, weights
        Shapes (m, k) and (m,): the support vectors and their factors, positive for bona fide.
    intercept, gamma
        Shape (): the decision is ``sum(weights * exp(-gamma * |x - support|**2)) + intercept``.
    """

    name: str
    centre: Floats
    spread: Floats
    support: Floats
    weights: Floats
    intercept: Floats
    gamma: Floats

    # Features are taken of crops as they are stored.
    preprocessing = Preprocessing()

    def score(self, images: np.ndarray) -> Floats:
        """Score crops; a higher score is more bona fide.

        Parameters
        ----------
        images
            ``(n, height, width, 3)``, RGB uint8.

        Returns
        -------
        numpy.ndarray
            ``(n,)`` in [0, 1]: the logistic function of the decision, so that 0.5 is the machine's own
            boundary. It is not calibrated to be a probability.
        """
        from sklearn.metrics.pairwise import rbf_kernel  # noqa: PLC0415 - heavy

        if not self.support.size:
            return np.full(len(images), 0.5)
        features = (FEATURES[self.name](images) - self.centre) / self.spread
        decision = rbf_kernel(features, self.support, float(self.gamma)) @ self.weights + self.intercept
        return 1 / (1 + np.exp(-decision))


def fit(name: str, images: np.ndarray, labels: ArrayLike, seed: int = 0) -> Baseline:
    """Fit a baseline.

    Parameters
    ----------
    name
        One of `BASELINES`.
    images
        ``(n, height, width, 3)``, RGB uint8.
    labels
        Shape (n,); 0 bona fide, 1 attack.
    seed
        Draws the frames that are learnt from where there are more than 4000; otherwise nothing is random.

    Raises
    ------
    AttackNetError
        If there is no such baseline, or a class is missing.
    """
    if name not in FEATURES:
        raise AttackNetError(f"baseline {name!r}: there are only {', '.join(BASELINES)}")
    marks = np.asarray(labels)
    if missing := {BONA_FIDE, ATTACK} - set(marks.tolist()):
        raise AttackNetError(
            f"{name}: no picture with label {missing.pop()} to learn from; give both classes"
        )
    if name == "constant":
        return Baseline(name, *(np.empty(0) for _ in _ARRAYS))
    kept = np.random.default_rng(seed).permutation(len(marks))[:_MOST_FRAMES]
    kept.sort()
    return _fit_machine(name, FEATURES[name](np.asarray(images[kept])), marks[kept] == BONA_FIDE)


def _fit_machine(name: str, features: Floats, bonafide: NDArray[np.bool_]) -> Baseline:
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 - heavy
    from sklearn.svm import SVC  # noqa: PLC0415

    scaler = StandardScaler().fit(features)
    # Errors on either class weigh the same, as in the HTER, however many frames each has.
    machine = SVC(gamma=1 / features.shape[1], class_weight="balanced")
    machine.fit(scaler.transform(features), bonafide)
    return Baseline(
        name,
        centre=scaler.mean_,
        spread=scaler.scale_,
        support=machine.support_vectors_,
        weights=machine.dual_coef_[0],
        intercept=np.asarray(machine.intercept_[0]),
        gamma=np.asarray(machine.gamma),
    )


# --- Keeping what was fitted -----------------------------------------------------------------------------

_ARRAYS = tuple(field.name for field in fields(Baseline) if field.name != "name")


def save(baseline: Baseline, path: Path) -> None:
    """Write a fitted baseline as ``npz``; equal baselines give equal bytes."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, name=baseline.name, **{n: getattr(baseline, n) for n in _ARRAYS})


def load(path: Path) -> Baseline:
    """Read a fitted baseline; nothing in the file is executed.

    Raises
    ------
    AttackNetError
        If the file cannot be read or holds no baseline.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            name, arrays = str(file["name"]), {n: np.asarray(file[n], np.float64) for n in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise AttackNetError(f"{path}: no fitted baseline ({error}); remove it and fit again") from None
    if name not in FEATURES:
        raise AttackNetError(f"{path}: baseline {name!r}; this version knows {', '.join(BASELINES)}")
    return Baseline(name, **arrays)
