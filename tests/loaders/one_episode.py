"""Opens one episode of a dataset and closes the dataset again."""

from pathlib import Path

from failview.loaders import open_dataset
from failview.model.episode import Episode


def episode_of(path: Path, episode_id: str | None = None) -> Episode:
    """An episode; the first one unless another is named."""
    opened = open_dataset(path)
    try:
        return opened.open_episode(episode_id or opened.entries[0].episode_id)
    finally:
        opened.close()
