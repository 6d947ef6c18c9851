"""A mapping file is refused for what is wrong in it, all of it, and never half understood."""

from pathlib import Path

import pytest

from failview.errors import TaxonomyError
from failview.sidecars.taxonomy_file import check_taxonomy, load_taxonomy
from failview.sidecars.taxonomy_mapping import Change, check_mapping, load_mapping
from tests.sidecars.next_version import MAPPING, mapping_to_second_version, write_second_version


def test_the_second_version_is_a_taxonomy_and_its_mapping_is_right(tmp_path: Path) -> None:
    path = write_second_version(tmp_path)
    assert check_taxonomy(path) == []
    assert check_mapping(path, load_taxonomy(path)) == []


def test_every_change_is_read(tmp_path: Path) -> None:
    mapping = mapping_to_second_version(tmp_path)
    assert (mapping.source, mapping.destination) == ("failview-tabletop 1.0.0", "failview-tabletop 2.0.0")
    split = mapping.mapped["subcategories"]["slip_during_lift"]
    assert (split.change, split.targets, split.re_review) == (Change.SPLIT, ("early_slip", "late_slip"), True)
    assert mapping.mapped["subcategories"]["missed_grasp"].re_review is False
    assert mapping.mapped["subcategories"]["dropped_in_transport"].targets == ("dropped_in_transport",)
    assert mapping.mapped["proximal_causes"]["object_rolled"].targets == ()
    assert mapping.knows("subcategories", "joint_limit")
    assert not mapping.knows("subcategories", "joint_limits")


PROBLEMS = {
    "from": ('from = "failview-tabletop 1.0.0"', 'from = "1.0.0"', "from must be an id and a version"),
    "to": ('to = "failview-tabletop 2.0.0"', 'to = "x 2.0.0"', 'to must be "failview-tabletop 2.0.0"'),
    "same": ('from = "failview-tabletop 1.0.0"', 'from = "failview-tabletop 2.0.0"', "are the same version"),
    "key": ('[[categories]]\nid = "perception"', '[[categorys]]\nid = "x"', 'did you mean "categories"?'),
    "entry key": ('to = "empty_grasp"', 'too = "empty_grasp"', "unknown key 'too'"),
    "target": ('to = "empty_grasp"', 'to = "emptygrasp"', "has no 'emptygrasp' among its subcategories"),
    "change": ('change = "moved"', 'change = "shifted"', "tipped_after_release: change must be one of renamed, merged"),
    "no target": ('change = "renamed"\nto = "empty_grasp"', 'change = "renamed"', "missed_grasp: to must name the new"),
    "split": ('["early_slip", "late_slip"]', '"early_slip"', "a split needs the list of ids"),
    "several": ('to = "empty_grasp"', 'to = ["early_slip", "late_slip"]', "only a split has several ids"),
    "removed": ('to = "other_grasp"', 'to = "early_slip"', "a removed subcategory needs an other_"),
    "still there": (
        'id = "missed_grasp"',
        'id = "joint_limit"',
        "joint_limit: is called renamed, but the new version still has it",
    ),
    "redefined": ('id = "dropped_in_transport"', 'id = "dropped"', "dropped: the new version does not have it"),
    "reason": (
        'reason = "Counts from 10 cm on, no longer from 5 cm."',
        "",
        "dropped_in_transport: reason must say what changed",
    ),
    "twice": ('id = "arm_environment"', 'id = "gripper_obstacle"', "id gripper_obstacle is used twice"),
    "flag": ('change = "moved"', 'change = "moved"\nre_review = "yes"', "re_review must be true or false"),
    "cause moved": (
        'id = "object_rolled"\nchange = "removed"',
        'id = "off_centre_contact"\nchange = "moved"',
        "only a",
    ),
    "no id": ('id = "object_rolled"\n', "", "proximal_causes number 1: id is missing"),
    "list": ('to = "empty_grasp"', "to = 3", "to must be an id, or for a split a list of ids"),
    "toml": ('to = "empty_grasp"', "to = ", "is not valid TOML"),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_is_wrong_is_named(tmp_path: Path, case: str) -> None:
    good, bad, expected = PROBLEMS[case]
    assert MAPPING.count(good) == 1
    path = write_second_version(tmp_path, MAPPING.replace(good, bad))
    taxonomy = load_taxonomy(path)
    assert any(expected in problem for problem in check_mapping(path, taxonomy)), check_mapping(path, taxonomy)
    with pytest.raises(TaxonomyError, match=r"taxonomy\.migration\.toml: "):
        load_mapping(path, taxonomy)


def test_the_example_of_the_readme_is_a_mapping(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = readme.split("### A new version")[1].split("```toml\n")[1].split("```")[0]
    shown = mapping_to_second_version(tmp_path, example)
    assert shown.mapped == mapping_to_second_version(tmp_path, MAPPING).mapped
    changes = {item.change for table in shown.mapped.values() for item in table.values()}
    assert changes == set(Change), "every kind of change is shown"


def test_without_a_mapping_there_is_no_way(tmp_path: Path) -> None:
    path = write_second_version(tmp_path)
    (tmp_path / "taxonomy.migration.toml").unlink()
    with pytest.raises(TaxonomyError, match=r"no mapping leads to failview-tabletop 2\.0\.0\. Write one"):
        load_mapping(path, load_taxonomy(path))
    assert check_mapping(path, load_taxonomy(path)) == []


@pytest.mark.parametrize("content", ["categories = 3", "subcategories = [1, 2]", "[proximal_causes]\nid = 1"])
def test_nonsense_is_a_list_of_problems_not_a_crash(tmp_path: Path, content: str) -> None:
    path = write_second_version(tmp_path, content)
    problems = check_mapping(path, load_taxonomy(path))
    assert any("must be tables" in problem for problem in problems)
