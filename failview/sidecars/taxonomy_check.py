"""What is wrong with a taxonomy, in words: everything at once, each with the entry that it is about."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from failview.model.taxonomy import OTHER_PREFIX

DEFINITION_WORDS = (5, 60)
"""Fewer words cannot decide anything; more do not fit a panel that is 440 px wide."""

CATEGORY_DIGITS = 5
SUBCATEGORY_DIGITS = 4
"""Keys that choose; more would not fit the panel nor the card."""

_ID = re.compile(r"[a-z][a-z0-9_]*")
_TAXONOMY_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_DETECTOR_KIND = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")

_TOP_KEYS = frozenset({"id", "version", "title", "categories", "proximal_causes", "distal_causes"})
_CATEGORY_KEYS = frozenset({"id", "name", "digit", "definition", "subcategories"})
_SUBCATEGORY_KEYS = frozenset({"id", "name", "digit", "definition", "onset", "obvious", "detector_kinds"})
_CAUSE_KEYS = frozenset({"id", "name", "definition", "clip"})
_CLIP_KEYS = frozenset({"episode_id", "start_frame", "end_frame"})

Entry = Mapping[str, Any]


def taxonomy_problems(document: Entry) -> Iterator[str]:
    """Every problem of a parsed taxonomy file; none when it is usable."""
    yield from unknown_keys(document, _TOP_KEYS, "the file")
    yield from _text(document, "title", "the file")
    yield from _matches(document, "id", _TAXONOMY_ID, "the file", "lower-case letters, digits, - and _")
    yield from _matches(document, "version", _VERSION, "the file", "three numbers like 1.0.0")
    categories = entries(document, "categories")
    if not categories:
        yield "the file: has no categories; give at least one [[categories]]"
    yield from repeated(categories, "category")
    yield from repeated(
        [sub for item in categories for sub in entries(item, "subcategories")], "subcategory", digits=False
    )
    for position, category in enumerate(categories, 1):
        yield from _category_problems(category, _place("category", category, position))
    for kind in ("proximal", "distal"):
        yield from _cause_list_problems(document, kind)


def _category_problems(category: Entry, place: str) -> Iterator[str]:
    yield from _common_problems(category, _CATEGORY_KEYS, place)
    yield from _digit(category, place, CATEGORY_DIGITS)
    subcategories = entries(category, "subcategories")
    other = f"{OTHER_PREFIX}{category.get('id', '')}"
    ids = [item.get("id") for item in subcategories]
    if other not in ids:
        yield f"{place}: has no subcategory {other}; add one for what fits nowhere else"
    yield from repeated(subcategories, f"subcategory of {place}", ids=False)
    for position, subcategory in enumerate(subcategories, 1):
        yield from _subcategory_problems(subcategory, _place("subcategory", subcategory, position), other)


def _subcategory_problems(subcategory: Entry, place: str, other: str) -> Iterator[str]:
    yield from _common_problems(subcategory, _SUBCATEGORY_KEYS, place)
    yield from _digit(subcategory, place, SUBCATEGORY_DIGITS)
    yield from _text(subcategory, "onset", place)
    yield from _text(subcategory, "obvious", place)
    identifier = subcategory.get("id")
    if isinstance(identifier, str) and identifier.startswith(OTHER_PREFIX) and identifier != other:
        yield f"{place}: the name {OTHER_PREFIX}… is kept for {other}"
    kinds = subcategory.get("detector_kinds", [])
    if not isinstance(kinds, list) or not all(
        isinstance(kind, str) and _DETECTOR_KIND.fullmatch(kind) for kind in kinds
    ):
        yield f'{place}: detector_kinds must be a list like ["grasp.slip"]'


def _cause_list_problems(document: Entry, kind: str) -> Iterator[str]:
    causes = entries(document, f"{kind}_causes")
    if not causes:
        yield f"the file: has no {kind} causes; give at least one [[{kind}_causes]]"
    yield from repeated(causes, f"{kind} cause", digits=False)
    for position, cause in enumerate(causes, 1):
        place = _place(f"{kind} cause", cause, position)
        yield from _common_problems(cause, _CAUSE_KEYS, place)
        if "clip" in cause:
            yield from _clip_problems(cause["clip"], place)


def _clip_problems(clip: Any, place: str) -> Iterator[str]:
    if not isinstance(clip, dict) or clip.keys() != _CLIP_KEYS:
        yield f"{place}: clip must have episode_id, start_frame and end_frame, and nothing else"
        return
    start, end = clip["start_frame"], clip["end_frame"]
    if not isinstance(clip["episode_id"], str) or not all(type(frame) is int for frame in (start, end)):
        yield f"{place}: clip needs an episode_id in quotes and whole frame numbers"
    elif not 0 <= start <= end:
        yield f"{place}: clip must start at frame 0 or later and not end before it starts"


def _common_problems(entry: Entry, keys: frozenset[str], place: str) -> Iterator[str]:
    yield from unknown_keys(entry, keys, place)
    yield from _matches(entry, "id", _ID, place, "lower-case letters, digits and _")
    yield from _text(entry, "name", place)
    yield from _text(entry, "definition", place)
    definition = entry.get("definition")
    least, most = DEFINITION_WORDS
    if isinstance(definition, str) and definition.strip() and not least <= len(definition.split()) <= most:
        yield f"{place}: the definition has {len(definition.split())} words; {least} to {most} are wanted"


def unknown_keys(entry: Entry, keys: frozenset[str], place: str) -> Iterator[str]:
    """Keys that mean nothing, with the one that was probably meant."""
    for key in sorted(entry.keys() - keys):
        meant = difflib.get_close_matches(key, sorted(keys), n=1)
        advice = f'did you mean "{meant[0]}"?' if meant else f"known are {', '.join(sorted(keys))}"
        yield f"{place}: unknown key {key!r}; {advice}"


def _text(entry: Entry, key: str, place: str) -> Iterator[str]:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        yield f"{place}: {key} is missing" if value in (None, "") else f"{place}: {key} must be text"


def _matches(entry: Entry, key: str, pattern: re.Pattern[str], place: str, wanted: str) -> Iterator[str]:
    value = entry.get(key)
    if value is None:
        yield f"{place}: {key} is missing"
    elif not isinstance(value, str) or not pattern.fullmatch(value):
        yield f"{place}: {key} {value!r} must be {wanted}"


def _digit(entry: Entry, place: str, most: int) -> Iterator[str]:
    value = entry.get("digit")
    if type(value) is not int or not 1 <= value <= most:
        yield f"{place}: digit must be a key from 1 to {most}"


def repeated(tables: list[Entry], what: str, *, ids: bool = True, digits: bool = True) -> Iterator[str]:
    """Ids and digits that two entries have."""
    for key in ["id"] * ids + ["digit"] * digits:
        seen: set[str] = set()
        for value in (str(entry[key]) for entry in tables if key in entry):
            if value in seen:
                yield f"{what}: {key} {value} is used twice"
            seen.add(value)


def entries(document: Entry, key: str) -> list[Entry]:
    """The tables of an array of tables; whatever else stands there is left out."""
    value = document.get(key, [])
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _place(what: str, entry: Entry, position: int) -> str:
    return f"{what} {entry['id']}" if isinstance(entry.get("id"), str) else f"{what} number {position}"
