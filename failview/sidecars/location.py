"""Where the sidecars of a dataset lie: next to its episodes, or in a user folder when the data cannot be written."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import platformdirs

from failview.errors import SidecarError
from failview.model.episode import EpisodePlace
from failview.settings.user_folders import remote_datasets
from failview.sidecars.file_names import episode_part, file_part, is_sidecar_name, sidecar_name

CONTAINER_SUFFIX = ".failview"


def itself(name: str) -> str | None:
    """The name of a current sidecar; None for any other."""
    return name if is_sidecar_name(name) else None


class SidecarLocation:
    """Paths of the sidecars of one dataset.

    An episode with a file or folder of its own has its sidecar beside it; one of many in a file or folder has it in
    `<file or folder>.failview/` beside that. Where such a folder is read-only, its sidecars lie in a user folder that
    stands for it; sidecars that are in the other place all the same are found too. All of this is decided folder by
    folder, so that it comes out the same for a file opened by itself and for a folder of such files.

    Args:
        dataset_path: The dataset.
        places: Where each episode lies, by id; at least one.
        user_root: Folder for the sidecars of read-only data; the user's data folder by default.
    """

    def __init__(
        self, dataset_path: str | Path, places: Mapping[str, EpisodePlace], *, user_root: Path | None = None
    ) -> None:
        self._dataset = _anchored(Path(dataset_path))
        self._user_root = user_root or platformdirs.user_data_path("failview") / "sidecars"
        self._ids_inside = {key: place.id_inside for key, place in places.items()}
        resolve = cache(Path.resolve)
        self._places = {key: _sidecar_place(place, resolve) for key, place in places.items()}
        self._episode_by_place = {place: key for key, place in self._places.items()}
        self._first, _ = next(iter(self._places.values()))
        self._away = {folder: self._user_folder(folder) for folder in {beside for beside, _ in self._places.values()}}
        self._beside = {away: folder for folder, away in self._away.items()} | {folder: folder for folder in self._away}
        self._is_read_only: dict[Path, bool] = {}

    @property
    def folder(self) -> Path:
        """Where new sidecars go; those of the first episode when there are several folders. It need not exist yet."""
        return self._chosen(self._first)

    @property
    def is_one_folder(self) -> bool:
        """Whether all sidecars lie in one folder."""
        return len(self._away) == 1

    @property
    def read_only_data(self) -> bool:
        """Whether the place next to the data, at the first episode, cannot be written."""
        return self._goes_away(self._first)

    @property
    def notice(self) -> str:
        """What a person should know about the place; empty when sidecars lie next to the data."""
        if self._first.is_relative_to(remote_datasets()):
            return f"the data is on another machine: the annotations go to {self.folder}"
        if not self.read_only_data:
            return ""
        if self.is_one_folder:
            return f"{_nearest(self._first)} is read-only: the annotations go to {self.folder}"
        return f"{self._dataset} is read-only: the annotations go to {self._user_root}"

    def notice_of(self, episode_id: str) -> str:
        """What a person should know about the place of one sidecar, where it is not as `notice` says."""
        beside, _ = self._place(episode_id)
        if not self._goes_away(beside) or self.read_only_data:
            return ""
        return f"{_nearest(beside)} is read-only: this annotation goes to {self._away[beside]}"

    def path(self, episode_id: str, annotator: str) -> Path:
        """Where the sidecar of an episode is written.

        Raises:
            SidecarError: No such episode, or an annotator without a name.
        """
        beside, _ = self._place(episode_id)
        return self._chosen(beside) / self.file_name(episode_id, annotator)

    def other_path(self, episode_id: str, annotator: str) -> Path:
        """Where the sidecar would lie if the data folder were (or were not) read-only: it may have been so before."""
        beside, _ = self._place(episode_id)
        other = beside if self._goes_away(beside) else self._away[beside]
        return other / self.file_name(episode_id, annotator)

    def file_name(self, episode_id: str, annotator: str) -> str:
        """Name of a sidecar, the same wherever it lies."""
        return sidecar_name(self._place(episode_id)[1], annotator)

    def companions(self, episode_id: str, suffix: str) -> tuple[Path, Path]:
        """Another file about an episode, beside its sidecars: where it is written, and where it could lie as well."""
        beside, part = self._place(episode_id)
        return self._both(beside, f"{part}{suffix}")

    def companions_of_dataset(self, name: str) -> tuple[Path, Path]:
        """A file about the dataset as a whole: where it is written, and where it could lie as well."""
        return self._both(self._dataset.with_name(self._dataset.name + CONTAINER_SUFFIX), name)

    def name_of(self, episode_id: str) -> str:
        """The id that a sidecar names: the one within the file, so that it holds however the file is opened."""
        return self._ids_inside.get(episode_id) or episode_id

    def all_sidecars(self, sidecar_of: Callable[[str], str | None] = itself) -> list[Path]:
        """Every sidecar of the dataset, of every annotator, wherever it lies, sorted.

        All in the folders of the dataset; in a folder above it only those that belong to its episodes.

        Args:
            sidecar_of: The name of the sidecar that a file of some name belongs to, None for a file that is not wanted;
                by default the sidecars themselves are.
        """
        parts_by_folder: dict[Path, set[str]] = {}
        for beside, part in self._places.values():
            parts_by_folder.setdefault(beside, set()).add(part)
        found: set[Path] = set()
        for beside, parts in parts_by_folder.items():
            ours = beside.name.endswith(CONTAINER_SUFFIX) or beside.is_relative_to(self._dataset)
            for folder in (beside, self._away[beside]):
                belongs = _files_in(folder, sidecar_of)
                found.update(item for item, sidecar in belongs if ours or _episode_of(sidecar) in parts)
        # The order of paths, in a third of the time: ten thousand of them are compared a quarter of a million times.
        return sorted(found, key=lambda path: path.parts)

    def episode_at(self, path: Path, name: str) -> str | None:
        """The episode that a sidecar at a path belongs to; None when the dataset has none there.

        Args:
            path: The sidecar.
            name: The episode id that it names; beside an episode's own file the place decides.
        """
        beside = self._beside.get(path.parent)
        if beside is None:
            return None
        own = self._episode_by_place.get((beside, _episode_of(path.name)))
        if own is not None and self._ids_inside[own] is None:
            return own
        return self._episode_by_place.get((beside, episode_part(name)))

    def _both(self, beside: Path, name: str) -> tuple[Path, Path]:
        away = self._away.get(beside) or self._user_folder(beside)
        return (away / name, beside / name) if self._goes_away(beside) else (beside / name, away / name)

    def _place(self, episode_id: str) -> tuple[Path, str]:
        if episode_id not in self._places:
            raise SidecarError(f"the dataset has no episode {episode_id!r}", where=self._dataset)
        return self._places[episode_id]

    def _chosen(self, beside: Path) -> Path:
        return self._away[beside] if self._goes_away(beside) else beside

    def _goes_away(self, beside: Path) -> bool:
        """Whether the sidecars of a folder cannot lie there; found out when it is first needed, and then it stays."""
        known = self._is_read_only.get(beside)
        return self._is_read_only.setdefault(beside, not _is_writable(beside)) if known is None else known

    def _user_folder(self, beside: Path) -> Path:
        digest = hashlib.sha256(os.fsencode(beside)).hexdigest()[:8]
        return self._user_root / f"{episode_part(beside.name.removesuffix(CONTAINER_SUFFIX))}-{digest}"


def _sidecar_place(place: EpisodePlace, resolve: Callable[[Path], Path]) -> tuple[Path, str]:
    """Folder of an episode's sidecars beside the data, and the episode's part of their names."""
    path = _anchored(place.path, resolve)
    if place.id_inside is None:
        return path.parent, file_part(path.name)
    return path.with_name(path.name + CONTAINER_SUFFIX), episode_part(place.id_inside)


def _episode_of(name: str) -> str:
    return name.removesuffix(".failview.json").rpartition(".")[0]


def _anchored(path: Path, resolve: Callable[[Path], Path] = Path.resolve) -> Path:
    """Absolute, with links resolved in the folder but not in the last part.

    A link to the data (Hugging Face cache, git-annex) has its sidecar beside the link, not in the store behind it.
    """
    if path.name in ("", ".."):
        return resolve(path)
    return resolve(path.parent) / path.name


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


def _files_in(folder: Path, sidecar_of: Callable[[str], str | None]) -> list[tuple[Path, str]]:
    """(file, name of the sidecar that it belongs to)."""
    try:
        with os.scandir(folder) as entries:
            return [(folder / entry.name, name) for entry in entries if (name := sidecar_of(entry.name)) is not None]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SidecarError(f"cannot be listed ({error.strerror})", where=folder) from error
