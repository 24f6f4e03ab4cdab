"""What attention maps must be, whatever the network."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from attacknet import model
from attacknet.errors import AttackNetError
from attacknet.explain.maps import METHODS, TARGETS, Maps, explain, margins, spatial_layers


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(3)
    return model.build("attacknet")


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).random((5, 32, 32, 3), dtype=np.float32)


def own_grad_cam(net, batch, target, layer):
    """Grad-CAM from its definition (Selvaraju et al. 2017, equations 1 and 2), for the margin of `target`."""
    classifier = net.layers[-1]
    with tf.GradientTape() as tape:
        both = keras.Model(net.inputs, [net.get_layer(layer).output, classifier.input])
        activations, features = both(batch, training=False)
        logits = features @ classifier.kernel + classifier.bias
        margin = logits[:, target] - logits[:, 1 - target]
    weights = tf.reduce_mean(tape.gradient(margin, activations), axis=(1, 2))
    return np.maximum(np.einsum("bijc,bc->bij", activations, weights), 0)


CONVOLUTIONS = [("attacknet", "phase1_conv1"), *[(variant, None) for variant in model.VARIANTS]]


@pytest.mark.parametrize(("variant", "layer"), CONVOLUTIONS)
@pytest.mark.parametrize("target", TARGETS)
def test_grad_cam_is_its_definition(pictures, variant, layer, target):
    """Protects the use of the library: target, layer, no scaling, no stretching; at the last convolution."""
    keras.utils.set_random_seed(4)
    net = model.build(variant)
    layer = layer or [one.name for one in net.layers if isinstance(one, keras.layers.Conv2D)][-1]
    own = own_grad_cam(net, pictures, TARGETS.index(target), layer)
    found = explain(net, pictures, target, layer=layer).coarse
    assert own.max() > 0
    np.testing.assert_allclose(found, own, atol=1e-5 * own.max())


def test_grad_cam_of_a_network_worked_by_hand():
    """One channel that copies the picture, one weight for each class: the map is the picture, or nothing."""
    inputs = keras.Input((2, 2, 1))
    x = keras.layers.Conv2D(1, 1, use_bias=False, name="copy")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    outputs = keras.layers.Dense(2, use_bias=False, activation="softmax", name="classifier")(x)
    net = keras.Model(inputs, outputs)
    net.set_weights([np.ones((1, 1, 1, 1)), np.array([[1.0, 3.0]])])
    picture = np.arange(4, dtype=np.float32).reshape(1, 2, 2, 1)
    # The margin of attack is (3 - 1) times the mean of four pixels: each counts 2 / 4.
    np.testing.assert_allclose(explain(net, picture, "attack", layer="copy").coarse, picture[..., 0] / 2)
    assert not explain(net, picture, "bona fide", layer="copy").coarse.any()
    np.testing.assert_allclose(margins(net, picture), [2 * 1.5])


@pytest.mark.parametrize("method", METHODS)
def test_batches_do_not_shape_a_map(net, pictures, method):
    """Memory stays flat because pictures go through in batches, which must not be seen in the result."""
    whole = explain(net, pictures, "attack", method=method).coarse
    parts = explain(net, pictures, "attack", method=method, batch_size=2).coarse
    assert whole.shape[0] == 5
    np.testing.assert_allclose(whole, parts, rtol=1e-4, atol=1e-5 * whole.max())


def test_no_more_than_a_batch_is_in_work_at_a_time(net, pictures, monkeypatch):
    """What a method holds does not grow with the number of pictures."""
    sizes = []

    def method(_model, _layer):
        def compute(batch, targets):
            sizes.append((len(batch), len(targets)))
            return np.zeros((len(batch), 4, 4))

        return compute

    monkeypatch.setitem(METHODS, "spy", method)
    assert explain(net, pictures, "attack", method="spy", batch_size=2).coarse.shape == (5, 4, 4)
    assert sizes == [(2, 2), (2, 2), (1, 1)]


@pytest.mark.parametrize("variant", model.VARIANTS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_explains_every_variant(pictures, variant, method):
    net = model.build(variant)
    for layer in ("phase1_conv1", spatial_layers(net)[-1]):
        found = explain(net, pictures[:1], "bona fide", method=method, layer=layer)
        assert found.fine.shape == (1, 32, 32)
        assert np.isfinite(found.fine).all()
        assert found.coarse.min() >= 0


def test_the_two_classes_share_one_map(net, pictures):
    """For the margin, what spoke for bona fide is what spoke against attack: no place can do both."""
    attack, bonafide = (explain(net, pictures, target).coarse for target in TARGETS)
    assert attack.any()
    assert bonafide.any()
    assert not (attack * bonafide).any()


def test_saliency_does_not_know_the_class(net, pictures):
    """The size of a gradient is that of its negative: a limit that the chapter states."""
    one, other = (explain(net, pictures, target, method="smooth saliency").coarse for target in TARGETS)
    np.testing.assert_allclose(one, other, rtol=1e-5)


def test_score_cam_weighs_by_probabilities(net, pictures):
    """The library applies a softmax of its own; with the network's before it, weights would be near 1/2."""
    layer = "phase2_conv3"
    activations = keras.Model(net.inputs, net.get_layer(layer).output)(pictures[:1]).numpy()[0]
    weights = []
    for channel in np.moveaxis(activations, -1, 0):
        rows = np.linspace(0, 15, 32)
        # The library stretches masks corner to corner.
        stretched = np.array([np.interp(rows, np.arange(16), column) for column in channel.T]).T
        stretched = np.array([np.interp(rows, np.arange(16), row) for row in stretched])
        mask = (stretched - stretched.min()) / np.ptp(stretched)
        weights.append(net(pictures[:1] * mask[None, :, :, None]).numpy()[0, 1])
    own = np.maximum(activations @ np.array(weights), 0)
    found = explain(net, pictures[:1], "attack", method="score-cam", layer=layer).coarse[0]
    np.testing.assert_allclose(found, own, rtol=1e-3, atol=1e-4 * own.max())


@pytest.mark.parametrize("method", METHODS)
def test_each_picture_can_have_its_own_class(net, pictures, method):
    targets = np.array([1, 0, 1, 1, 0])
    found = explain(net, pictures, targets, method=method, batch_size=2).coarse
    for number, target in enumerate(TARGETS):
        whole = explain(net, pictures, target, method=method).coarse
        chosen = targets == number
        np.testing.assert_allclose(found[chosen], whole[chosen], rtol=1e-4, atol=1e-5 * whole.max())


def test_margins_are_the_log_odds(net, pictures):
    probabilities = net.predict(pictures, verbose=0)
    odds = np.log(probabilities[:, 1] / probabilities[:, 0])
    np.testing.assert_allclose(margins(net, pictures), odds, atol=1e-4)


@pytest.mark.parametrize("margin", [-80.0, -20.0, 0.0, 30.0, 80.0])
def test_margins_do_not_saturate(margin):
    """Where a probability has long been 1 to all digits, the other one still says how sure the network is."""
    inputs = keras.Input((1, 1, 1))
    outputs = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(inputs))
    sure = keras.Model(inputs, outputs)
    sure.set_weights([np.array([[0.0, margin]]), np.zeros(2)])
    assert margins(sure, np.ones((1, 1, 1, 1), np.float32)) == pytest.approx([margin], rel=1e-5)


def test_explaining_leaves_the_network_as_it_was(net, pictures):
    before = net.predict(pictures, verbose=0)
    for method in METHODS:
        explain(net, pictures[:1], "attack", method=method)
    margins(net, pictures)
    np.testing.assert_array_equal(net.predict(pictures, verbose=0), before)


def test_stretching_keeps_places_and_says_what_it_did():
    """A value stands in the middle of its cell: the mean is kept, and a left half stays in the left half."""
    coarse = np.zeros((1, 2, 2), np.float32)
    coarse[0, :, 0] = 1
    maps = Maps(coarse, (8, 8))
    assert maps.fine.shape == (1, 8, 8)
    np.testing.assert_allclose(maps.fine[0, 0], [1, 1, 0.875, 0.625, 0.375, 0.125, 0, 0], atol=1e-6)
    assert maps.stretch == "2×2, stretched to 8×8"
    assert Maps(coarse, (2, 2)).stretch == "2×2, not stretched"


def test_input_size_of_the_network_is_that_of_the_map(net):
    """Any size that the network reads gives maps of that size."""
    small = model.build("attacknet", (20, 24, 3))
    batch = np.random.default_rng(1).random((2, 20, 24, 3), dtype=np.float32)
    assert explain(small, batch, "attack").fine.shape == (2, 20, 24)


def sequential():
    return keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"layer": "dense"},
            r"layer 'dense' has no rows and columns; choose one of phase1_conv1, .*phase2_pool",
        ),
        ({"layer": "conv9"}, r"layer 'conv9' does not exist; choose one of phase1_conv1"),
        (
            {"method": "lime"},
            r"no method 'lime'; there are grad-cam, grad-cam\+\+, score-cam, smooth saliency",
        ),
        ({"target": "genuine"}, r"no class 'genuine'; there are bona fide, attack"),
        ({"target": np.array([0, 1])}, "5 pictures need as many classes, each 0 .* or 1"),
        ({"target": np.array([0, 1, 2, 1, 0])}, "5 pictures need as many classes, each 0 .* or 1"),
        ({"batch": np.empty((0, 32, 32, 3), np.float32)}, "no picture was selected; select at least one"),
        ({"batch": np.empty((1, 16, 16, 3), np.float32)}, r"reads \(pictures, \*\(32, 32, 3\)\), not"),
        (
            {"model": sequential()},
            "need a functional model, as attacknet.model.build returns it, not a Sequential",
        ),
    ],
)
def test_bad_input_gets_one_line_with_the_choices(net, pictures, change, message):
    arguments = {"model": net, "batch": pictures, "target": "attack"} | change
    with pytest.raises(AttackNetError, match=message) as caught:
        explain(**arguments)
    assert "\n" not in str(caught.value)
