"""Scores of one's own pictures and videos, by an exported network and without TensorFlow."""

from attacknet.predict.rows import Prediction
from attacknet.predict.stream import predict

__all__ = ["Prediction", "predict"]
