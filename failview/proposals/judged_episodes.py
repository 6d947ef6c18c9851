"""Which episodes the detectors have judged, by the files that lie there: nothing is read."""

from collections.abc import Iterable

from failview.proposals.findings_file import SUFFIX
from failview.sidecars.file_names import sidecar_name
from failview.sidecars.location import SidecarLocation

_ANYBODY = "x"


def judged_episodes(location: SidecarLocation, episode_ids: Iterable[str]) -> set[str]:
    """The episodes with findings; that they still hold for the data and the settings as they are now is not checked.

    Args:
        location: Where the findings lie, beside the sidecars.
        episode_ids: The episodes of the dataset.

    Raises:
        failview.errors.SidecarError: A folder cannot be listed.
    """
    by_name: dict[str, list[str]] = {}
    for episode_id in episode_ids:
        by_name.setdefault(location.file_name(episode_id, _ANYBODY), []).append(episode_id)
    judged: set[str] = set()
    for path in location.all_sidecars(_sidecar_beside):
        name = _sidecar_beside(path.name) or ""
        sidecar = path.with_name(name)
        # Files of the same name in several folders belong to different episodes.
        same_name = by_name.get(name, [])
        judged.update(key for key in same_name if location.episode_at(sidecar, location.name_of(key)) == key)
    return judged


def _sidecar_beside(name: str) -> str | None:
    """The name of a sidecar of the same episode as a file of findings; None for any other file."""
    return sidecar_name(name.removesuffix(SUFFIX), _ANYBODY) if name.endswith(SUFFIX) else None
