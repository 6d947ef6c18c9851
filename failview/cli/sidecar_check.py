"""Sidecars checked one by one, against their dataset where there is one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failview.errors import SidecarError
from failview.loaders.dataset import Dataset
from failview.model.taxonomy import Taxonomy
from failview.sidecars import codec
from failview.sidecars.atomic_file import read_file
from failview.sidecars.file_names import PREVIOUS_SUFFIX, is_sidecar_name, sidecar_behind
from failview.sidecars.location import CONTAINER_SUFFIX, SidecarLocation
from failview.sidecars.validation import Problem, validate_sidecar


@dataclass(frozen=True)
class SidecarToCheck:
    """A sidecar and what is known of its episode.

    Attributes:
        path: The sidecar.
        location: Place of the dataset's sidecars; None for a file given by itself.
        num_frames: Frames of each episode of the dataset, by id.
    """

    path: Path
    location: SidecarLocation | None = None
    num_frames: Mapping[str, int] = field(default_factory=dict)


def sidecars_by_themselves(path: Path) -> list[SidecarToCheck] | None:
    """The sidecar at a path, or all in a folder of sidecars; None when the path is neither.

    Raises:
        SidecarError: There is no such file.
    """
    if is_sidecar_name(path.name) and not path.is_dir():
        if not path.exists():
            raise SidecarError("there is no such file", where=path, hint="Check the path")
        return [SidecarToCheck(path)]
    if path.name.endswith(CONTAINER_SUFFIX) and path.is_dir():
        return [SidecarToCheck(item) for item in sorted(path.iterdir()) if is_sidecar_name(item.name)]
    return None


def location_of(dataset: Dataset) -> SidecarLocation:
    """Where the sidecars of a dataset lie."""
    return SidecarLocation(
        dataset.path, {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    )


def sidecars_of_dataset(dataset: Dataset, location: SidecarLocation) -> list[SidecarToCheck]:
    """All sidecars of a dataset, of every annotator."""
    num_frames = {entry.episode_id: entry.num_frames for entry in dataset.entries}
    return [SidecarToCheck(path, location, num_frames) for path in location.all_sidecars()]


@dataclass(frozen=True)
class Note:
    """A file beside the sidecars that somebody should know of; nothing is wrong with the sidecars for it."""

    path: Path
    message: str


def leftovers_at(path: Path, location: SidecarLocation | None) -> list[Note]:
    """What was set aside, and previous versions whose sidecar is gone.

    Args:
        path: The dataset, a folder of sidecars, or a sidecar.
        location: Place of the dataset's sidecars; None when the path is none.
    """
    if location is not None:
        files = location.all_sidecars(sidecar_behind)
    elif path.is_dir():
        files = sorted(item for item in path.iterdir() if sidecar_behind(item.name))
    else:
        files = sorted(item for item in path.parent.iterdir() if sidecar_behind(item.name) == path.name)
    return [Note(file, note) for file in files if (note := _note(file))]


def _note(file: Path) -> str:
    """What a file is that is no sidecar; empty for the previous version of a sidecar that is there."""
    sidecar = sidecar_behind(file.name)
    if sidecar is None or (file.name == f"{sidecar}{PREVIOUS_SUFFIX}" and file.with_name(sidecar).exists()):
        return ""
    if file.name.endswith(PREVIOUS_SUFFIX):
        return f"the previous version of {sidecar}, which is gone: rename it to have it back"
    why = "could not be read" if ".broken-" in file.name else "another program wrote"
    return f"set aside, a version of {sidecar} that {why}: delete it when nothing in it is missing"


def problems_of(sidecar: SidecarToCheck, taxonomy: Taxonomy) -> list[Problem]:
    """What is wrong with a sidecar; empty when nothing is."""
    try:
        found = read_file(sidecar.path)
        if found is None:
            return [Problem("", "there is no such file")]
        document = codec.parse(found[0])
    except OSError as error:
        return [Problem("", f"cannot be read ({error.strerror})")]
    except SidecarError as error:
        return [Problem("", error.what)]
    if sidecar.location is None:
        return validate_sidecar(document, taxonomy, num_frames=_declared_frames(document))
    misplaced = list(_misplaced(sidecar, sidecar.location, document))
    num_frames = sidecar.num_frames.get(_episode_of(sidecar, sidecar.location, document))
    return misplaced + validate_sidecar(document, taxonomy, num_frames=num_frames)


def _misplaced(sidecar: SidecarToCheck, location: SidecarLocation, document: dict[str, Any]) -> Iterator[Problem]:
    """A sidecar that belongs to no episode of the dataset, or does not have the name that its content demands."""
    episode_id, annotator = _episode_of(sidecar, location, document), document.get("annotator")
    if episode_id not in sidecar.num_frames:
        yield Problem("episode_id", f"the dataset has no episode {episode_id}")
        return
    if isinstance(annotator, str) and annotator:
        name = location.file_name(episode_id, annotator)
        if sidecar.path.name != name:
            yield Problem("", f"should be named {name} by its episode and annotator")


def _episode_of(sidecar: SidecarToCheck, location: SidecarLocation, document: dict[str, Any]) -> str:
    name = str(document.get("episode_id", ""))
    return location.episode_at(sidecar.path, name) or name


def _declared_frames(document: dict[str, Any]) -> int | None:
    """Frames of the episode as the sidecar tells them."""
    source = document.get("source")
    frames = source.get("num_frames") if isinstance(source, dict) else None
    return frames if type(frames) is int and frames > 0 else None
