"""Ranges of layers: what an int8 network is made of must be what the float32 network does."""

import keras
import numpy as np

from attacknet import export, quantise, scoring
from attacknet.formats import Kind
from tests import tiny


def test_ranges_are_those_of_the_network_itself() -> None:
    """Each activation and each batch normalisation, measured with Keras.

    TensorFlow's own calibration gives the activation the range of the normalisation behind it.
    """
    network, crops = tiny.network(), tiny.crops(30, seed=2)
    names = ["phase1_activation1", "phase1_norm1", "phase1_skip", "phase1_skip_norm", "dense"]
    inside = keras.Model(network.inputs, [network.get_layer(name).output for name in names])
    values = inside.predict(scoring.prepared(crops, tiny.PLAIN), verbose=0)
    expected = [(float(each.min()), float(each.max())) for each in values]

    plain = export.litert(network, tiny.about(Kind.LITERT))
    found = quantise.ranges(plain, crops)
    for low, high in expected:
        assert any(np.allclose((low, high), each, rtol=1e-4, atol=1e-5) for each in found.values())
    # The tiny network shows the fault: what stands behind the activation is wider.
    assert expected[1][1] > 1.1 * expected[0][1]
