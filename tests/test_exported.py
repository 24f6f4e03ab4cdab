"""Reading an exported file: without TensorFlow, crop by crop, and nothing that it brings along is run."""

import io
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools.flatbuffer_utils import convert_object_to_bytearray
from hypothesis import given, settings
from hypothesis import strategies as st

from attacknet import exported
from attacknet.errors import AttackNetError
from attacknet.exported import METADATA, Exported, sealed
from attacknet.formats import Kind
from attacknet.preprocessing import Preprocessing
from tests import tiny

KINDS = pytest.mark.parametrize("kind", Kind)


def refusal(content: bytes) -> str:
    with pytest.raises(AttackNetError) as error:
        Exported.read(content, "network.file")
    line = str(error.value)
    assert line.startswith("network.file: ") and "\n" not in line
    return line


# --- Scores ----------------------------------------------------------------------------------------------


@KINDS
def test_a_score_depends_on_the_crop_alone(kind: Kind) -> None:
    """To the last bit the same, whatever crops are asked for beside it."""
    network, crops = Exported.read(tiny.content(kind), "tiny"), tiny.crops(5)
    alone = [network.scores(crops[row : row + 1])[0] for row in range(5)]
    assert network.scores(crops).tolist() == alone
    assert network.scores(crops[:0]).shape == (0,)


@KINDS
def test_probabilities_are_of_two_classes(kind: Kind) -> None:
    network, crops = Exported.read(tiny.content(kind), "tiny"), tiny.crops(5)
    found = network.probabilities(crops)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(found[:, 0], network.scores(crops))


@KINDS
def test_two_threads_change_no_score_by_much(kind: Kind) -> None:
    one, two = (Exported.read(tiny.content(kind), "tiny", threads=number) for number in (1, 2))
    np.testing.assert_allclose(one.scores(tiny.crops(5)), two.scores(tiny.crops(5)), atol=1e-6)


@pytest.mark.parametrize(
    "crops",
    [np.zeros((1, 8, 12, 3), np.float32), np.zeros((1, 12, 8, 3), np.uint8), np.zeros((8, 12, 3), np.uint8)],
    ids=["float", "turned", "alone"],
)
def test_other_crops_are_refused(crops: np.ndarray) -> None:
    network = Exported.read(tiny.content(Kind.LITERT), "tiny")
    with pytest.raises(AttackNetError, match=r"tiny reads RGB uint8 \(n, 8, 12, 3\)"):
        network.scores(crops)


def test_neither_tensorflow_nor_pandas_nor_opencv_is_loaded(tmp_path: Path) -> None:
    """They would take a second before the first answer. Nor does the runtime write to standard error."""
    for kind in Kind:
        (tmp_path / kind).write_bytes(tiny.content(kind))
    program = (
        "import sys, numpy as np\nfrom attacknet.exported import Exported\n"
        "for file in sys.argv[1:]:\n"
        "    Exported.open(file).scores(np.zeros((1, 8, 12, 3), np.uint8))\n"
        "print({'tensorflow', 'keras', 'pandas', 'cv2', 'scipy', 'sklearn'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program, *(str(tmp_path / kind) for kind in Kind)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("set()\n", "")


# --- Files that are no files of ours ---------------------------------------------------------------------


@settings(max_examples=60)
@given(st.sampled_from(Kind), st.data())
def test_a_file_that_was_cut_or_changed_is_refused(kind: Kind, data: st.DataObject) -> None:
    """Whatever byte it is: a wrong weight would give wrong scores and no complaint."""
    content = tiny.content(kind)
    place = data.draw(st.integers(0, len(content) - 1))
    refusal(content[:place])
    changed = data.draw(st.integers(1, 255)) ^ content[place]
    refusal(content[:place] + bytes([changed]) + content[place + 1 :])


class Bomb:
    """What unpickling it would do."""

    def __init__(self, fuse: Path) -> None:
        self.fuse = fuse

    def __reduce__(self) -> tuple:
        return Path.touch, (self.fuse,)


def keras_lambda() -> bytes:
    """Return an archive like Keras' own, with a function of Python in it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("config.json", '{"class_name": "Lambda", "config": {"function": "4wAAAA=="}}')
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0" * 100, id="zeros"),
        pytest.param(b"{}", id="json"),
        pytest.param(b"\x89HDF\r\n\x1a\n" + b"\0" * 50, id="h5"),
        pytest.param(keras_lambda(), id="keras"),
        pytest.param(b"\x1c\0\0\0TFL3", id="the head of LiteRT"),
        pytest.param(b"????TFL3" * 9, id="offsets to nowhere"),
    ],
)
def test_other_formats_are_refused(content: bytes) -> None:
    refusal(content)


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    """Under whatever name it comes."""
    fuse = tmp_path / "fuse"
    for name in ("network.onnx", "network.tflite"):
        (tmp_path / name).write_bytes(pickle.dumps(Bomb(fuse)))
        with pytest.raises(AttackNetError):
            Exported.open(tmp_path / name)
    assert not fuse.exists()


def test_an_array_outside_the_file_is_not_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX may name a file with the weights, and the name may lead anywhere."""
    (tmp_path / "secret").write_bytes(b"\0" * 4096)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    for tensor_of in (lambda graph: graph.initializer[0], _constant_in_a_node):
        proto = onnx.ModelProto.FromString(tiny.content(Kind.ONNX))
        tensor = tensor_of(proto.graph)
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="../secret")
        assert "keeps arrays in another file" in refusal(_resealed_onnx(proto))


def _constant_in_a_node(graph: onnx.GraphProto) -> onnx.TensorProto:
    tensor = onnx.helper.make_tensor("value", onnx.TensorProto.FLOAT, [1], [0.0])
    graph.node.add(op_type="Constant", output=["unused"]).attribute.add(
        name="value", type=onnx.AttributeProto.TENSOR
    ).t.CopyFrom(tensor)
    return graph.node[-1].attribute[0].t


def test_operations_of_other_libraries_are_refused() -> None:
    proto = onnx.ModelProto.FromString(tiny.content(Kind.ONNX))
    proto.graph.node[0].domain = "com.example"
    proto.opset_import.add(domain="com.example", version=1)
    assert "cannot be run" in refusal(_resealed_onnx(proto))

    model = schema.ModelT.InitFromPackedBuf(tiny.content(Kind.LITERT))
    model.operatorCodes[0].builtinCode = model.operatorCodes[0].deprecatedBuiltinCode = 32  # custom
    model.operatorCodes[0].customCode = "RunAnything"
    assert "cannot be run" in refusal(_resealed_litert(model))


def _resealed_onnx(proto: onnx.ModelProto, **changes: object) -> bytes:
    del proto.metadata_props[:]
    proto.metadata_props.add(key=METADATA, value=_unsealed(Kind.ONNX, changes))
    return sealed(proto.SerializeToString())


def _resealed_litert(model: schema.ModelT, **changes: object) -> bytes:
    text = _unsealed(Kind.LITERT, changes).encode()
    model.buffers[model.metadata[-1].buffer].data = np.frombuffer(text, np.uint8)
    return sealed(bytes(convert_object_to_bytearray(model)))


def _unsealed(kind: Kind, changes: dict[str, object]) -> str:
    return tiny.about(kind).model_copy(update=changes).model_dump_json()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": 2}, "format: Input should be 1"),
        ({"evidence": "hearsay"}, "evidence: "),
        ({"preprocessing": Preprocessing(size=(16, 16))}, "cannot be run"),
    ],
    ids=["version", "evidence", "size"],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_metadata_that_do_not_fit_are_refused(changes: dict[str, object], complaint: str) -> None:
    for content in (
        _resealed_onnx(onnx.ModelProto.FromString(tiny.content(Kind.ONNX)), **changes),
        _resealed_litert(schema.ModelT.InitFromPackedBuf(tiny.content(Kind.LITERT)), **changes),
    ):
        assert complaint in refusal(content)


def test_a_network_of_others_has_no_metadata() -> None:
    proto = onnx.ModelProto.FromString(tiny.content(Kind.ONNX))
    del proto.metadata_props[:]
    assert "no metadata of this project" in refusal(proto.SerializeToString())
    model = schema.ModelT.InitFromPackedBuf(tiny.content(Kind.LITERT))
    model.metadata = []
    assert "no metadata of this project" in refusal(bytes(convert_object_to_bytearray(model)))


def test_what_is_no_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would never end; nor is more read than a network can be."""
    os.mkfifo(tmp_path / "pipe")
    large = tmp_path / "large.onnx"
    large.write_bytes(b"\0" * 101)
    monkeypatch.setattr(exported, "_MOST_BYTES", 100)
    for path, complaint in (
        (tmp_path / "pipe", "no file"),
        (tmp_path, "no file"),
        (large, "larger than"),
        (tmp_path / "absent.onnx", "No such file"),
    ):
        with pytest.raises(AttackNetError, match=complaint):
            Exported.open(path)
