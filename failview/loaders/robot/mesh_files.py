"""Finds the mesh files that a robot model names."""

from pathlib import Path

_SUFFIXES = frozenset({".stl", ".obj", ".glb", ".gltf", ".dae"})
"""What the viewer can draw."""

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
        if found.suffix.lower() in _SUFFIXES and found.is_relative_to(folders[-1]) and found.is_file():
            return found
    return None
