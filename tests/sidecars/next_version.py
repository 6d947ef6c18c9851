"""A second version of the default taxonomy, with every kind of change in it, and the mapping that leads there."""

import re
from pathlib import Path

from failview.sidecars.taxonomy_file import default_taxonomy_path, load_taxonomy
from failview.sidecars.taxonomy_mapping import TaxonomyMapping, load_mapping

MAPPING = """
from = "failview-tabletop 1.0.0"
to = "failview-tabletop 2.0.0"

[[categories]]
id = "perception"
change = "renamed"
to = "sensing"

[[subcategories]]
id = "other_perception"
change = "renamed"
to = "other_sensing"

[[subcategories]]
id = "missed_grasp"
change = "renamed"
to = "empty_grasp"

[[subcategories]]
id = "slip_during_lift"
change = "split"
to = ["early_slip", "late_slip"]
reason = "Slips are told apart by the height at which they begin."

[[subcategories]]
id = "unstable_grasp"
change = "removed"
to = "other_grasp"
reason = "Turning in the hand is no failure any more."

[[subcategories]]
id = "dropped_in_transport"
change = "redefined"
reason = "Counts from 10 cm on, no longer from 5 cm."

[[subcategories]]
id = "tipped_after_release"
change = "moved"

[[subcategories]]
id = "gripper_obstacle"
change = "merged"
to = "robot_contact"

[[subcategories]]
id = "arm_environment"
change = "merged"
to = "robot_contact"

[[proximal_causes]]
id = "object_rolled"
change = "removed"
reason = "It said nothing that the pictures do not show."

[[proximal_causes]]
id = "released_high"
change = "renamed"
to = "opened_high"

[[distal_causes]]
id = "occluded_target"
change = "merged"
to = "cluttered_scene"
"""


def second_version() -> str:
    """The file of version 2.0.0."""
    text = default_taxonomy_path().read_text(encoding="utf-8").replace('version = "1.0.0"', 'version = "2.0.0"')
    slip = _block(text, "slip_during_lift")
    early = slip.replace('"slip_during_lift"', '"early_slip"')
    late = slip.replace('"slip_during_lift"', '"late_slip"').replace("digit = 2", "digit = 3")
    text = text.replace(slip, f"{early}\n{late}")
    tipped = _block(text, "tipped_after_release")
    for gone in ("unstable_grasp", "tipped_after_release", "arm_environment", "object_rolled", "occluded_target"):
        text = text.replace(_block(text, gone), "")
    contact = _block(text, "gripper_obstacle")
    moved = tipped.replace("digit = 3", "digit = 2")
    text = text.replace(contact, contact.replace('"gripper_obstacle"', '"robot_contact"') + f"\n{moved}")
    renamed = {
        "missed_grasp": "empty_grasp",
        "perception": "sensing",
        "other_perception": "other_sensing",
        "released_high": "opened_high",
    }
    for before, after in renamed.items():
        text = text.replace(f'id = "{before}"', f'id = "{after}"')
    return text.replace("carried 5 cm sideways and", "carried 10 cm sideways and")


def write_second_version(folder: Path, mapping: str = MAPPING) -> Path:
    """The file of version 2.0.0 in a folder, with the mapping beside it."""
    path = folder / "taxonomy.toml"
    path.write_text(second_version(), encoding="utf-8")
    (folder / "taxonomy.migration.toml").write_text(mapping, encoding="utf-8")
    return path


def mapping_to_second_version(folder: Path, mapping: str = MAPPING) -> TaxonomyMapping:
    """The mapping as it is loaded."""
    path = write_second_version(folder, mapping)
    return load_mapping(path, load_taxonomy(path))


def _block(text: str, identifier: str) -> str:
    """The table of an entry, with its heading."""
    found = re.search(rf'\[\[[a-z_.]+\]\]\nid = "{identifier}"\n(?:.+\n)+', text)
    assert found, identifier
    return found[0]
