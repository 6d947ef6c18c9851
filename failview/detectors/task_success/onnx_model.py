"""Runs the user's ONNX detector: with onnxruntime where it is installed, else with OpenCV."""

import ast
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

Tensor = npt.NDArray[np.float32]

USUAL_SIDE_PX = 640
"""Input size of YOLOv8 as it is exported, where the model leaves it open or does not tell."""


class OnnxError(Exception):
    """A model that cannot be used, in words."""


class OnnxModel(Protocol):
    """A model ready to run. Safe from several threads."""

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of the pictures that it takes, px."""

    @property
    def class_names(self) -> Mapping[int, str]:
        """Names of the classes; empty when the model does not tell."""

    def run(self, batch: Tensor) -> Tensor:
        """(1, 3, height, width) RGB, 0 to 1, to the model's first output."""


def load_model(path: Path) -> OnnxModel:
    """The model of a file; kept for the next episode.

    Raises:
        OnnxError: Missing, or not a model that can be run.
    """
    try:
        return _load(path, path.stat().st_mtime_ns, find_spec("onnxruntime") is not None)
    except OSError as error:
        raise OnnxError(f"cannot be read: {error.strerror}") from None


@lru_cache(maxsize=2)
def _load(path: Path, _changed_ns: int, with_onnxruntime: bool) -> OnnxModel:
    return RuntimeModel(path) if with_onnxruntime else OpenCvModel(path)


class RuntimeModel:
    """A model run by onnxruntime."""

    def __init__(self, path: Path) -> None:
        runtime: Any = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1  # episodes already run in parallel
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 - its errors share no base class
            raise OnnxError(f"onnxruntime cannot load it: {_first_line(error)}") from None
        self._input = self._session.get_inputs()[0]
        declared = self._input.shape[2:4] if len(self._input.shape) == 4 else []
        sides = [side if isinstance(side, int) and side > 0 else USUAL_SIDE_PX for side in declared]
        self.input_size: tuple[int, int] = (sides[0], sides[1]) if len(sides) == 2 else (USUAL_SIDE_PX,) * 2
        self.class_names = _names(self._session.get_modelmeta().custom_metadata_map.get("names", ""))

    def run(self, batch: Tensor) -> Tensor:
        """The first output."""
        try:
            outputs = self._session.run(None, {self._input.name: batch})
        except Exception as error:  # noqa: BLE001 - its errors share no base class
            raise OnnxError(f"onnxruntime cannot run it: {_first_line(error)}") from None
        return np.asarray(outputs[0], dtype=np.float32)


@dataclass(frozen=True)
class OpenCvModel:
    """A model run by OpenCV, which tells neither the size that it takes nor its classes."""

    path: Path
    input_size: tuple[int, int] = (USUAL_SIDE_PX, USUAL_SIDE_PX)
    class_names: Mapping[int, str] = field(default_factory=dict)
    _net: Any = field(init=False, repr=False, compare=False)
    _lock: threading.Lock = field(init=False, repr=False, compare=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Load it.

        Raises:
            OnnxError: Not a model that OpenCV can run.
        """
        try:
            object.__setattr__(self, "_net", cv2.dnn.readNetFromONNX(str(self.path)))
        except cv2.error as error:
            raise OnnxError(f"OpenCV cannot load it: {_first_line(error)}") from None

    def run(self, batch: Tensor) -> Tensor:
        """The first output."""
        with self._lock:
            try:
                self._net.setInput(batch)
                return np.asarray(self._net.forward(), dtype=np.float32)
            except cv2.error as error:
                raise OnnxError(f"OpenCV cannot run it: {_first_line(error)}") from None


def _names(text: str) -> dict[int, str]:
    """Class names as YOLOv8 writes them into the model: "{0: 'person', 1: 'cup'}"."""
    try:
        found = ast.literal_eval(text) if text else {}
    except (ValueError, SyntaxError):
        return {}
    if isinstance(found, list):
        found = dict(enumerate(found))
    return {int(key): str(name) for key, name in found.items()} if isinstance(found, dict) else {}


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
