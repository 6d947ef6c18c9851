"""Remembers between runs what listing found in each file, so that ten thousand files need not be opened again.

Only the list of episodes comes from here. Whatever is shown or judged is read from the data itself.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import platformdirs

_VERSION = 1
_KEPT_DATASETS = 200
_SAMPLE_BYTES = 65536


class IndexCache:
    """What is known about the files of one dataset. A missing, damaged or foreign cache is an empty one.

    A file counts as unchanged while its size, its identity and both its times are the same: that of its content, and
    that of its status, which no program can set back. A dataset of one file is also told by its beginning and its end.
    Several processes may use it at the same time; the last one to save wins.

    Args:
        dataset: The file or folder.
        kind: What is remembered, with a version; a cache of another kind is not used.
    """

    def __init__(self, dataset: Path, kind: str) -> None:
        self._given = dataset
        self._head = [_VERSION, kind, os.path.abspath(dataset)]  # noqa: PTH100 - without following links
        digest = hashlib.sha256(json.dumps(self._head).encode()).hexdigest()[:32]
        self._path = platformdirs.user_cache_path("failview") / "episodes" / f"{digest}.json"
        self._known = self._read()
        self._current: dict[str, Any] = {}
        self._stamps: dict[Path, list[Any] | None] = {}

    def get(self, file: Path) -> Any:
        """What was remembered of a file, as JSON gives it back; None when it changed or is new."""
        entry, stamp = self._known.get(str(file)), self._stamp(file)
        self._stamps[file] = stamp
        if stamp is None or not isinstance(entry, list) or len(entry) != 2 or entry[0] != stamp:
            return None
        self._current[str(file)] = entry
        return entry[1]

    def put(self, file: Path, found: Any) -> None:
        """Remember something that JSON can hold, found since `get` was asked: a file that changes meanwhile counts."""
        stamp = self._stamps[file] if file in self._stamps else self._stamp(file)
        if stamp is not None:
            self._current[str(file)] = [stamp, found]

    def save(self) -> None:
        """Write what is known now, if it changed; a disk that is full or read-only does not matter."""
        if self._current == self._known:
            return
        content = json.dumps({"head": self._head, "files": self._current}, separators=(",", ":"))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".new-", suffix=".json", dir=self._path.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(content)
                Path(name).replace(self._path)
            except BaseException:
                Path(name).unlink()
                raise
            self._forget_the_oldest()
        self._known = dict(self._current)

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(content, dict) or content.get("head") != self._head:
            return {}
        files = content.get("files")
        return files if isinstance(files, dict) else {}

    def _stamp(self, file: Path) -> list[Any] | None:
        try:
            status = file.stat()
            stamp: list[Any] = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
            if file == self._given:
                stamp.append(_sample(file, status.st_size))
        except OSError:
            return None
        return stamp

    def _forget_the_oldest(self) -> None:
        caches = sorted(self._path.parent.glob("[!.]*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in caches[_KEPT_DATASETS:]:
            path.unlink()


def _sample(file: Path, size: int) -> str:
    """Hash over the beginning and the end of a file."""
    with file.open("rb") as content:
        head = content.read(_SAMPLE_BYTES)
        content.seek(max(0, size - _SAMPLE_BYTES))
        return hashlib.sha256(head + content.read(_SAMPLE_BYTES)).hexdigest()
