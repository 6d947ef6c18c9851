"""Sidecar locations as the application makes them: with the place of every episode."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@contextlib.contextmanager
def made_read_only(folder: Path) -> Iterator[None]:
    """Meanwhile not even root can write in a folder or below it."""
    if os.geteuid() != 0:
        folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
        for item in folders:
            item.chmod(0o555)
        yield
        for item in folders:
            item.chmod(0o755)
        return
    bound = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False)
    if bound.returncode != 0:
        pytest.skip("root without the right to mount cannot make a read-only folder")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True, capture_output=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True, capture_output=True)
