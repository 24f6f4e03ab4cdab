"""A network with pictures, and the comparisons that decide a check."""

import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from attacknet import model
from attacknet.explain import shifts
from attacknet.explain.explained import Explained, compare
from attacknet.explain.maps import explain
from attacknet.explain.samples import Samples
from attacknet.explain.similarity import rank_correlation


@pytest.fixture(scope="module")
def explained():
    keras.utils.set_random_seed(5)
    images = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), dtype=np.uint8)
    rows = pd.DataFrame({"subject": list("aabbaabb"), "label": [0] * 4 + [1] * 4})
    return Explained(model.build("attacknet"), Samples(images, rows), "grad-cam", "phase2_conv3")


def test_a_map_is_like_itself_and_that_of_another_network_is_not(explained):
    np.testing.assert_allclose(explained.likeness(explained.maps), 1)
    keras.utils.set_random_seed(6)
    assert explained.likeness(explained.seen_by(model.build("attacknet"))).mean() < 0.9


def test_outputs_may_be_exchanged(explained):
    """A network with its two outputs exchanged is a perfect copy to whoever does not know the classes."""
    twin = keras.models.clone_model(explained.model)
    *body, kernel, bias = explained.model.get_weights()
    twin.set_weights([*body, kernel[:, ::-1], bias[::-1]])
    assert explained.likeness(explained.seen_by(twin)).max() < 0
    np.testing.assert_allclose(explained.likeness_up_to_exchange(twin), 1, rtol=1e-4)


@pytest.mark.parametrize("subjects", ["aabbaabb", "aaabaaab", "abcdabcd"])
def test_others_are_of_the_same_class_and_another_subject(explained, monkeypatch, subjects):
    """Else the reference for 'all faces alike' would compare a person with themselves."""
    pairs = []

    def spy(first, second):
        pairs.extend(zip(*(_places(explained.maps.fine, one) for one in (first, second)), strict=True))
        return np.zeros(len(first))

    monkeypatch.setattr("attacknet.explain.explained.rank_correlation", spy)
    rows = explained.samples.rows.assign(subject=list(subjects))
    replace(explained, samples=replace(explained.samples, rows=rows)).likeness_to_others(explained.maps)
    assert len(pairs) == 8
    for one, other in pairs:
        assert rows["label"][one] == rows["label"][other]
        assert rows["subject"][one] != rows["subject"][other]


def _places(maps, chosen):
    return [next(i for i, one in enumerate(maps) if np.array_equal(one, each)) for each in chosen]


def test_curves_are_those_of_the_pictures_own_classes(explained):
    """Where nothing is deleted yet stands the probability of each picture's class, for map and chance."""
    probabilities = explained.model.predict(explained.batch, verbose=0)[range(8), explained.targets]
    for found in (explained.curves, explained.chance_curves):
        np.testing.assert_allclose(found.deletion[:, 0], probabilities, rtol=1e-4)
        np.testing.assert_allclose(found.insertion[:, -1], probabilities, rtol=1e-4)


def test_stability_is_the_likeness_to_the_map_of_the_moved_picture(explained):
    """Asked one direction at a time, where the class asks for all of them at once."""
    inner = (slice(None), slice(1, -1), slice(1, -1))
    each = []
    for step in shifts.STEPS:
        moved = explain(explained.model, shifts.shifted(explained.batch, step), explained.targets)
        back = shifts.shifted(moved.fine, (-step[0], -step[1]))
        each.append(rank_correlation(explained.maps.fine[inner], back[inner]))
    np.testing.assert_allclose(explained.stability, np.mean(each, axis=0), atol=1e-3)


def test_a_check_passes_only_where_the_whole_interval_is_on_its_side(explained):
    """Worked by hand: two subjects, so the bootstrap draws aa, ab or bb."""
    by_subject = explained.samples.rows["subject"].map({"a": 0.1, "b": 0.3}).to_numpy()
    clear = compare(explained.samples, by_subject, np.zeros(8))
    assert clear.advantage == pytest.approx((0.2, 0.1, 0.3))
    assert clear.passed
    assert not compare(explained.samples, by_subject, np.zeros(8), higher_is_better=False).passed
    assert not compare(explained.samples, by_subject, np.full(8, 0.2)).passed


GROWTH = """\
import resource
import numpy as np
import pandas as pd
from attacknet import model
from attacknet.explain.explained import Explained
from attacknet.explain.samples import Samples

def peak(number):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"label": np.arange(number) % 2, "subject": np.arange(number).astype(str)})
    samples = Samples(rng.integers(0, 256, (number, 32, 32, 3), np.uint8), rows)
    one = Explained(model.build("attacknet"), samples, "grad-cam", "phase2_conv3")
    one.stability, one.curves
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

peak(24)  # libraries, the network and what it needs to trace are in memory now
print(peak(24), peak(120))
"""


def test_memory_is_flat_in_the_number_of_pictures():
    """Five times as many: held at once, the first activations for their curves alone would be 200 MB more."""
    done = subprocess.run(
        [sys.executable, "-c", GROWTH], capture_output=True, text=True, check=True, timeout=300
    )
    few, many = map(float, done.stdout.split())
    assert few > 100, "in MB, with TensorFlow"
    assert many - few < 60
