"""A network in one file, run without TensorFlow: ONNX or LiteRT, made by :mod:`attacknet.export`.

The file takes face crops as they are, RGB bytes, because the scaling and the order of channels that the
network was trained with are part of its graph: whoever runs it, in whatever language, cannot prepare a crop
wrongly. What cannot be part of a graph (how the face is cut out, the threshold, what the network was trained
on) is in the file's metadata, see :class:`About`.

A file may come from anywhere. It is read as data: what names code or files beside it is refused.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.formats import Kind
from attacknet.preprocessing import Preprocessing
from attacknet.quiet import quiet

# Under this name the metadata lie in the file.
METADATA = "attacknet"
# The largest network of the book takes 9 MB.
_MOST_BYTES = 64 * 2**20
_BONA_FIDE = 0
# In the place of the file's hash while it is taken.
_UNSEALED = b"0" * 64

Probabilities = NDArray[np.float32]
_Runner = Callable[[NDArray[np.uint8]], Probabilities]


class About(BaseModel):
    """What a file says of its network.

    Attributes
    ----------
    format
        Version of these metadata.
    kind
        Format of the file.
    model
        Name of the network.
    trained_on
        The datasets, in words.
    source
        Key of the run, or name of the released weights.
    weights_sha256
        Of the file of the weights that was exported.
    evidence
        Of what kind the pictures were that the network was trained on; ``recomputed`` for released weights.
    preprocessing
        The contract. How the face is cut out and resized is left to the caller; the rest is in the graph.
    threshold
        A presentation with this score or a higher one is accepted: the equal error rate's on the run's
        development set. None where there was no such set.
    sha256
        Of the file, with zeros in this place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    kind: Kind
    model: str
    trained_on: str
    source: str
    weights_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    evidence: Evidence
    preprocessing: Preprocessing
    threshold: Annotated[float, Field(allow_inf_nan=False)] | None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = _UNSEALED.decode()


@dataclass(frozen=True)
class Exported:
    """A network that was read from a file.

    Attributes
    ----------
    about
        Its metadata.
    """

    about: About
    _run: _Runner

    @classmethod
    def open(cls, path: Path | str, *, threads: int = 1) -> "Exported":
        """Open a file.

        Parameters
        ----------
        threads
            That one prediction may use.

        Raises
        ------
        AttackNetError
            If the file cannot be read, is too large, or :meth:`read` refuses it.
        """
        path = Path(path)
        try:
            # A pipe or a device would be read for ever.
            if not path.is_file() and path.exists():
                raise AttackNetError(f"{path}: no file; give one that `attacknet export` wrote")
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except OSError as error:
            raise AttackNetError(f"{path}: {error.strerror}") from None
        if len(content) > _MOST_BYTES:
            raise AttackNetError(f"{path}: larger than {_MOST_BYTES >> 20} MB; no network of the book is")
        return cls.read(content, str(path), threads=threads)

    @classmethod
    def read(cls, content: bytes, name: str, *, threads: int = 1) -> "Exported":
        """Read a file's content; `name` is for messages.

        Raises
        ------
        AttackNetError
            If it is not whole, was not written by this project, or names code or files beside it.
        """
        litert = content[4:8] == b"TFL3"
        try:
            about = About.model_validate_json((_litert_metadata if litert else _onnx_metadata)(content))
            if sealed(content.replace(about.sha256.encode(), _UNSEALED)) != content:
                raise _RefusedError("has been changed")
            return cls(about, _checked((_litert if litert else _onnx), content, threads, about))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "all of them"
            raise AttackNetError(
                f"{name}: its metadata are not as they should be: {where}: {first['msg']}"
            ) from None
        except _RefusedError as error:
            raise AttackNetError(f"{name}: {error}; give a file that `attacknet export` wrote") from None

    def probabilities(self, crops: NDArray[np.uint8]) -> Probabilities:
        """Return the probabilities of (bona fide, attack), ``(n, 2)``, of crops; see :meth:`scores`."""
        height, width = self.about.preprocessing.size
        if crops.dtype != np.uint8 or crops.shape[1:] != (height, width, 3):
            raise AttackNetError(
                f"crops of shape {crops.shape} and type {crops.dtype}: {self.about.model} reads "
                f"RGB uint8 (n, {height}, {width}, 3)"
            )
        # One at a time: what a layer hands to the next stays in the processor's nearest cache.
        answers = [self._run(crops[row : row + 1]) for row in range(len(crops))]
        return np.concatenate(answers) if answers else np.empty((0, 2), np.float32)

    def scores(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Score face crops; a higher score is more bona fide.

        Parameters
        ----------
        crops
            ``(n, height, width, 3)``, RGB uint8, cut out and resized by the contract's margin and size.

        Returns
        -------
        numpy.ndarray
            ``(n,)``, float32 in [0, 1]: the softmax output for bona fide.

        Raises
        ------
        AttackNetError
            If the crops have another shape or type.
        """
        return self.probabilities(crops)[:, _BONA_FIDE]


class _RefusedError(Exception):
    """Why a file is not run."""


def sealed(content: bytes) -> bytes:
    """Return a file's content with its own hash in its metadata, so that a flipped bit is noticed."""
    return content.replace(_UNSEALED, hashlib.sha256(content).hexdigest().encode())


def _checked(opened: Callable[[bytes, int], _Runner], content: bytes, threads: int, about: About) -> _Runner:
    """Open a file in its runtime and try it on a black crop."""
    try:
        run = opened(content, threads)
        answer = run(np.zeros((1, *about.preprocessing.size, 3), np.uint8))
    except Exception as error:  # the runtimes have a dozen kinds, and nothing below this in common
        raise _RefusedError(f"cannot be run ({str(error).strip().splitlines()[0]})") from None
    if answer.shape != (1, 2) or answer.dtype != np.float32:
        raise _RefusedError("does not answer with two probabilities")
    return run


# --- ONNX ------------------------------------------------------------------------------------------------


def _onnx_metadata(content: bytes) -> str:
    import onnx  # noqa: PLC0415 - only for files of this format
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        proto = onnx.ModelProto.FromString(content)
    except DecodeError:
        raise _RefusedError("neither ONNX nor LiteRT, or not whole") from None
    # The runtime would look for these arrays in files beside the model, or wherever their path leads.
    for message in _messages(proto):
        if isinstance(message, onnx.TensorProto) and (message.external_data or message.data_location):
            raise _RefusedError("keeps arrays in another file")
    for entry in proto.metadata_props:
        if entry.key == METADATA:
            return entry.value
    raise _RefusedError("has no metadata of this project")


def _messages(message: Any) -> Iterator[Any]:
    """Yield a protobuf message and all that it contains."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in [value] if hasattr(value, "ListFields") else value:
                yield from _messages(part)


def _onnx(content: bytes, threads: int) -> _Runner:
    import onnxruntime  # noqa: PLC0415 - only for files of this format

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4  # its errors are raised as well
    session = onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"], enable_fallback=False
    )
    (taken,) = session.get_inputs()
    return lambda crop: session.run(None, {taken.name: crop})[0]


# --- LiteRT ----------------------------------------------------------------------------------------------


def _litert_metadata(content: bytes) -> bytes:
    from ai_edge_litert.schema_py_generated import Model  # noqa: PLC0415 - only for files of this format

    try:
        model = Model.GetRootAs(content, 0)
        for entry in map(model.Metadata, range(model.MetadataLength())):
            if entry.Name() == METADATA.encode():
                return model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
    except Exception:  # wherever the offsets of a damaged file may lead
        raise _RefusedError("not whole") from None
    raise _RefusedError("has no metadata of this project")


def _litert(content: bytes, threads: int) -> _Runner:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - only for files of this format

    with quiet():
        interpreter = Interpreter(model_content=content, num_threads=threads)
        interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(crop: NDArray[np.uint8]) -> Probabilities:
        interpreter.set_tensor(taken["index"], crop)
        interpreter.invoke()
        return interpreter.get_tensor(given["index"])

    return run
