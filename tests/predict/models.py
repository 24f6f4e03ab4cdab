"""Models whose score anybody can predict: the mean brightness of the crop."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from onnx import TensorProto, helper

from attacknet.evidence import Evidence
from attacknet.exported import METADATA, About, Kind
from attacknet.preprocessing import Preprocessing


class Brightness:
    """Needs no file; has the two things that `predict` asks of an exported network."""

    def __init__(self, threshold: float | None = 0.5, crop_margin: float = 0.0) -> None:
        self.about = SimpleNamespace(preprocessing=Preprocessing(crop_margin), threshold=threshold)
        self.batches: list[int] = []

    def scores(self, crops: np.ndarray) -> np.ndarray:
        self.batches.append(len(crops))
        assert crops.dtype == np.uint8
        assert crops.shape[1:] == (*self.about.preprocessing.size, 3)
        return crops.mean(axis=(1, 2, 3), dtype=np.float32) / np.float32(255)


def brightness_file(path: Path, threshold: float | None = 0.5) -> Path:
    """Write the same model as ONNX, by hand: neither TensorFlow nor the exporter is needed."""
    about = About(
        kind=Kind.ONNX,
        model="brightness",
        trained_on="nothing",
        source="tests",
        weights_sha256="0" * 64,
        evidence=Evidence.STAND_IN,
        preprocessing=Preprocessing(),
        threshold=threshold,
    )
    nodes = [
        helper.make_node("Cast", ["crops"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["levels"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Div", ["mean", "white"], ["flat"]),
        helper.make_node("Unsqueeze", ["flat", "last"], ["bonafide"]),
        helper.make_node("Sub", ["one", "bonafide"], ["attack"]),
        helper.make_node("Concat", ["bonafide", "attack"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "brightness",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, [None, 32, 32, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
        [
            helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
            helper.make_tensor("one", TensorProto.FLOAT, [], [1.0]),
            helper.make_tensor("last", TensorProto.INT64, [1], [1]),
        ],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    proto.metadata_props.add(key=METADATA, value=about.model_dump_json())
    path.write_bytes(proto.SerializeToString())
    return path
