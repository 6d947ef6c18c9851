"""The file of one episode: what it is of, the first look, what was found, and the raw arrays.

It is an .npz that numpy reads. `head`, `look` and `findings` are JSON in UTF-8 (`json.loads(file["findings"].item())`),
`times_ns` are the times of the arrays where they do not follow the frames, and every other member is a raw array by its
name with unit. It can be computed again at any time, so that a damaged one is as good as none.
"""

import contextlib
import io
import json
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from failview.model.signals import Values
from failview.proposals.array_archive import DAMAGED, Array, names, pack, unpack, with_last
from failview.sidecars.atomic_file import replace_computed

SUFFIX = ".detections.npz"

_VERSION = 1
_MOST_BYTES = 2**30
"""No episode's arrays come near; a larger file is not one of ours and is not read into memory."""
_HEAD, _LOOK, _FINDINGS, _TIMES = "head", "look", "findings", "times_ns"
_OURS = frozenset({_HEAD, _LOOK, _FINDINGS, _TIMES})


@dataclass(frozen=True)
class Head:
    """What a file is of.

    Attributes:
        episode_id: The episode.
        fingerprint: Hash over it, as the detectors see it.
        key: Hash over everything else that decides: settings, profile, failview's code.
        stamp: State of the source files, by which they are known to be unchanged without being read; may be empty.
        version: Of this kind of file.
    """

    episode_id: str
    fingerprint: str
    key: str
    stamp: str
    version: int = _VERSION


def write_look(
    path: Path, head: Head, look: Any, arrays: Mapping[str, Values], times_ns: npt.NDArray[np.int64] | None
) -> None:
    """Write what the first look gave. Arrays of numbers are kept as float32.

    Raises:
        OSError: It cannot be written.
    """
    members: dict[str, Array] = {_HEAD: _text(asdict(head)), _LOOK: _text(look)}
    members |= {} if times_ns is None else {_TIMES: times_ns}
    members |= {name: np.asarray(values, dtype=np.float32) for name, values in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_computed(path, pack(members))


def write_head(path: Path, head: Head) -> None:
    """Replace the head alone, of the same key and content.

    Raises:
        OSError: It cannot be written.
        One of DAMAGED: There is no such file.
    """
    with _opened(path) as archive:
        _require_key(archive, head.key, head.fingerprint)
        members = {name: unpack(archive, name) for name in names(archive)}
    replace_computed(path, pack({**members, _HEAD: _text(asdict(head))}))


def write_findings(path: Path, key: str, learnt: str, findings: Any) -> None:
    """Add what was found under a key, in the light of what was learnt (its hash).

    Raises:
        OSError: It cannot be written.
        One of DAMAGED: There is no first look of this key; another failview may have put its own there meanwhile.
    """
    content = _content(path)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _require_key(archive, key)
    replace_computed(path, with_last(content, _FINDINGS, _text({"learnt": learnt, **findings})))


def read_head(path: Path) -> Head | None:
    """The head; None when there is no usable file."""
    try:
        with _opened(path) as archive:
            plain = _json(archive, _HEAD)
        head = Head(**{name: plain[name] for name in ("episode_id", "fingerprint", "key", "stamp", "version")})
    except DAMAGED:
        return None
    texts = (head.episode_id, head.fingerprint, head.key, head.stamp)
    return head if head.version == _VERSION and all(isinstance(text, str) for text in texts) else None


def read_look(path: Path, key: str) -> Any:
    """Plain values of the first look.

    Raises:
        One of DAMAGED: There is none of this key.
    """
    with _opened(path) as archive:
        _require_key(archive, key)
        return _json(archive, _LOOK)


def read_findings(path: Path) -> tuple[str, Any] | None:
    """(hash of what was learnt, plain values of what was found); None when there are none."""
    with contextlib.suppress(*DAMAGED), _opened(path) as archive:
        plain = _json(archive, _FINDINGS)
        return str(plain["learnt"]), plain
    return None


def read_arrays(path: Path) -> tuple[dict[str, Values], npt.NDArray[np.int64] | None]:
    """(raw arrays by name with unit, their times or None).

    Raises:
        One of DAMAGED: There are none.
    """
    with _opened(path) as archive:
        found = names(archive)
        times_ns = unpack(archive, _TIMES).astype(np.int64) if _TIMES in found else None
        arrays = {name: unpack(archive, name).astype(np.float64) for name in found if name not in _OURS}
    for name, values in arrays.items():
        fits = times_ns is None or times_ns.shape == values.shape[:1]
        if values.ndim not in {1, 2} or not values.size or not fits:
            raise ValueError(f"{name} of shape {values.shape}")
    return arrays, times_ns


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(io.BytesIO(_content(path))) as archive:
        yield archive


def _content(path: Path) -> bytes:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
        raise ValueError("none of our files")
    return path.read_bytes()


def _require_key(archive: zipfile.ZipFile, key: str, fingerprint: str = "") -> None:
    head = _json(archive, _HEAD)
    if head["key"] != key or (fingerprint and head["fingerprint"] != fingerprint):
        raise ValueError("of another key or content")


def _text(plain: Any) -> npt.NDArray[np.bytes_]:
    return np.array(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace"))


def _json(archive: zipfile.ZipFile, name: str) -> Any:
    text = unpack(archive, name)
    if text.dtype.kind != "S" or text.shape != ():
        raise ValueError(f"{name} is no text")
    return json.loads(text.item())
