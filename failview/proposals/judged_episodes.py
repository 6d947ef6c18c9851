"""Which episodes the detectors have judged, by the files that lie there: nothing is read."""

from collections.abc import Iterable
from pathlib import Path

from failview.proposals.findings_file import SUFFIX
from failview.sidecars.file_names import sidecar_name
from failview.sidecars.location import SidecarLocation

_ANYBODY = "x"


def findings_files(location: SidecarLocation, episode_ids: Iterable[str]) -> dict[str, list[Path]]:
    """The files with findings of each episode that has any; that they still hold for the data is not checked.

    Args:
        location: Where the findings lie, beside the sidecars.
        episode_ids: The episodes of the dataset.

    Raises:
        failview.errors.SidecarError: A folder cannot be listed.
    """
    by_name: dict[str, list[str]] = {}
    for episode_id in episode_ids:
        by_name.setdefault(location.file_name(episode_id, _ANYBODY), []).append(episode_id)
    judged: dict[str, list[Path]] = {}
    for path in location.all_sidecars(_sidecar_beside):
        name = _sidecar_beside(path.name) or ""
        sidecar = path.with_name(name)
        # Files of the same name in several folders belong to different episodes.
        for key in by_name.get(name, []):
            if location.episode_at(sidecar, location.name_of(key)) == key:
                judged.setdefault(key, []).append(path)
    return judged


def _sidecar_beside(name: str) -> str | None:
    """The name of a sidecar of the same episode as a file of findings; None for any other file."""
    return sidecar_name(name.removesuffix(SUFFIX), _ANYBODY) if name.endswith(SUFFIX) else None
