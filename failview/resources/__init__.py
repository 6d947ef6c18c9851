"""Files that ship with failview: layouts, the default taxonomy, the demo dataset."""

from pathlib import Path

_PACKAGED = Path(__file__).parent
_CHECKOUT = Path(__file__).parents[2]


def _shipped(name: str) -> Path:
    """A data folder: inside the package when installed from a wheel, at the top level of a source checkout."""
    packaged = _PACKAGED / name
    return packaged if packaged.is_dir() else _CHECKOUT / name


def blueprint_path(stage: str) -> Path:
    """The layout of the viewer for a stage ("detail")."""
    return _shipped("blueprints") / f"{stage}.toml"


def taxonomy_dir() -> Path:
    """The folder of the default taxonomy's released versions ("v1")."""
    return _shipped("taxonomy")


def demo_dataset_dir() -> Path:
    """The bundled demo dataset (LeRobot v3.0). Read-only by agreement: copy it before annotating."""
    return _PACKAGED / "demo" / "pick_place"


def demo_truth_path() -> Path:
    """What really happened in each episode of the demo dataset, by its number."""
    return _PACKAGED / "demo" / "pick_place_truth.json"
