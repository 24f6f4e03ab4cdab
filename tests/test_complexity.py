"""Parameters and operations, against hand counts, TensorFlow's profiler and the published figures."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacknet import complexity, model, rivals
from attacknet.errors import AttackNetError


def one_layer(layer, input_shape):
    import keras

    return keras.Sequential([keras.Input(input_shape), layer])


def test_macs_by_hand():
    """Every output value costs one kernel; worked through for each kind of layer that has weights."""
    from keras import layers

    cases = [
        (layers.Conv2D(4, 3, padding="same"), (8, 6, 2), 8 * 6 * 4 * 9 * 2),
        (layers.Conv2D(4, 3, strides=2, padding="same"), (8, 6, 2), 4 * 3 * 4 * 9 * 2),
        (layers.Conv2D(4, (1, 3), padding="valid"), (8, 6, 2), 8 * 4 * 4 * 3 * 2),
        (layers.Conv2D(4, 3, padding="same", groups=2), (8, 6, 2), 8 * 6 * 4 * 9 * 1),
        (layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2), (8, 6, 5), 8 * 6 * 10 * 9),
        (layers.Dense(7), (10,), 70),
        (layers.Dense(7), (3, 10), 3 * 70),
    ]
    for layer, shape, expected in cases:
        table = complexity.profile(one_layer(layer, shape))
        assert table.attrs["macs"] == expected, layer
        assert table.attrs["flops"] == 2 * expected


def test_layers_without_multiplications_cost_nothing():
    from keras import layers

    free = [layers.Rescaling(1 / 255), layers.GlobalAveragePooling2D(), layers.MaxPooling2D()]
    free += [layers.BatchNormalization(), layers.LeakyReLU()]
    for layer in free:
        assert complexity.profile(one_layer(layer, (8, 8, 3))).attrs["macs"] == 0, layer


def test_an_unknown_layer_with_weights_is_not_counted_as_free():
    from keras import layers

    with pytest.raises(AttackNetError, match="Conv2DTranspose are not known"):
        complexity.profile(one_layer(layers.Conv2DTranspose(2, 3), (8, 8, 3)))


def test_a_network_within_a_network_is_not_counted_as_free():
    with pytest.raises(AttackNetError, match="are not known"):
        complexity.profile(one_layer(model.build("livenessnet"), (32, 32, 3)))


def test_an_open_input_size_is_refused():
    from keras import layers

    with pytest.raises(AttackNetError, match="fixed input size"):
        complexity.profile(one_layer(layers.Conv2D(2, 3), (None, None, 3)))


@settings(max_examples=20)
@given(
    side=st.integers(4, 40), filters=st.integers(1, 5), kernel=st.integers(1, 4), strides=st.integers(1, 3)
)
def test_macs_follow_the_definition(side, filters, kernel, strides):
    """A valid convolution, counted window by window."""
    from keras import layers

    windows = len(range(0, side - kernel + 1, strides)) ** 2
    table = complexity.profile(one_layer(layers.Conv2D(filters, kernel, strides), (side, side, 2)))
    assert table.attrs["macs"] == windows * filters * kernel * kernel * 2


@pytest.mark.parametrize("variant", ["attacknet", "released"])
def test_attacknet_s_operations(variant):
    """11,321,600 MACs: six convolutions and two dense layers, by hand."""
    first, second = 32 * 32 * 9, 16 * 16 * 9
    by_hand = first * 16 * (3 + 16 + 16) + second * 32 * (16 + 32 + 32) + 2048 * 128 + 128 * 2
    assert by_hand == 11_321_600
    totals = complexity.profile(model.build(variant)).attrs
    assert totals["macs"] == by_hand
    assert totals["flops"] == 22_643_200


def test_profile_names_every_layer_and_sums_its_parameters():
    built = model.build("released")
    table = complexity.profile(built)
    assert list(table.columns) == ["layer", "output_shape", "parameters", "macs", "flops"]
    assert list(table["layer"]) == [layer.name for layer in built.layers]
    assert table.attrs["parameters"] == built.count_params() == 291_650
    assert table.attrs["trainable_parameters"] == 291_202


COUNTED = ["Conv2D", "DepthwiseConv2dNative", "MatMul"]


@pytest.mark.parametrize("build", [model.build, lambda: rivals.build("ShuffleNetV2 0.5x", (64, 64, 3), 10)])
def test_tensorflow_s_profiler_agrees(build):
    """On what both count, the two agree to the last operation; the rest is little."""
    built = build()
    theirs = complexity.profiler_counts(built)
    ours = complexity.profile(built).attrs["flops"]
    assert theirs[theirs.index.isin(COUNTED)].sum() == ours
    assert ours < theirs.sum() < 1.1 * ours
