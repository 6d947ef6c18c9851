"""Where the sidecars of a dataset lie: next to its episodes, or in a user folder when the data cannot be written."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import platformdirs

from failview.errors import SidecarError
from failview.model.episode import EpisodePlace
from failview.sidecars.file_names import annotator_part, episode_part, file_part, is_sidecar_name, sidecar_name

CONTAINER_SUFFIX = ".failview"


class SidecarLocation:
    """Paths of the sidecars of one dataset.

    An episode with a file or folder of its own has its sidecar beside it; one of many in a file or folder has it in
    `<file or folder>.failview/` beside that. When that place is read-only they lie in a user folder; sidecars that are
    in the other place all the same are found too.

    Args:
        dataset_path: The dataset.
        places: Where each episode lies, by id; None when the dataset itself holds them all.
        user_root: Folder for the sidecars of read-only datasets; the user's data folder by default.

    Attributes:
        folder: Where new sidecars go, and the lock. It need not exist yet.
        read_only_data: Whether the place next to the data cannot be written.
        notice: What a person should know about the place; empty when sidecars lie next to the data.
    """

    def __init__(
        self,
        dataset_path: str | Path,
        places: Mapping[str, EpisodePlace] | None = None,
        *,
        user_root: Path | None = None,
    ) -> None:
        self._dataset = _anchored(Path(dataset_path))
        self._places = None if places is None else {key: _sidecar_place(place) for key, place in places.items()}
        self._ids_inside = {} if places is None else {key: place.id_inside for key, place in places.items()}
        self._episode_by_place = {place: key for key, place in (self._places or {}).items()}
        self._beside = self._folder_beside(places)
        self._away = _user_folder(self._dataset, user_root)
        self.read_only_data = not _is_writable(self._beside)
        self.folder = self._away if self.read_only_data else self._beside
        self.notice = (
            f"{_nearest(self._beside)} is read-only: the annotations go to {self._away}" if self.read_only_data else ""
        )

    def path(self, episode_id: str, annotator: str) -> Path:
        """Where the sidecar of an episode is written.

        Raises:
            SidecarError: No such episode, or an annotator without a name.
        """
        return self._path(episode_id, annotator, away=self.read_only_data)

    def other_path(self, episode_id: str, annotator: str) -> Path:
        """Where the sidecar would lie if the data folder were (or were not) read-only: it may have been so before."""
        return self._path(episode_id, annotator, away=not self.read_only_data)

    def lock_paths(self, annotator: str) -> list[Path]:
        """The files that a running failview locks for an annotator: one in each folder that it may write."""
        folders = {self.folder}
        if not self.read_only_data and self._places is not None:
            folders |= {folder for folder, _ in self._places.values() if folder.name.endswith(CONTAINER_SUFFIX)}
        return [folder / f".{_named(annotator)}.failview.lock" for folder in sorted(folders)]

    def name_in(self, path: Path, episode_id: str) -> str:
        """The id that a sidecar at a path names: the one within the file, so that it holds however it is opened."""
        if path.parent == self._away:
            return episode_id
        return self._ids_inside.get(episode_id) or episode_id

    def all_sidecars(self) -> list[Path]:
        """Every sidecar of the dataset, of every annotator, wherever it lies, sorted."""
        found = set(_sidecars_in(self._away))
        if self._places is None:
            found.update(_sidecars_in(self._beside))
        else:
            found.update(self._sidecars_at_places(self._places.values()))
        return sorted(found)

    def episode_at(self, path: Path, name: str) -> str | None:
        """The episode that a sidecar at a path belongs to; None when the dataset has none there.

        Args:
            path: The sidecar.
            name: The episode id that it names; beside an episode's own file the place decides.
        """
        if self._places is None or path.parent == self._away:
            return name
        own = self._episode_by_place.get((path.parent, _episode_of(path.name)))
        if own is not None and self._ids_inside[own] is None:
            return own
        return self._episode_by_place.get((path.parent, episode_part(name)))

    def _folder_beside(self, places: Mapping[str, EpisodePlace] | None) -> Path:
        if places is None:
            return self._dataset.with_name(self._dataset.name + CONTAINER_SUFFIX)
        is_an_episode = any(_anchored(place.path) == self._dataset for place in list(places.values())[:1])
        return self._dataset.parent if is_an_episode else self._dataset

    def _path(self, episode_id: str, annotator: str, *, away: bool) -> Path:
        _named(annotator)
        if away:
            return self._away / sidecar_name(episode_part(episode_id), annotator)
        if self._places is None:
            return self._beside / sidecar_name(episode_part(episode_id), annotator)
        if episode_id not in self._places:
            raise SidecarError(f"the dataset has no episode {episode_id!r}", where=self._dataset)
        folder, part = self._places[episode_id]
        return folder / sidecar_name(part, annotator)

    def _sidecars_at_places(self, places: Iterable[tuple[Path, str]]) -> set[Path]:
        """All in the folders of the dataset; in a folder above it only those that belong to its episodes."""
        parts_by_folder: dict[Path, set[str]] = {}
        for folder, part in places:
            parts_by_folder.setdefault(folder, set()).add(part)
        found: set[Path] = set()
        for folder, parts in parts_by_folder.items():
            ours = folder.name.endswith(CONTAINER_SUFFIX) or _anchored(folder).is_relative_to(self._dataset)
            found.update(item for item in _sidecars_in(folder) if ours or _episode_of(item.name) in parts)
        return found


def _sidecar_place(place: EpisodePlace) -> tuple[Path, str]:
    """Folder of an episode's sidecars, and the episode's part of their names."""
    path = Path(os.path.abspath(place.path))  # noqa: PTH100 - without following links
    if place.id_inside is None:
        return path.parent, file_part(path.name)
    return path.with_name(path.name + CONTAINER_SUFFIX), episode_part(place.id_inside)


def _episode_of(name: str) -> str:
    return name.removesuffix(".failview.json").rpartition(".")[0]


def _named(annotator: str) -> str:
    part = annotator_part(annotator)
    if not part.strip():
        raise SidecarError("the annotator has no name", hint="Give one with --annotator")
    return part


def _anchored(path: Path) -> Path:
    """Absolute, with links resolved in the folder but not in the last part.

    A link to the data (Hugging Face cache, git-annex) has its sidecar beside the link, not in the store behind it.
    """
    if path.name in ("", ".."):
        return path.resolve()
    return path.parent.resolve() / path.name


def _user_folder(dataset: Path, user_root: Path | None) -> Path:
    root = user_root or platformdirs.user_data_path("failview") / "sidecars"
    digest = hashlib.sha256(os.fsencode(dataset)).hexdigest()[:8]
    return root / f"{episode_part(dataset.name)}-{digest}"


def _is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or the folder itself where it is not there yet; tried, not only asked."""
    target = _nearest(folder)
    if not target.is_dir() or not os.access(target, os.W_OK | os.X_OK):
        return False
    try:
        handle, name = tempfile.mkstemp(prefix=".failview-", suffix=".tmp", dir=target)
    except OSError:
        return False
    os.close(handle)
    Path(name).unlink()
    return True


def _nearest(folder: Path) -> Path:
    """The folder, or the one it will be made in."""
    return folder if folder.exists() else folder.parent


def _sidecars_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [folder / entry.name for entry in entries if is_sidecar_name(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SidecarError(f"cannot be listed ({error.strerror})", where=folder) from error
