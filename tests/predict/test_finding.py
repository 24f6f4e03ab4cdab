"""The faces counted are those that the training's crops were made of."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from skimage import data as pictures

from attacknet.data.faces import detected_face
from attacknet.data.media import quiet_cv2
from attacknet.predict.finding import detected_faces

ASTRONAUT = pictures.astronaut()  # NASA, public domain


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("padding", [0, 100, 200])
def test_the_largest_is_the_one_that_the_datasets_are_prepared_with(step: int, padding: int) -> None:
    """The same box to the pixel, in frames that the detector scales down and in others."""
    image = np.pad(ASTRONAUT, ((0, padding), (padding // 2, padding), (0, 0)))[::step, ::step]
    image = np.ascontiguousarray(image)
    expected = detected_face(0, image)
    assert expected is not None
    assert detected_faces(image)[0] == expected


def test_all_are_counted_and_the_largest_is_first() -> None:
    """Of one face at two sizes beside each other."""
    large = ASTRONAUT[:300, 100:350]
    small = quiet_cv2().resize(large, None, fx=0.6, fy=0.6)
    small = np.pad(small, ((0, 120), (0, 0), (0, 0)))
    for image in (np.hstack([small, large]), np.hstack([large, small])):
        found = detected_faces(image)
        assert len(found) == 2
        assert found[0].box.height > 1.3 * found[1].box.height
        assert found[0] == detected_face(0, image)


def test_nothing_is_found_in_nothing() -> None:
    """Down to a single pixel."""
    for shape in ((1, 1, 3), (1, 500, 3), (480, 640, 3)):
        assert detected_faces(np.zeros(shape, np.uint8)) == []


def test_threads_do_not_disturb_each_other() -> None:
    """A detector keeps notes while it works, so each thread has its own."""
    images = [np.ascontiguousarray(ASTRONAUT[:, shift:]) for shift in range(0, 64, 4)]
    alone = [detected_faces(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detected_faces, images)) == alone
