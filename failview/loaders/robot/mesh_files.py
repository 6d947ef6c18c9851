"""Finds the mesh files that a robot model names."""

from pathlib import Path

_BEGINNINGS = {".stl": b"", ".obj": b"v ", ".glb": b"glTF", ".gltf": b"{", ".dae": b"COLLADA"}
"""What the viewer can draw, and what stands in the first kilobytes of such a file."""

_HEAD_BYTES = 8192
_LFS = b"version https://git-lfs"
_STL_HEAD_BYTES, _STL_TRIANGLE_BYTES = 84, 50

_LEVELS_UP = 4
"""Folders above the model in which a package may lie; a name that leads farther out is not followed."""

_PACKAGE = "package://"


def mesh_file(model: Path, name: str) -> Path | None:
    """The file of a mesh; None when it is not there, not drawable, or outside the model's surroundings.

    Args:
        model: The model file.
        name: As the model names it: relative to the model, or package://PACKAGE/PATH, looked for in the folders above.
    """
    folders = list(model.resolve().parents)[:_LEVELS_UP]
    if name.startswith(_PACKAGE):
        inside = name.removeprefix(_PACKAGE)
        _, _, rest = inside.partition("/")
        candidates = [folder / part for folder in folders for part in (inside, rest)]
    elif "://" in name or Path(name).is_absolute():
        return None
    else:
        candidates = [folders[0] / name]
    for candidate in candidates:
        found = candidate.resolve()
        if found.is_relative_to(folders[-1]) and found.is_file() and _is_mesh(found):
            return found
    return None


def _is_mesh(file: Path) -> bool:
    """Whether a file holds what its ending says: the viewer puts a message on the screen for each one that does not."""
    wanted = _BEGINNINGS.get(file.suffix.lower())
    try:
        with file.open("rb") as content:
            head = content.read(_HEAD_BYTES)
        size = file.stat().st_size
    except OSError:
        return False
    if wanted is None or not head or head.startswith(_LFS) or wanted not in head:
        return False
    if file.suffix.lower() != ".stl" or (head.lstrip().startswith(b"solid") and b"facet" in head):
        return True
    return size == _STL_HEAD_BYTES + _STL_TRIANGLE_BYTES * int.from_bytes(head[80:84], "little")
