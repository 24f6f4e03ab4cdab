"""Where the eyes are on a crop; all regions of the face are placed from there.

A crop is cut out along a face box. For boxes made from annotated eyes, the box says exactly where they are. A
box that OpenCV's detector found has them nearly always at one place. In other boxes a face that turns moves:
there the same detector looks at the crop itself, and the eyes are where they are in what it finds.
"""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from attacknet.data import manifest as manifests
from attacknet.data.faces import detected_faces
from attacknet.data.media import quiet_cv2
from attacknet.explain.samples import Samples

_DETECTED = "detector"
# The detector wants something around a face, and more than the pixels of a small crop: so much of the crop's
# side is added on each side, by repeating its edge, and the whole is magnified.
_SURROUNDINGS, _MAGNIFIED = 0.5, 5
# Shares of the crop's height and width by which the eyes may lie off their usual place. What is found beyond
# is no face, or another one.
_FARTHEST = (0.12, 0.2)


class Placing(NamedTuple):
    """Where the eyes are on one crop.

    Attributes
    ----------
    row, column
        The point between them, as shares of the crop's height and width.
    distance
        Of their centres, as a share of the width.
    aspect
        Height over width of the face box, which the crop has lost.
    origin
        ``box`` where the box says it, ``crop`` where they were found on the crop, ``missed`` where they were
        looked for in vain and are supposed where such boxes usually have them.
    """

    row: float
    column: float
    distance: float
    aspect: float
    origin: str


class Template(NamedTuple):
    """Where a kind of face box usually has the eyes.

    Attributes
    ----------
    eye_row
        Row of both eyes, as a share of the box's height.
    eye_distance
        Distance of their centres, as a share of its width; they lie at equal distances from the middle.
    sought
        Whether faces move within such boxes, so that the eyes are looked for on each crop.
    source
        How the eyes are known.
    """

    eye_row: float
    eye_distance: float
    sought: bool
    source: str

    def usual(self, aspect: float = 1.0) -> Placing:
        """Return the eyes on any crop of such a box; `aspect` is the box's height over its width."""
        return Placing(self.eye_row, 0.5, self.eye_distance, aspect, "box")


@functools.cache
def templates() -> dict[str, Template]:
    """Return the template of each kind of box, as manifests name their source of boxes."""
    table = pd.read_csv(Path(__file__).with_name("templates.csv"), index_col="boxes")
    return {str(kind): Template(*row) for kind, row in zip(table.index, table.to_numpy(), strict=True)}


def template_of(dataset: str | Path) -> Template:
    """Return the template of a dataset's own face boxes."""
    return templates()[manifests.load(dataset).boxes.source]


def placed(samples: Samples, dataset: str | Path) -> list[Placing]:
    """Return where the eyes are on each picture of a dataset.

    Parameters
    ----------
    samples
        Pictures, and their rows of an index of crops.
    dataset
        Id of their dataset, or path of its manifest.
    """
    own = template_of(dataset)
    aspects = (samples.rows["height"] / samples.rows["width"]).to_numpy()
    return [
        between(image, templates()[_DETECTED] if face == "detected" else own, float(aspect))
        for image, face, aspect in zip(samples.images, samples.rows["face"], aspects, strict=True)
    ]


def between(image: np.ndarray, template: Template, aspect: float) -> Placing:
    """Return where the eyes are on a crop.

    Parameters
    ----------
    image
        RGB uint8, ``(height, width, 3)``.
    template
        Of the crop's box.
    aspect
        Height over width of the box.
    """
    usual = template.usual(aspect)
    if not template.sought:
        return usual
    found = _looked_for(image, aspect)
    if found is None or any(np.abs(np.subtract(found, (usual.row, usual.column))) > _FARTHEST):
        return usual._replace(origin="missed")
    row, column = found
    return usual._replace(row=row, column=column, origin="crop")


def _looked_for(image: np.ndarray, aspect: float) -> tuple[float, float] | None:
    """Return row and column of the point between the eyes of the face that the detector finds."""
    cv2 = quiet_cv2()
    height, width = image.shape[:2]
    above, beside = round(_SURROUNDINGS * height), round(_SURROUNDINGS * width)
    # Levels made even: it finds more of the faces that are dark, or lit from one side.
    levels = cv2.cvtColor(cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)), cv2.COLOR_GRAY2RGB)
    framed = np.pad(levels, ((above, above), (beside, beside), (0, 0)), mode="edge")
    scale = np.array([_MAGNIFIED * aspect * width / height, _MAGNIFIED])  # the face upright again
    rows, columns = np.rint(scale * framed.shape[:2]).astype(int).tolist()
    faces = detected_faces(cv2.resize(framed, (columns, rows), interpolation=cv2.INTER_CUBIC))
    if not faces:
        return None
    box = faces[0].box
    row = (box.row + templates()[_DETECTED].eye_row * box.height) / scale[0] - above
    column = (box.column + box.width / 2) / scale[1] - beside
    return float(row / height), float(column / width)
