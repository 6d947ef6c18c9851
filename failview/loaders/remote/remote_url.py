"""Addresses of datasets on other machines."""

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from failview.errors import DatasetError

_ADDRESS = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?P<slashes>//?)(?P<rest>[^/].*)$", re.DOTALL)
_SCHEMES = frozenset(
    {"http", "https", "s3", "s3a", "gs", "gcs", "memory", "abfs", "az", "adl", "hf", "oci", "r2", "sftp"}
)
"""Known also where somebody made a Path of the address, which leaves one slash of two."""
HTTP_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True)
class RemoteUrl:
    """An address, taken apart.

    Attributes:
        scheme: "https", "s3", …
        host: Host with port, or bucket; no user name and no password.
        secret: User name and password before the host, with the "@"; usually empty. Never shown.
        path: Path there, as a person would write it (not percent-encoded), without a slash at either end.
        query: What follows the "?", with it; may hold a signature. Never shown.
    """

    scheme: str
    host: str
    secret: str
    path: str
    query: str

    @property
    def shown(self) -> str:
        """The address without what is secret."""
        return f"{self.scheme}://{self.host}/{self.path}".rstrip("/")


def as_remote_url(path: str | Path) -> RemoteUrl | None:
    """The address that a text is; None when it is a path of this machine. Nothing is asked of the network.

    Raises:
        DatasetError: An address that leads out of its host or bucket, or without a path.
    """
    found = _ADDRESS.match(str(path))
    if not found or (found["slashes"] == "/" and found["scheme"].lower() not in _SCHEMES):
        return None
    scheme = found["scheme"].lower()
    if scheme == "file":
        return None
    place, _, rest = found["rest"].partition("/")
    secret, _, host = place.rpartition("@")
    path_there, mark, query = rest.partition("?") if scheme in HTTP_SCHEMES else (rest, "", "")
    plain = unquote(path_there) if scheme in HTTP_SCHEMES else path_there
    parts = [part for part in posixpath.normpath(plain).split("/") if part not in {"", "."}]
    if ".." in parts or "\0" in plain:
        raise DatasetError("this address leads out of its host", where=f"{scheme}://{host}/{plain}")
    return RemoteUrl(scheme, host, f"{secret}@" if secret else "", "/".join(parts), mark + query)


def as_local_path(path: str | Path) -> Path:
    """The path of this machine that a text is; "file://…" too."""
    text = str(path)
    if text.startswith("file:/"):
        return Path(unquote("/" + text.removeprefix("file:").lstrip("/")))
    return Path(path).expanduser()
