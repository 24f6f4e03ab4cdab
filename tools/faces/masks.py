"""Three-dimensional masks of one person's face, worn by another or put on a stand.

Every mask differs from every other in material, holes, rim and finish, and so overlaps with skin in each
of them: no single one tells a mask from a face.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import body
import mesh
import numpy as np
import skin
from hair import smooth
from identities import SEED, Identity
from scipy.ndimage import gaussian_filter


@dataclass(frozen=True)
class Mask:
    """How one mask was made.

    Attributes
    ----------
    kind
        ``rigid`` (printed resin, the face only) or ``silicone`` (soft, to the ears and under the chin).
    thickness
        Of the shell over the wearer's skin, dm.
    hole
        Half axes of the eye holes relative to a usual eye opening.
    reach
        Size of the covered oval relative to the face.
    blur
        Standard deviation in texels of the loss of detail in the paint.
    contrast, tint
        Of the paint about its mean; factor per channel.
    roughness, specular, clearcoat, sheen
        Of the surface.
    """

    kind: str
    thickness: float
    hole: tuple[float, float]
    reach: float
    blur: float
    contrast: float
    tint: tuple[float, float, float]
    roughness: float
    specular: float
    clearcoat: float
    sheen: float
    brows: bool


@cache
def ranges(kind: str) -> dict[str, tuple[float, float, float]]:
    """Return parameter -> low, high and chance, from ``masks.csv``; the draw is even from low to high."""
    with Path(__file__).with_name("masks.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["material"] == kind]
    return {row["parameter"]: (float(row["low"]), float(row["high"]), float(row["chance"])) for row in rows}


def make(target: Identity, kind: str) -> Mask:
    """Draw the mask of a person; the same at every call."""
    rng = np.random.default_rng([SEED, target.number, 31])

    def draw(name: str) -> float:
        """Draw a parameter; what is fixed or certain takes no number from the stream."""
        low, high, chance = ranges(kind)[name]
        value = rng.uniform(low, high) if low < high else low
        return float(value if chance == 1 else value * (rng.uniform() < chance))

    return Mask(
        kind=kind,
        thickness=draw("thickness"),
        hole=(draw("hole_width"), draw("hole_height")),
        reach=draw("reach"),
        blur=draw("blur"),
        contrast=draw("contrast"),
        tint=tuple(1 + rng.normal(0, ranges(kind)["tint"][1], 3)),
        roughness=draw("roughness"),
        specular=draw("specular"),
        clearcoat=draw("clearcoat"),
        sheen=draw("sheen"),
        brows=bool(draw("brows")),
    )


def paint(target: Identity, mask: Mask) -> np.ndarray:
    """Return the mask's linear albedo on the head's cylinder."""
    face = skin.albedo(target).astype(float)
    face = np.stack([gaussian_filter(face[..., i], mask.blur) for i in range(3)], -1)
    mean = face[200:400, 180:330].mean((0, 1))
    return np.clip((mean + mask.contrast * (face - mean)) * mask.tint, 0.004, 0.9).astype(np.float32)


def cover(where: np.ndarray, mask: Mask) -> np.ndarray:
    """Return how far inside the mask a point lies, from base coordinates: positive inside, dm, roughly."""
    x, y, z = where.T
    wobble = 0.012 * np.sin(11 * x + 3 * mask.reach) + 0.012 * np.sin(9 * y + 50 * mask.thickness)
    oval = 1 - np.sqrt((x / (0.72 * mask.reach)) ** 2 + ((y - 7.08) / (0.93 * mask.reach)) ** 2)
    behind = (z - (0.35 if mask.kind == "rigid" else 0.12)) * 1.2
    inside = np.minimum(0.75 * oval + wobble, behind)
    # A rigid mask ends behind the chin, at a plane across the jaw; a soft one goes on down the neck.
    return np.minimum(inside, 0.8 * (y - 6.05 + 0.5 * (z - 1.3))) if mask.kind == "rigid" else inside


def _hole(where: np.ndarray, mask: Mask) -> np.ndarray:
    """Return 1 in the middle of an eye hole, 0 on its rim, negative outside."""
    x, y = np.abs(where[:, 0]) - 0.312, where[:, 1] - 7.272
    return 1 - np.sqrt((x / (0.150 * mask.hole[0])) ** 2 + (y / (0.068 * mask.hole[1])) ** 2)


def wear(
    wearer: Identity, target: Identity, mask: Mask, expression: dict[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put a mask on.

    Returns
    -------
    placed
        Base vertices (n, 3) of the wearer with the mask's form where it covers him (eyes included).
    shell, triangles
        The mask's vertices over the head part, and its triangles: inside the rim, outside the eye holes.
    """
    own = body.vertices(wearer, expression)
    other = body.vertices(
        target, {k: 0.4 * w for k, w in expression.items()} if mask.kind == "silicone" else None
    )
    span = [abs(e["left"][0][0] - e["right"][0][0]) for e in map(body.eyeballs, (own, other))]
    other = body.EYES + (other - body.EYES) * span[0] / span[1]
    inside = cover(mesh.base()[0], mask)
    weight = smooth(-0.22, -0.01, inside)[:, None]
    placed = (1 - weight) * own + weight * other
    part = mesh.head()
    skin_points = part.place(placed)
    outward = mesh.normals(skin_points, part.triangles)
    depth = cover(part.where, mask)
    thin = 0.35 + 0.65 * smooth(0.0, 0.10, depth)
    near_eye = smooth(-1.2, 0.0, _hole(part.where, mask))
    lift = mask.thickness * (thin if mask.kind == "silicone" else 1.0) * (1 - 0.45 * near_eye)
    shell = skin_points + outward * np.broadcast_to(lift, len(outward))[:, None]
    return placed, shell, _cut(part, depth, mask)


def _cut(part: mesh.Part, depth: np.ndarray, mask: Mask) -> np.ndarray:
    """Triangles of the mask; cut by triangle because opacity maps speckle at few samples."""
    keep = (depth > (-0.02 if mask.kind == "silicone" else 0.0)) & (_hole(part.where, mask) < 0)
    # The folds of lids and the mouth's cavity are no part of a mask.
    cavity = (part.where[:, 1] > 6.45) & (part.where[:, 1] < 6.85) & (part.where[:, 2] < 1.25)
    keep &= ~(cavity & (np.abs(part.where[:, 0]) < 0.34))
    return part.triangles[keep[part.triangles].all(1)]
