"""Write a network into one file that runs without TensorFlow; :mod:`attacknet.exported` reads it.

The contract's scaling and order of channels become the first operations of the graph, so the file takes crops
as bytes. LiteRT files take one crop at a time: that is the fastest way at this size, for many crops as well.
ONNX files take any number.
"""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attacknet import quantise
from attacknet.errors import AttackNetError
from attacknet.exported import METADATA, About, sealed
from attacknet.formats import Kind
from attacknet.quiet import quiet

if TYPE_CHECKING:
    import keras

# Understood by ONNX Runtime since 2022, in browsers and on phones as well.
_OPSET = 17


def convert(model: "keras.Model", about: About, calibration: Callable[[], NDArray[np.uint8]]) -> bytes:
    """Return a network as the content of a file, in the format that its metadata name.

    Parameters
    ----------
    model
        With its contract as attribute ``preprocessing``.
    about
        Metadata of the file.
    calibration
        Gives the crops of :func:`litert_int8`; called for that format only.
    """
    if about.kind is Kind.ONNX:
        return onnx(model, about)
    if about.kind is Kind.LITERT:
        return litert(model, about)
    return litert_int8(model, about, calibration())


def write(content: bytes, path: Path) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    AttackNetError
        If it exists, or cannot be written.
    """
    require_new(path)
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        raise AttackNetError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def require_new(path: Path) -> None:
    """Raise AttackNetError if there is a file of this name, or no folder for it."""
    if path.exists():
        raise AttackNetError(f"{path}: exists; remove it, or give another name")
    if not path.parent.is_dir():
        raise AttackNetError(f"{path}: there is no folder {path.parent}; make it first")


def onnx(model: "keras.Model", about: About) -> bytes:
    """Return a network as ONNX; parameters as of :func:`convert`."""
    import tf2onnx  # noqa: PLC0415 - heavy

    graph = _graph(model, batch=None)
    with quiet():
        proto, _ = tf2onnx.convert.from_function(graph, input_signature=graph.input_signature, opset=_OPSET)
    proto.metadata_props.add(key=METADATA, value=about.model_dump_json())
    return sealed(proto.SerializeToString())


def litert(model: "keras.Model", about: About) -> bytes:
    """Return a network as LiteRT that computes with float32; parameters as of :func:`convert`."""
    return _with_metadata(_litert(model), about)


def litert_int8(model: "keras.Model", about: About, crops: NDArray[np.uint8]) -> bytes:
    """Return a network as LiteRT that computes with bytes.

    Parameters
    ----------
    model, about
        As of :func:`convert`.
    crops
        ``(n, height, width, 3)``, RGB uint8: pictures of the training, on which the range of each layer's
        output is measured.
    """
    return _with_metadata(quantise.int8(_litert(model), crops), about)


def _litert(model: "keras.Model") -> bytes:
    import tensorflow as tf  # noqa: PLC0415 - heavy

    graph = _graph(model, batch=1)
    # What the converter looks through for the graph's variables, to make constants of them.
    holder = tf.Module()
    holder.graph, holder.weights = graph, [weight.value for weight in model.weights]
    with quiet():
        return tf.lite.TFLiteConverter.from_concrete_functions(
            [graph.get_concrete_function()], holder
        ).convert()


def _graph(model: "keras.Model", batch: int | None) -> Any:
    """Return a function of TensorFlow from crops to probabilities, what the contract does included."""
    import tensorflow as tf  # noqa: PLC0415 - heavy

    contract = model.preprocessing
    crops = tf.TensorSpec((batch, *contract.size, 3), tf.uint8, name="crops")

    @tf.function(input_signature=[crops])
    def probabilities(crops: tf.Tensor) -> tf.Tensor:
        pixels = tf.cast(crops, tf.float32)
        if contract.channel_order == "BGR":
            pixels = tf.reverse(pixels, [-1])
        if contract.scaling == "divide_by_255":
            return model(pixels / 255, training=False)
        # As in the contract: a black picture has no maximum to divide by and stays black.
        highest = tf.reduce_max(pixels, axis=(1, 2, 3), keepdims=True)
        return model(pixels / tf.maximum(highest, 1), training=False)

    return probabilities


def _with_metadata(content: bytes, about: About) -> bytes:
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415
    from ai_edge_litert.tools.flatbuffer_utils import convert_object_to_bytearray  # noqa: PLC0415

    model = schema.ModelT.InitFromPackedBuf(content)
    text, entry = schema.BufferT(), schema.MetadataT()
    text.data = np.frombuffer(about.model_dump_json().encode(), np.uint8)
    entry.name, entry.buffer = METADATA, len(model.buffers)
    model.buffers.append(text)
    model.metadata = [*(model.metadata or []), entry]
    return sealed(bytes(convert_object_to_bytearray(model)))
