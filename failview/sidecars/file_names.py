"""File names of sidecars: any episode id and annotator name, made safe, and never two of them the same."""

import hashlib
import re
import string
from functools import lru_cache

from failview.errors import SidecarError

SIDECAR_SUFFIX = ".failview.json"
PREVIOUS_SUFFIX = ".previous"

_BEHIND = re.compile(r"(?P<sidecar>.+\.failview\.json)(?:\.previous|(?:\.previous)?\.(?:broken|foreign)-\d+)")

_NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + "_-")
_ID_CHARACTERS = _NAME_CHARACTERS | {"."}

_MAX_ID_BYTES = 120
_MAX_ANNOTATOR_BYTES = 60
"""Together with the suffixes of temporary and set-aside files they stay below the 255 bytes of common file systems."""

_HASH_DIGITS = 16


@lru_cache(maxsize=64)
def annotator_part(annotator: str) -> str:
    """The annotator's name as part of a file name; holds no dot, so that the last dot ends the episode's part.

    Raises:
        SidecarError: The name is empty.
    """
    if not annotator:
        raise SidecarError("the annotator has no name", hint="Give one with --annotator")
    return _shortened(_percent_encoded(annotator, _NAME_CHARACTERS), annotator, _MAX_ANNOTATOR_BYTES)


def episode_part(episode_id: str) -> str:
    """An episode id as part of a file name; it cannot leave its folder and is not hidden."""
    encoded = _percent_encoded(episode_id, _ID_CHARACTERS)
    if encoded.startswith("."):
        encoded = f"%2E{encoded[1:]}"
    return _shortened(encoded, episode_id, _MAX_ID_BYTES)


def file_part(file_name: str) -> str:
    """The name of an episode's own file or folder as part of its sidecar's name: as it is, unless it is too long."""
    return _shortened(file_name, file_name, _MAX_ID_BYTES)


def sidecar_name(episode: str, annotator: str) -> str:
    """Name of a sidecar.

    Args:
        episode: Result of episode_part or file_part.
        annotator: The annotator's name as it is.
    """
    return f"{episode}.{annotator_part(annotator)}{SIDECAR_SUFFIX}"


def is_sidecar_name(name: str) -> bool:
    """Whether a file of this name is a current sidecar: not a previous version, not a temporary file."""
    return name.endswith(SIDECAR_SUFFIX) and name.count(".") > SIDECAR_SUFFIX.count(".")


def sidecar_behind(name: str) -> str | None:
    """The sidecar of which a file of this name is the previous version or what was set aside; None for other files."""
    matched = _BEHIND.fullmatch(name)
    return matched["sidecar"] if matched else None


def _percent_encoded(text: str, allowed: frozenset[str]) -> str:
    # surrogatepass: names of files that are not UTF-8 reach us with lone surrogates, and must stay distinct.
    return "".join(
        char if char in allowed else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
        for char in text
    )


def _shortened(encoded: str, original: str, max_bytes: int) -> str:
    """The name itself, or its beginning with a hash; "~" occurs in no encoded name."""
    if len(encoded.encode("utf-8", "surrogatepass")) <= max_bytes:
        return encoded
    digest = hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    room = max_bytes - _HASH_DIGITS - 1
    beginning = encoded.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore")
    return f"{beginning}~{digest}"
