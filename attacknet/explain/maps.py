"""Attention maps by tf-keras-vis: which parts of a picture spoke for a class.

What is explained is the **margin**, the classifier's input for the class less that for the other one. The
softmax over two classes depends on this difference alone; a single input also has a part that both classes
share and that no decision depends on.

A map by the activations of a layer is as coarse as that layer. It is kept so (:attr:`Maps.coarse`) and
stretched for display only (:attr:`Maps.fine`).
"""

import functools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from attacknet.errors import AttackNetError

if TYPE_CHECKING:
    import keras

Floats = NDArray[np.float32]
Target = Literal["bona fide", "attack"]
# The classes as the networks number them (attacknet.model.CLASSES, which this module need not load).
TARGETS: tuple[Target, Target] = ("bona fide", "attack")

# Smooth saliency: noisy copies of each picture, and the noise's deviation as a share of the picture's range
# (Smilkov et al., "SmoothGrad", 2017, recommend 10 to 20 %; more copies than some 50 change little).
_COPIES, _NOISE = 25, 0.15
# Score-CAM: masked pictures that the network reads at a time; there is one for each picture and channel.
_MASKED = 256
# Pictures at a time where there is no gradient to keep activations for.
_AT_ONCE = 256
# Below it numbers of 32 bits lose digits.
_SMALLEST = np.finfo(np.float32).tiny
_IMAGE_RANK = 4  # batch, rows, columns, channels


@dataclass(frozen=True)
class Maps:
    """Maps of several pictures.

    Attributes
    ----------
    coarse
        ``(pictures, rows, columns)``, at least 0, in the method's own unit: the layer's own grid for maps by
        activations, the picture's for saliency. A map that is 0 everywhere says that nothing spoke for the
        class.
    size
        Height and width of the pictures.
    """

    coarse: Floats
    size: tuple[int, int]

    @property
    def fine(self) -> Floats:
        """The maps stretched to the pictures' size, ``(pictures, *size)``.

        Bilinear, with the value of a cell in the cell's middle. Stretching adds no detail.
        """
        from keras import ops  # noqa: PLC0415 - heavy

        stretched = ops.image.resize(self.coarse[..., np.newaxis], self.size, interpolation="bilinear")
        return ops.convert_to_numpy(stretched)[..., 0]

    @property
    def stretch(self) -> str:
        """How much of the resolution is interpolation, in words for a caption."""
        rows, columns = self.coarse.shape[1:]
        height, width = self.size
        if (rows, columns) == self.size:
            return f"{height}×{width}, not stretched"
        return f"{rows}×{columns}, stretched to {height}×{width}"


def explain(
    model: "keras.Model",
    batch: np.ndarray,
    target: Target | NDArray[np.int64],
    *,
    method: str = "grad-cam",
    layer: str = "phase2_conv3",
    batch_size: int = 64,
) -> Maps:
    """Return what spoke for a class in each picture.

    Parameters
    ----------
    model
        Functional, from pictures to the probabilities of (bona fide, attack).
    batch
        ``(pictures, height, width, channels)``, prepared as the network expects it.
    target
        The class, or the number of each picture's own class: 0 bona fide, 1 attack.
    method
        A key of `METHODS`.
    layer
        Name of the layer whose activations are weighed; the default is the last convolution, as in the
        library. Saliency goes back to the input and heeds no layer.
    batch_size
        Pictures at a time; memory does not grow with their number.

    Raises
    ------
    AttackNetError
        If the network is no functional model, there is no such class, method or layer, the layer has no rows
        and columns, or no picture was selected. The message names the valid choices.
    """
    check(model, method, layer)
    if isinstance(target, str):
        _check_choice("class", target, TARGETS)
        target = np.full(len(batch), TARGETS.index(target))
    if np.shape(target) != (len(batch),) or not np.isin(target, range(len(TARGETS))).all():
        raise AttackNetError(
            f"attention maps: {len(batch)} pictures need as many classes, each 0 (bona fide) or 1 (attack)"
        )
    if len(batch) == 0:
        raise AttackNetError("attention maps: no picture was selected; select at least one")
    if batch.shape[1:] != tuple(model.input_shape[1:]):
        raise AttackNetError(f"{model.name} reads (pictures, *{model.input_shape[1:]}), not {batch.shape}")
    with _quiet():
        compute = METHODS[method](model, layer)
        chunks = (slice(i, i + batch_size) for i in range(0, len(batch), batch_size))
        parts = [compute(batch[chunk], target[chunk]) for chunk in chunks]
    return Maps(np.concatenate(parts).astype(np.float32), batch.shape[1:3])


def check(model: "keras.Model", method: str, layer: str) -> None:
    """Refuse what cannot be explained, before anything is computed.

    Raises
    ------
    AttackNetError
        As :func:`explain` for network, method and layer.
    """
    _check_choice("method", method, tuple(METHODS))
    _check_layer(model, layer)


def margins(model: "keras.Model", batch: np.ndarray) -> NDArray[np.float64]:
    """Return the margin of attack of each picture: the logarithm of the odds for attack against bona fide.

    Unlike a probability it does not run into 1 where the network is sure: a softmax of two classes has the
    small one of its probabilities to all digits, down to the smallest number, where the margin ends at 87.

    Parameters
    ----------
    model
        From pictures to the probabilities of (bona fide, attack).
    batch
        ``(pictures, height, width, channels)``, prepared as the network expects it.

    Returns
    -------
    numpy.ndarray
        ``(pictures,)``; the network decides for attack where the margin is above 0.
    """
    # Called as it is: `predict` would first compile the network, which takes longer than the pictures.
    chunks = [model(batch[i : i + _AT_ONCE], training=False) for i in range(0, len(batch), _AT_ONCE)]
    probabilities = np.concatenate([np.asarray(chunk, dtype=np.float64) for chunk in chunks])
    logarithms = np.log(np.maximum(probabilities, _SMALLEST))
    return logarithms[:, TARGETS.index("attack")] - logarithms[:, TARGETS.index("bona fide")]


def spatial_layers(model: "keras.Model") -> list[str]:
    """Return the names of the layers that have rows and columns, in the order of the network."""
    return [layer.name for layer in model.layers[1:] if len(layer.output.shape) == _IMAGE_RANK]


def _check_choice(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise AttackNetError(f"attention maps: no {what} {given!r}; there are {', '.join(known)}")


def _check_layer(model: "keras.Model", layer: str) -> None:
    import keras  # noqa: PLC0415 - heavy

    if isinstance(model, keras.Sequential) or not hasattr(model, "inputs"):
        raise AttackNetError(
            f"{model.name}: attention maps need a functional model, as attacknet.model.build returns it, "
            f"not a {type(model).__name__}"
        )
    if layer not in (known := spatial_layers(model)):
        there = any(layer == one.name for one in model.layers)
        fault = "has no rows and columns" if there else "does not exist"
        raise AttackNetError(f"{model.name}: layer {layer!r} {fault}; choose one of {', '.join(known)}")


# --- Methods ---------------------------------------------------------------------------------------------
# Each takes a network and a layer, and returns what maps pictures for the classes with these numbers.

_Compute = Callable[[np.ndarray, NDArray[np.int64]], np.ndarray]


def _by_gradients(library_class: str) -> Callable[["keras.Model", str], _Compute]:
    def method(model: "keras.Model", layer: str) -> _Compute:
        import tf_keras_vis.gradcam as library  # noqa: PLC0415 - heavy

        visualise = getattr(library, library_class)(_linear(model), clone=False)
        return lambda batch, targets: np.asarray(visualise(_margin(targets), batch, **_at(layer)))

    return method


def _score_cam(model: "keras.Model", layer: str) -> _Compute:
    from tf_keras_vis.scorecam import Scorecam  # noqa: PLC0415 - heavy

    # The library applies a softmax to what the network returns, so the network's own must not stand there.
    visualise = Scorecam(_linear(model), clone=False)

    def compute(batch: np.ndarray, targets: NDArray[np.int64]) -> np.ndarray:
        def probability(outputs: Any) -> Any:
            return outputs.numpy()[np.arange(len(targets)), targets]

        return np.asarray(visualise(probability, batch, batch_size=_MASKED, **_at(layer)))

    return compute


def _smooth_saliency(model: "keras.Model", _layer: str) -> _Compute:
    from tf_keras_vis.saliency import Saliency  # noqa: PLC0415 - heavy

    visualise = Saliency(_linear(model), clone=False)
    # The library draws its noise from numpy's global state and for a whole batch. Drawn here, the same for
    # each picture, it repeats, and a map does not depend on the other pictures.
    noise = np.random.default_rng(0).normal(size=(_COPIES, *model.input_shape[1:])).astype(np.float32)

    def compute(batch: np.ndarray, targets: NDArray[np.int64]) -> np.ndarray:
        reach = np.ptp(batch, axis=(1, 2, 3), keepdims=True)
        copies = (batch + _NOISE * reach * one for one in noise)
        gradients = (
            np.asarray(visualise(_margin(targets), copy, keepdims=True, normalize_map=False))
            for copy in copies
        )
        return sum(gradients, start=np.zeros_like(batch)).max(axis=-1) / _COPIES

    return compute


METHODS: dict[str, Callable[["keras.Model", str], _Compute]] = {
    "grad-cam": _by_gradients("Gradcam"),
    "grad-cam++": _by_gradients("GradcamPlusPlus"),
    "score-cam": _score_cam,
    "smooth saliency": _smooth_saliency,
}


def _linear(model: "keras.Model") -> "keras.Model":
    """Return a copy of the network that gives the classifier's inputs; the next one of its design changes it.

    A check asks for maps of dozens of networks of one design, and a copy takes longer than the maps.
    """
    copy = _linear_design(model.to_json())
    copy.set_weights(model.get_weights())
    return copy


@functools.lru_cache(maxsize=8)
def _linear_design(design: str) -> "keras.Model":
    import keras  # noqa: PLC0415 - heavy
    from tf_keras_vis.utils.model_modifiers import ReplaceToLinear  # noqa: PLC0415 - heavy

    copy = keras.models.model_from_json(design)
    ReplaceToLinear()(copy)
    return copy


def _margin(targets: NDArray[np.int64]) -> Callable[[Any], Any]:
    """Return the score to explain: the margin of attack, or its negative for bona fide."""
    signs = np.where(targets == TARGETS.index("attack"), 1, -1).astype(np.float32)
    return lambda outputs: signs * (outputs[:, 1] - outputs[:, 0])


def _at(layer: str) -> dict[str, Any]:
    """Take the layer itself and its map as it is: no search for a convolution, no stretching, no scaling."""
    return {
        "penultimate_layer": layer,
        "seek_penultimate_conv_layer": False,
        "expand_cam": False,
        "normalize_cam": False,
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back Keras' progress bars, and a remark on how tf-keras-vis passes its inputs."""
    import keras  # noqa: PLC0415 - heavy

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The structure of `inputs`")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        talkative = keras.config.is_interactive_logging_enabled()
        keras.config.disable_interactive_logging()
        try:
            yield
        finally:
            if talkative:
                keras.config.enable_interactive_logging()
