"""A network whose score anybody can predict: the mean brightness of the crop."""

from pathlib import Path

from onnx import TensorProto, helper

from attacknet.evidence import Evidence
from attacknet.exported import METADATA, About, Kind, sealed
from attacknet.preprocessing import Preprocessing


def brightness(path: Path, threshold: float | None = 0.5, crop_margin: float = 0.0) -> Path:
    """Write it as ONNX, by hand: neither TensorFlow nor the exporter is needed."""
    about = About(
        kind=Kind.ONNX,
        model="brightness",
        trained_on="nothing",
        source="tests",
        weights_sha256="1" * 64,
        evidence=Evidence.STAND_IN,
        preprocessing=Preprocessing(crop_margin),
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
    path.write_bytes(sealed(proto.SerializeToString()))
    return path
