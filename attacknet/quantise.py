"""A LiteRT network that computes with bytes instead of floats.

TensorFlow's converter can measure the range of each layer's output itself, and gets it wrong: its
interpreter lets a layer write over the output of the one before, and looks at both when the layer is done. So
an activation gets the range of the batch normalisation behind it, ten times as wide, and few of its bytes are
used: such a network guesses. Here the ranges are measured with all outputs kept; the converter only rounds.
"""

import numpy as np
from numpy.typing import NDArray

from attacknet.quiet import quiet

# These stay in float32. Bytes would round every score to a multiple of 1/256, and scores gather near 0 and 1;
# and the division by a picture's maximum has no fast code for bytes.
_KEPT_IN_FLOAT = {"SOFTMAX", "DIV"}


def int8(content: bytes, crops: NDArray[np.uint8]) -> bytes:
    """Return a LiteRT network with its weights and layers' outputs as bytes.

    Parameters
    ----------
    content
        A LiteRT file with one input, which takes one crop, and float32 in between.
    crops
        ``(n, height, width, 3)``, RGB uint8; the range of each layer's output is that on these.
    """
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415
    from ai_edge_litert.tools.flatbuffer_utils import convert_object_to_bytearray  # noqa: PLC0415
    from tensorflow.lite.python.convert import mlir_quantize  # noqa: PLC0415 - heavy

    model = schema.ModelT.InitFromPackedBuf(content)
    for tensor, (lowest, highest) in ranges(content, crops).items():
        measured = schema.QuantizationParametersT()
        measured.min, measured.max = [lowest], [highest]
        model.subgraphs[0].tensors[tensor].quantization = measured
    with quiet():
        return mlir_quantize(bytes(convert_object_to_bytearray(model)), denylisted_ops=_KEPT_IN_FLOAT)


def ranges(content: bytes, crops: NDArray[np.uint8]) -> dict[int, tuple[float, float]]:
    """Return the lowest and highest value of each layer's output on some crops, by the tensor's number."""
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415
    from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: PLC0415

    graph = schema.ModelT.InitFromPackedBuf(content).subgraphs[0]
    outputs = [
        tensor
        for operator in graph.operators
        for tensor in operator.outputs
        if graph.tensors[tensor].type == schema.TensorType.FLOAT32
    ]
    interpreter = Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        # The fast kernels would hide what lies between the layers.
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    (taken,) = interpreter.get_input_details()
    found = np.tile(np.array([np.inf, -np.inf], np.float32), (len(outputs), 1))
    for crop in crops:
        interpreter.set_tensor(taken["index"], crop[np.newaxis])
        interpreter.invoke()
        values = [interpreter.get_tensor(tensor) for tensor in outputs]
        found[:, 0] = np.minimum(found[:, 0], [each.min() for each in values])
        found[:, 1] = np.maximum(found[:, 1], [each.max() for each in values])
    return {tensor: (low, high) for tensor, (low, high) in zip(outputs, found.tolist(), strict=True)}
