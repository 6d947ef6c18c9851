"""The default taxonomy is complete and never changes; a wrong file is told what is wrong, all of it."""

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

from failview.errors import TaxonomyError
from failview.model.taxonomy import Taxonomy
from failview.sidecars.annotation_schema import annotation_schema
from failview.sidecars.taxonomy_file import check_taxonomy, default_taxonomy_path, load_taxonomy

RELEASED = {
    "v1/taxonomy.toml": "6b4bc9daaad48e9a1c2596a192870338b4609436defcf6587f3866aaca13e704",
    "v1/annotation.schema.json": "3dfcaa6d65d5847f50856ec18fe01106e9fc29a75cf21668a0a9ac2b09a1b4be",
}

IDS = {
    "grasp": ["missed_grasp", "slip_during_lift", "unstable_grasp", "other_grasp"],
    "placement": ["dropped_in_transport", "missed_target", "tipped_after_release", "other_placement"],
    "collision": ["gripper_obstacle", "arm_environment", "object_knocked_over", "other_collision"],
    "perception": ["invalid_depth", "object_not_detected", "wrong_object_identity", "other_perception"],
    "planning": ["infeasible_approach", "joint_limit", "trajectory_through_obstacle", "other_planning"],
}

SMALL = """
id = "mine"
version = "2.1.0"
title = "My own"

[[categories]]
id = "pour"
name = "Pouring"
digit = 1
definition = "The liquid does not end in the cup."

[[categories.subcategories]]
id = "spilled"
name = "Spilled"
digit = 1
definition = "Liquid ends outside of the cup."
onset = "First drop outside."
obvious = "First puddle."

[[categories.subcategories]]
id = "other_pour"
name = "Other"
digit = 2
definition = "Pouring fails in another way than spilling."
onset = "First wrong frame."
obvious = "First clear frame."

[[proximal_causes]]
id = "shook"
name = "Shook"
definition = "The hand shook while it was pouring."
clip = { episode_id = "demo_3", start_frame = 10, end_frame = 20 }

[[distal_causes]]
id = "full"
name = "Too full"
definition = "The jug was filled to its very edge."
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_version_is_never_edited(name: str) -> None:
    content = (default_taxonomy_path().parents[1] / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == RELEASED[name], f"{name} is released: make a new version instead"


def test_the_default_taxonomy_has_the_agreed_ids_in_digit_order(taxonomy: Taxonomy) -> None:
    assert {item.id: [sub.id for sub in item.subcategories] for item in taxonomy.categories} == IDS
    assert [item.digit for item in taxonomy.categories] == [1, 2, 3, 4, 5]
    assert all([sub.digit for sub in item.subcategories] == [1, 2, 3, 4] for item in taxonomy.categories)
    assert (taxonomy.id, taxonomy.version) == ("failview-tabletop", "1.0.0")


def test_the_default_taxonomy_defines_everything(taxonomy: Taxonomy) -> None:
    assert 15 <= len(taxonomy.proximal_causes) <= 20
    assert 15 <= len(taxonomy.distal_causes) <= 20
    subcategories = [sub for item in taxonomy.categories for sub in item.subcategories]
    assert all(sub.onset_rule and sub.obvious_rule and sub.detector_kinds for sub in subcategories)
    sentences = [item.definition for item in (*subcategories, *taxonomy.proximal_causes, *taxonomy.distal_causes)]
    assert all(text.endswith(".") and ". " not in text for text in sentences), "a definition is one sentence"
    assert len(set(sentences)) == len(sentences)


def test_the_default_taxonomy_passes_its_own_check() -> None:
    assert check_taxonomy(default_taxonomy_path()) == []


def test_the_shipped_schema_is_the_schema_of_the_default_taxonomy(taxonomy: Taxonomy) -> None:
    shipped = json.loads((default_taxonomy_path().parent / "annotation.schema.json").read_text(encoding="utf-8"))
    assert annotation_schema(taxonomy) == shipped
    jsonschema.Draft202012Validator.check_schema(shipped)


def test_a_users_taxonomy_puts_its_ids_into_the_schema(small: Path) -> None:
    mine = load_taxonomy(small)
    schema = annotation_schema(mine)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["subcategory"]["enum"] == ["spilled", "other_pour", None]
    assert "slip_during_lift" not in json.dumps(schema)
    clip = mine.proximal_causes[0].clip
    assert clip is not None
    assert (clip.episode_id, clip.start_frame, clip.end_frame) == ("demo_3", 10, 20)


PROBLEMS = {
    "version": ('version = "2.1.0"', 'version = "2.1"', "the file: version '2.1' must be three numbers like 1.0.0"),
    "id": ('id = "mine"', 'id = "My Own"', "the file: id 'My Own' must be lower-case letters, digits, - and _"),
    "title": ('title = "My own"', "", "the file: title is missing"),
    "unknown key": ('title = "My own"', 'title = "My own"\ncolour = 3', "the file: unknown key 'colour'"),
    "digit": ('digit = 1\ndefinition = "The', 'digit = 12\ndefinition = "The', "category pour: digit must be a key"),
    "category digit": (
        'digit = 1\ndefinition = "The',
        'digit = 6\ndefinition = "The',
        "pour: digit must be a key from 1 to 5",
    ),
    "subcategory digit": ("digit = 2", "digit = 5", "subcategory other_pour: digit must be a key from 1 to 4"),
    "misspelt key": (
        'obvious = "First puddle."',
        'obviuos = "First puddle."',
        "unknown key 'obviuos'; did you mean \"obvious\"?",
    ),
    "repeated digit": ("digit = 2", "digit = 1", "subcategory of category pour: digit 1 is used twice"),
    "repeated id": ('id = "other_pour"', 'id = "spilled"', "subcategory: id spilled is used twice"),
    "no other": ('id = "other_pour"', 'id = "else_pour"', "category pour: has no subcategory other_pour"),
    "foreign other": ('id = "spilled"', 'id = "other_grasp"', "subcategory other_grasp: the name other_… is kept"),
    "no definition": (
        'definition = "Liquid ends outside of the cup."',
        "",
        "subcategory spilled: definition is missing",
    ),
    "short definition": ("Liquid ends outside of the cup.", "Wet.", "the definition has 1 words; 5 to 60 are wanted"),
    "long definition": ("Liquid ends outside of the cup.", "wet " * 61, "the definition has 61 words"),
    "no onset": ('onset = "First drop outside."', "", "subcategory spilled: onset is missing"),
    "no obvious": ('obvious = "First puddle."', "", "subcategory spilled: obvious is missing"),
    "text": ('name = "Spilled"', "name = 7", "subcategory spilled: name must be text"),
    "kinds": ('onset = "First drop', 'detector_kinds = "slip"\nonset = "First drop', "detector_kinds must be a list"),
    "clip": ("end_frame = 20", "end_frame = 2", "proximal cause shook: clip must start at frame 0"),
    "clip keys": (", end_frame = 20", "", "proximal cause shook: clip must have episode_id"),
    "no id": ('id = "shook"\n', "", "proximal cause number 1: id is missing"),
    "bad cause id": ('id = "full"', 'id = "Too-full"', "distal cause Too-full: id 'Too-full' must be"),
    "toml": ("[[distal_causes]]", "[[distal_causes]", "is not valid TOML"),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_check_names_the_entry_and_what_is_wrong(small: Path, case: str) -> None:
    good, bad, expected = PROBLEMS[case]
    assert SMALL.count(good) == 1
    assert check_taxonomy(small) == []
    small.write_text(SMALL.replace(good, bad), encoding="utf-8")
    assert any(expected in problem for problem in check_taxonomy(small)), check_taxonomy(small)
    with pytest.raises(TaxonomyError, match=r"mine\.toml"):
        load_taxonomy(small)


def test_check_names_all_problems_at_once(small: Path) -> None:
    text = SMALL.replace('title = "My own"', "").replace("digit = 2", "digit = 1").replace("First puddle.", "")
    small.write_text(text, encoding="utf-8")
    assert len(check_taxonomy(small)) == 3
    with pytest.raises(TaxonomyError, match=r"\(and 2 more\).*taxonomy check .* lists every problem"):
        load_taxonomy(small)


@pytest.mark.parametrize("content", ["", "categories = 3", "categories = [1, 2]\nid = []", "proximal_causes = {}"])
def test_nonsense_is_a_list_of_problems_not_a_crash(small: Path, content: str) -> None:
    small.write_text(content, encoding="utf-8")
    assert "the file: has no categories; give at least one [[categories]]" in check_taxonomy(small)


def test_a_missing_file_and_a_binary_file_get_one_line(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match="cannot be read"):
        check_taxonomy(tmp_path / "nowhere.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert check_taxonomy(binary) == ["is not UTF-8 text"]
