"""What this layer asks of the detectors. They are imported when the first episode is judged."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self, cast

import numpy as np
import numpy.typing as npt

from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

CATALOGUE = "failview.detectors.catalogue"
"""The module with failview's own detectors."""


class Look(Protocol):
    """What the detectors see in one episode by itself; a frozen dataclass of plain values and small arrays."""

    @property
    def arrays(self) -> Mapping[str, Values]:
        """Raw arrays by name with unit."""

    @property
    def array_times_ns(self) -> npt.NDArray[np.int64] | None:
        """(samples,) times of the arrays; None when sample i is frame i."""

    def without_arrays(self) -> Self:
        """The same without its raw arrays."""


class Detectors(Protocol):
    """The detectors of a module, which keeps this promise by its functions.

    Attributes:
        FirstLook: Class of what `first_look` gives.
        Learnt: Class of what `learn` gives; a frozen dataclass of plain values too.
    """

    FirstLook: Any
    Learnt: Any

    def first_look(self, episode: Episode, settings: DetectorSettings) -> Look:
        """Judge one episode by itself."""

    def learn(self, looks: Sequence[Look], settings: DetectorSettings) -> Any:
        """Statistics of a dataset."""

    def conclude(self, look: Look, learnt: Any, settings: DetectorSettings) -> EpisodeFindings:
        """What is found in an episode in the light of the dataset (None without); cheap."""


def detectors_of(module: str) -> Detectors:
    """The detectors in a module."""
    return cast("Detectors", importlib.import_module(module))
