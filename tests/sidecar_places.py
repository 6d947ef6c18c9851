"""Sidecar locations as the application makes them: with the place of every episode."""

from pathlib import Path

from failview.loaders.dataset import Dataset
from failview.model.episode import EpisodePlace
from failview.sidecars.location import SidecarLocation


def location_of(dataset: Dataset) -> SidecarLocation:
    """Where the sidecars of a dataset lie."""
    return SidecarLocation(
        dataset.path, {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    )


def container_location(path: Path | str, *episode_ids: str, user_root: Path | None = None) -> SidecarLocation:
    """Where the sidecars of one file with many episodes lie: demo_0 to demo_19 unless others are named."""
    ids = episode_ids or [f"demo_{number}" for number in range(20)]
    return SidecarLocation(path, {key: EpisodePlace(Path(path), key) for key in ids}, user_root=user_root)
