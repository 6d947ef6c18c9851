"""Where the sidecars of a dataset lie: next to its episodes, or in a user folder when the data cannot be written."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from failview.errors import SidecarError
from failview.sidecars.file_names import annotator_part, episode_part, file_part, is_sidecar_name, sidecar_name

CONTAINER_SUFFIX = ".failview"


class SidecarLocation:
    """Paths of the sidecars of one dataset.

    A dataset with a file or folder per episode has its sidecars beside each of them; one that holds many episodes has
    them in `<dataset>.failview/` beside it. When that place is read-only they lie in a user folder; sidecars that are
    in the other place all the same are found too.

    Args:
        dataset_path: The dataset.
        episode_paths: The file or folder of each episode, by id; None when the dataset holds many episodes in one.
        user_root: Folder for the sidecars of read-only datasets; the user's data folder by default.

    Attributes:
        folder: Where new sidecars go, and the lock. It need not exist yet.
        read_only_data: Whether the place next to the data cannot be written.
        notice: What a person should know about the place; empty when sidecars lie next to the data.
    """

    def __init__(
        self,
        dataset_path: str | Path,
        episode_paths: Mapping[str, Path] | None = None,
        *,
        user_root: Path | None = None,
    ) -> None:
        self._dataset = _anchored(Path(dataset_path))
        self._episode_paths = (
            None if episode_paths is None else {key: Path(os.path.abspath(path)) for key, path in episode_paths.items()}  # noqa: PTH100 - without following links
        )
        self._episode_by_place = {
            (path.parent, file_part(path.name)): key for key, path in (self._episode_paths or {}).items()
        }
        self._beside = self._folder_beside()
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

    def lock_path(self, annotator: str) -> Path:
        """The file that a running failview locks for an annotator."""
        return self.folder / f".{_named(annotator)}.failview.lock"

    def all_sidecars(self) -> list[Path]:
        """Every sidecar of the dataset, of every annotator, wherever it lies, sorted."""
        found = set(_sidecars_in(self._away))
        if self._episode_paths is None:
            found.update(_sidecars_in(self._beside))
        else:
            found.update(self._sidecars_beside_episodes(self._episode_paths))
        return sorted(found)

    def episode_at(self, path: Path) -> str | None:
        """The episode whose own file a sidecar lies beside; None where only the sidecar itself tells its episode."""
        return self._episode_by_place.get((path.parent, _episode_of(path.name)))

    def _folder_beside(self) -> Path:
        if self._episode_paths is None:
            return self._dataset.with_name(self._dataset.name + CONTAINER_SUFFIX)
        is_an_episode = any(_anchored(path) == self._dataset for path in list(self._episode_paths.values())[:1])
        return self._dataset.parent if is_an_episode else self._dataset

    def _path(self, episode_id: str, annotator: str, *, away: bool) -> Path:
        _named(annotator)
        if away:
            return self._away / sidecar_name(episode_part(episode_id), annotator)
        if self._episode_paths is None:
            return self._beside / sidecar_name(episode_part(episode_id), annotator)
        path = self._episode_paths.get(episode_id)
        if path is None:
            raise SidecarError(f"the dataset has no episode {episode_id!r}", where=self._dataset)
        return path.with_name(sidecar_name(file_part(path.name), annotator))

    def _sidecars_beside_episodes(self, episode_paths: Mapping[str, Path]) -> set[Path]:
        """All in the folders of the dataset; in a folder above it only those that belong to its episodes."""
        names_by_folder: dict[Path, set[str]] = {}
        for path in episode_paths.values():
            names_by_folder.setdefault(path.parent, set()).add(file_part(path.name))
        found: set[Path] = set()
        for folder, names in names_by_folder.items():
            inside = _anchored(folder).is_relative_to(self._dataset)
            found.update(item for item in _sidecars_in(folder) if inside or _episode_of(item.name) in names)
        return found


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
