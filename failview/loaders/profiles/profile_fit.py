"""Whether what a profile says of streams is true of any episode: if not, it is a mistake, and refused with its line."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from failview.errors import ProfileError
from failview.loaders.assembled_dataset import AssembledDataset
from failview.loaders.profiles.profile import PROFILE_IN_FOLDER, RoleMapping
from failview.loaders.profiles.profile_text import ProfileText, did_you_mean
from failview.loaders.roles.profile_roles import mapping_problem
from failview.loaders.roles.stream_summary import Summaries
from failview.model.roles import Role

_LOOKED_AT = 100
"""Of more episodes than this, so many decide, spread over the dataset."""
_NAMED = 6


def require_fit(opened: Path, parts: Sequence[AssembledDataset]) -> None:
    """Refuse a profile that maps a role to what no episode has. What only some have is a warning on the others.

    Args:
        opened: What the user opened; a profile of the folder around it may speak of its neighbours.
        parts: The datasets in it.

    Raises:
        ProfileError: No episode has the stream or the columns; names the line and the nearest names.
    """
    for path in dict.fromkeys(part.profile.path for part in parts):
        if path is None or (path.name == PROFILE_IN_FOLDER and path.parent != opened):
            continue
        same = [part for part in parts if part.profile.path == path]
        episodes = _Episodes(same)
        for role, mapping in same[0].profile.roles.items():
            if mapping.streams:
                _require_one(path, role, mapping, episodes)


class _Episodes:
    """Summaries of the streams of episodes, read only as far as somebody asks."""

    def __init__(self, parts: Sequence[AssembledDataset]) -> None:
        self._known: list[Summaries] = []
        self._more = _read(parts)

    def __iter__(self) -> Iterator[Summaries]:
        yield from self._known
        for summaries in self._more:
            self._known.append(summaries)
            yield summaries


def _read(parts: Sequence[AssembledDataset]) -> Iterator[Summaries]:
    for part in parts:
        yield part.sampled_streams()
    left = _LOOKED_AT
    for part in parts:
        for summaries in part.streams_of_episodes(left):
            left -= 1
            yield summaries


def _require_one(path: Path, role: Role, mapping: RoleMapping, episodes: _Episodes) -> None:
    problem, names = "", dict[str, None]()
    for summaries in episodes:
        names.update(dict.fromkeys(summaries))
        found = mapping_problem(role, mapping, summaries) if summaries else "no stream at all"
        if not found:
            return
        problem = problem if problem and not summaries else found
    if not names:
        return  # nothing can be read: that is told elsewhere
    missing = next((stream for stream in mapping.streams if stream not in names), "")
    hint = did_you_mean(missing, names) if missing else ""
    shown = f"Streams: {', '.join(list(names)[:_NAMED])}{', …' if len(names) > _NAMED else ''}"
    what = f"no episode has the stream {missing}" if missing else f"this fits no episode: {problem}"
    key = "stream" if missing or mapping.columns is None else "columns"
    raise _at(path, f"roles.{role.value}", key, what, f"{hint}{shown if missing else ''}")


def _at(path: Path, table: str, key: str, what: str, hint: str) -> ProfileError:
    return ProfileText(path, path.read_text(encoding="utf-8")).refuse(what, table, key, hint)
