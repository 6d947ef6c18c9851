"""What a replay buffer notes about its episodes beside their rows: task, success, rate."""

from collections.abc import Mapping, MutableSequence
from typing import Any

from failview.errors import DatasetError
from failview.loaders.replay_buffer.row_blocks import ArrayRows
from failview.loaders.roles.role_names import name_words

_TASK_WORDS = frozenset({"task", "language", "instruction", "prompt", "description"})
_TASK_KEYS = ("task", "task_name", "language_instruction", "instruction", "language")
_RATE_KEYS = ("rate_hz", "fps", "frequency", "control_freq", "control_frequency", "frequency_hz")


class EpisodeFacts:
    """Arrays of meta/ with one entry per episode.

    Args:
        arrays: By their path.
        num_episodes: Entries of episode_ends.
        warnings: Gets a line for what cannot be read.
    """

    def __init__(self, arrays: Mapping[str, ArrayRows], num_episodes: int, warnings: MutableSequence[str]) -> None:
        self._tasks: list[str] = []
        self._success: list[bool] = []
        for path, rows in arrays.items():
            words = name_words(path.rsplit("/", 1)[-1])
            if rows.num_rows != num_episodes or rows.row_shape not in {(), (1,)}:
                continue
            is_task = bool(words & _TASK_WORDS) and rows.dtype.kind in "OTU"
            is_success = "success" in words and rows.dtype.kind in "biuf"
            if not is_task and not is_success:
                continue
            try:
                values = rows.rows(0, num_episodes).reshape(-1)
            except DatasetError as error:
                warnings.append(f"{error.what}: left out")
                continue
            if is_task:
                self._tasks = [str(value) for value in values]
            else:
                self._success = [bool(value) for value in values]

    def task(self, number: int) -> str:
        """What the robot was asked to do in an episode; empty when it does not say."""
        return self._tasks[number] if self._tasks else ""

    def success(self, number: int) -> bool | None:
        """The recorded success of an episode; None when there is none."""
        return self._success[number] if self._success else None


def whole_buffer_task(attributes: Mapping[str, Any]) -> str:
    """What the robot was asked to do in all episodes; empty when it does not say."""
    texts = (attributes.get(key) for key in _TASK_KEYS)
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def declared_rate(attributes: Mapping[str, Any]) -> tuple[float | None, str]:
    """(frames per second, where it is declared): buffers seldom tell."""
    for key in _RATE_KEYS:
        value = attributes.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e5:
            return float(value), f"attribute {key}"
    return None, ""
