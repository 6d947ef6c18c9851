"""Paths that a dataset's own description gives: they must stay inside the dataset."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from failview.loaders.remote.remote_path import RemotePath

_FIELD = re.compile(r"\{(\w+)(?::0?(\d{1,2})d?)?\}")


def fill_template(template: str, values: Mapping[str, int | str]) -> str | None:
    """A path template with its fields filled; None when it has a field that is not known or not understood.

    Only `{name}` and `{name:03d}` are understood: a template from a file is no format string to be trusted.
    """
    unknown = False

    def field(match: re.Match[str]) -> str:
        nonlocal unknown
        value = values.get(match.group(1))
        if value is None:
            unknown = True
            return ""
        return f"{value:0{int(match.group(2))}d}" if match.group(2) and isinstance(value, int) else str(value)

    filled = _FIELD.sub(field, template)
    return None if unknown or "{" in filled or "}" in filled else filled


def inside(root: Path, relative: str) -> Path | None:
    """The path below a root; None when it leads outside, also through a link.

    Links into the store that a download tool keeps beside the dataset are no way out.
    """
    if not relative or "\0" in relative:
        return None
    path = root / relative
    target = path.resolve()
    if isinstance(root, RemotePath):
        return path if target.is_relative_to(root.resolve()) else None
    allowed = (root.resolve(), *_stores(root))
    return path if any(target.is_relative_to(folder) for folder in allowed) else None


def _stores(root: Path) -> Iterator[Path]:
    """Where the files behind the links of a dataset lie.

    The Hugging Face cache has `datasets--…/snapshots/<revision>` linking into `datasets--…/blobs`; git-annex links into
    `.git/annex/objects` of the repository.
    """
    place = root.absolute()
    for folder in (place, *place.parents):
        if folder.name == "snapshots" and (folder.parent / "blobs").is_dir():
            yield (folder.parent / "blobs").resolve()
        if (folder / ".git" / "annex" / "objects").is_dir():
            yield (folder / ".git" / "annex" / "objects").resolve()
