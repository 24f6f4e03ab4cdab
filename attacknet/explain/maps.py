"""Attention maps by tf-keras-vis: which parts of a picture spoke for a class.

What is explained is the **margin**, the classifier's input for the class less that for the other one. The
softmax over two classes depends on this difference alone; a single input also has a part that both classes
share and that no decision depends on.

A map by the activations of a layer is as coarse as that layer. It is kept so (:attr:`Maps.coarse`) and
stretched for display only (:attr:`Maps.fine`).
"""

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
    target: Target,
    *,
    method: str = "grad-cam",
    layer: str = "phase2_conv3",
    batch_size: int = 32,
) -> Maps:
    """Return what spoke for a class in each picture.

    Parameters
    ----------
    model
        Functional, from pictures to the probabilities of (bona fide, attack).
    batch
        ``(pictures, height, width, channels)``, prepared as the network expects it.
    target
        The class.
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
    _check_choice("class", target, TARGETS)
    _check_choice("method", method, tuple(METHODS))
    _check_layer(model, layer)
    if len(batch) == 0:
        raise AttackNetError("attention maps: no picture was selected; select at least one")
    if batch.shape[1:] != tuple(model.input_shape[1:]):
        raise AttackNetError(f"{model.name} reads (pictures, *{model.input_shape[1:]}), not {batch.shape}")
    with _quiet():
        compute = METHODS[method](model, TARGETS.index(target), layer)
        parts = [compute(batch[i : i + batch_size]) for i in range(0, len(batch), batch_size)]
    return Maps(np.concatenate(parts).astype(np.float32), batch.shape[1:3])


def explain_each(model: "keras.Model", batch: np.ndarray, targets: NDArray[np.int64], **how: Any) -> Maps:
    """Return what spoke for a class of its own in each picture; see `explain`.

    Parameters
    ----------
    targets
        Number of the class for each picture: 0 bona fide, 1 attack.
    how
        Method, layer and batch size.
    """
    parts = {
        number: explain(model, batch[targets == number], TARGETS[number], **how)
        for number in np.unique(targets).tolist()
    }
    if not parts:
        return explain(model, batch, "attack", **how)  # which refuses an empty selection
    first = next(iter(parts.values()))
    coarse = np.empty((len(batch), *first.coarse.shape[1:]), np.float32)
    for number, part in parts.items():
        coarse[targets == number] = part.coarse
    return Maps(coarse, first.size)


def margins(model: "keras.Model", batch: np.ndarray) -> Floats:
    """Return the classifier's input for attack less that for bona fide: the logarithm of the odds.

    Unlike a probability it does not run into 0 or 1 where the network is sure.

    Returns
    -------
    numpy.ndarray
        ``(pictures,)``; the network decides for attack where it is above 0.
    """
    import keras  # noqa: PLC0415 - heavy

    linear = keras.models.clone_model(model)
    linear.set_weights(model.get_weights())
    _linear()(linear)
    inputs = linear.predict(batch, verbose=0)
    return inputs[:, TARGETS.index("attack")] - inputs[:, TARGETS.index("bona fide")]


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
# Each takes (model, number of the class, layer) and returns what maps a batch of pictures.

_Compute = Callable[[np.ndarray], np.ndarray]


def _by_gradients(library_class: str) -> Callable[["keras.Model", int, str], _Compute]:
    def method(model: "keras.Model", target: int, layer: str) -> _Compute:
        import tf_keras_vis.gradcam as library  # noqa: PLC0415 - heavy

        visualise = getattr(library, library_class)(model, _linear())
        return lambda batch: np.asarray(visualise(_margin(target), batch, **_at(layer)))

    return method


def _score_cam(model: "keras.Model", target: int, layer: str) -> _Compute:
    from tf_keras_vis.scorecam import Scorecam  # noqa: PLC0415 - heavy

    # The library applies a softmax to what the network returns, so the network's own must not stand there.
    visualise = Scorecam(model, _linear())
    return lambda batch: np.asarray(
        visualise(lambda outputs: outputs[:, target], batch, batch_size=_MASKED, **_at(layer))
    )


def _smooth_saliency(model: "keras.Model", target: int, _layer: str) -> _Compute:
    from tf_keras_vis.saliency import Saliency  # noqa: PLC0415 - heavy

    visualise = Saliency(model, _linear())
    # The library draws its noise from numpy's global state and for a whole batch. Drawn here, the same for
    # each picture, it repeats, and a map does not depend on the other pictures.
    noise = np.random.default_rng(0).normal(size=(_COPIES, *model.input_shape[1:])).astype(np.float32)

    def compute(batch: np.ndarray) -> np.ndarray:
        reach = np.ptp(batch, axis=(1, 2, 3), keepdims=True)
        copies = (batch + _NOISE * reach * one for one in noise)
        gradients = (
            np.asarray(visualise(_margin(target), copy, keepdims=True, normalize_map=False))
            for copy in copies
        )
        return sum(gradients, start=np.zeros_like(batch)).max(axis=-1) / _COPIES

    return compute


METHODS: dict[str, Callable[["keras.Model", int, str], _Compute]] = {
    "grad-cam": _by_gradients("Gradcam"),
    "grad-cam++": _by_gradients("GradcamPlusPlus"),
    "score-cam": _score_cam,
    "smooth saliency": _smooth_saliency,
}


def _linear() -> Any:
    from tf_keras_vis.utils.model_modifiers import ReplaceToLinear  # noqa: PLC0415 - heavy

    return ReplaceToLinear()


def _margin(target: int) -> Callable[[Any], Any]:
    return lambda outputs: outputs[:, target] - outputs[:, 1 - target]


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
