"""The formats of an exported file; apart, so that the command line can name them without loading anything."""

from enum import StrEnum


class Kind(StrEnum):
    """``LITERT_INT8`` computes with bytes, the others with float32."""

    ONNX = "onnx"
    LITERT = "litert"
    LITERT_INT8 = "litert-int8"
