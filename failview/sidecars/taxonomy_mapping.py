"""From one version of a taxonomy to the next: the mapping file beside the new version, read and checked.

Whatever the mapping does not name is unchanged, and must then be an id of the new version.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from failview.errors import TaxonomyError
from failview.model.taxonomy import OTHER_PREFIX, Taxonomy
from failview.sidecars.taxonomy_check import Entry, entries, repeated, unknown_keys

MAPPING_SUFFIX = ".migration.toml"
KINDS = ("categories", "subcategories", "proximal_causes", "distal_causes")
"""What a mapping has entries for; the names of its tables."""

_TOP_KEYS = frozenset({"from", "to", *KINDS})
_ENTRY_KEYS = frozenset({"id", "change", "to", "reason", "re_review"})


class Change(StrEnum):
    """What became of an id."""

    RENAMED = "renamed"
    MERGED = "merged"
    SPLIT = "split"
    MOVED = "moved"
    REMOVED = "removed"
    REDEFINED = "redefined"


_MEANING_CHANGES = frozenset({Change.SPLIT, Change.REMOVED, Change.REDEFINED})
"""After these nobody but a person can tell whether a label still holds; after the others it does."""

_NEEDS_TARGET = frozenset({Change.RENAMED, Change.MERGED, Change.SPLIT})


@dataclass(frozen=True)
class MappedId:
    """What becomes of one id.

    Attributes:
        change: What happened to it.
        targets: Ids of the new version; the first is put into the label. Empty when the field is cleared.
        re_review: Whether somebody must look at the label again.
        reason: What changed, for people.
    """

    change: Change
    targets: tuple[str, ...]
    re_review: bool
    reason: str


@dataclass(frozen=True)
class TaxonomyMapping:
    """The way from one version of a taxonomy to another.

    Attributes:
        path: The mapping file.
        source_id: Id of the taxonomy that it leads from.
        source_version: Its version.
        target: The taxonomy that it leads to.
        mapped: By kind, what becomes of each id that changed.
    """

    path: Path
    source_id: str
    source_version: str
    target: Taxonomy
    mapped: Mapping[str, Mapping[str, MappedId]]

    @property
    def source(self) -> str:
        """Id and version that it leads from."""
        return f"{self.source_id} {self.source_version}"

    @property
    def destination(self) -> str:
        """Id and version that it leads to."""
        return f"{self.target.id} {self.target.version}"

    def knows(self, kind: str, identifier: str) -> bool:
        """Whether an id of the old version has a place in the new one."""
        return identifier in self.mapped[kind] or identifier in ids_of(self.target, kind)


def mapping_path(taxonomy_path: Path) -> Path:
    """The mapping file that belongs beside a taxonomy file."""
    return taxonomy_path.with_name(taxonomy_path.name.removesuffix(".toml") + MAPPING_SUFFIX)


def ids_of(taxonomy: Taxonomy, kind: str) -> tuple[str, ...]:
    """All ids of a kind."""
    match kind:
        case "categories":
            return tuple(item.id for item in taxonomy.categories)
        case "subcategories":
            return tuple(sub.id for item in taxonomy.categories for sub in item.subcategories)
        case "proximal_causes":
            return tuple(cause.id for cause in taxonomy.proximal_causes)
        case _:
            return tuple(cause.id for cause in taxonomy.distal_causes)


def load_mapping(taxonomy_path: Path, target: Taxonomy) -> TaxonomyMapping:
    """The mapping that leads to a taxonomy.

    Args:
        taxonomy_path: File of the taxonomy.
        target: The same, loaded.

    Raises:
        TaxonomyError: There is none, or it is wrong; names the first problem.
    """
    path = mapping_path(taxonomy_path)
    if not path.exists():
        raise TaxonomyError(
            f"no mapping leads to {target.id} {target.version}", where=path, hint="Write one; the README shows how"
        )
    document = _document(path)
    problems = list(_problems(document, target))
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        hint = f"failview taxonomy check {taxonomy_path} lists every problem"
        raise TaxonomyError(f"{problems[0]}{more}", where=path, hint=hint)
    source_id, source_version = document["from"].split()
    mapped = {kind: {item["id"]: _mapped(item) for item in entries(document, kind)} for kind in KINDS}
    return TaxonomyMapping(path, source_id, source_version, target, mapped)


def check_mapping(taxonomy_path: Path, target: Taxonomy) -> list[str]:
    """Every problem of the mapping beside a taxonomy; empty when there is no mapping, or none is wrong."""
    path = mapping_path(taxonomy_path)
    if not path.exists():
        return []
    try:
        return list(_problems(_document(path), target))
    except TaxonomyError as error:
        return [error.what]


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise TaxonomyError(f"cannot be read ({error.strerror})", where=path, hint="Check the path") from error
    except UnicodeDecodeError as error:
        raise TaxonomyError("is not UTF-8 text", where=path, hint="Save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TaxonomyError(f"is not valid TOML: {error}", where=path, hint="Correct that line") from error


def _mapped(entry: Entry) -> MappedId:
    change = Change(entry["change"])
    targets = _targets(entry)
    if not targets and change in (Change.REDEFINED, Change.MOVED):
        targets = (entry["id"],)
    return MappedId(change, targets, entry.get("re_review", change in _MEANING_CHANGES), entry.get("reason", ""))


def _targets(entry: Entry) -> tuple[str, ...]:
    to = entry.get("to", [])
    return (to,) if isinstance(to, str) else tuple(to)


def _problems(document: Entry, target: Taxonomy) -> Iterator[str]:
    yield from unknown_keys(document, _TOP_KEYS, "the file")
    wanted = f"{target.id} {target.version}"
    if document.get("to") != wanted:
        yield f'the file: to must be "{wanted}", the taxonomy that it lies beside'
    source = document.get("from")
    if not isinstance(source, str) or len(source.split()) != 2:
        yield 'the file: from must be an id and a version, like "failview-tabletop 1.0.0"'
    elif source == wanted:
        yield "the file: from and to are the same version"
    for kind in KINDS:
        tables = document.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(item, dict) for item in tables):
            yield f"the file: {kind} must be tables, [[{kind}]]"
            continue
        yield from repeated(tables, kind, digits=False)
        for position, entry in enumerate(tables, 1):
            place = f"{kind} {entry['id']}" if isinstance(entry.get("id"), str) else f"{kind} number {position}"
            yield from _entry_problems(entry, kind, place, target)


def _entry_problems(entry: Entry, kind: str, place: str, target: Taxonomy) -> Iterator[str]:
    yield from unknown_keys(entry, _ENTRY_KEYS, place)
    if not isinstance(entry.get("id"), str):
        yield f"{place}: id is missing"
        return
    if entry.get("change") not in tuple(Change):
        yield f"{place}: change must be one of {', '.join(Change)}"
        return
    if not isinstance(entry.get("re_review", True), bool):
        yield f"{place}: re_review must be true or false"
    change = Change(entry["change"])
    reason = entry.get("reason", "")
    if not isinstance(reason, str) or (entry.get("re_review", change in _MEANING_CHANGES) and not reason.strip()):
        yield f"{place}: reason must say what changed, for whoever looks at the label again"
    to = entry.get("to", [])
    if not isinstance(to, str) and not (isinstance(to, list) and all(isinstance(item, str) for item in to)):
        yield f"{place}: to must be an id, or for a split a list of ids"
        return
    known = ids_of(target, kind)
    for item in _targets(entry):
        if item not in known:
            yield f"{place}: {target.id} {target.version} has no {item!r} among its {kind.replace('_', ' ')}"
    yield from (f"{place}: {text}" for text in _count_problems(entry, change))
    yield from (f"{place}: {text}" for text in _sense_problems(entry, change, kind, known))


def _count_problems(entry: Entry, change: Change) -> Iterator[str]:
    count = len(_targets(entry))
    if change is Change.SPLIT and count < 2:
        yield "a split needs the list of ids that it became in to"
    elif change is not Change.SPLIT and count > 1:
        yield "only a split has several ids in to"
    elif change in _NEEDS_TARGET and not count:
        yield "to must name the new id"


def _sense_problems(entry: Entry, change: Change, kind: str, known: tuple[str, ...]) -> Iterator[str]:
    targets, is_kept = _targets(entry), entry["id"] in known
    if change in (Change.RENAMED, Change.REMOVED) and is_kept:
        yield f"is called {change}, but the new version still has it"
    if change in (Change.REDEFINED, Change.MOVED) and not targets and not is_kept:
        yield "the new version does not have it; name the new id in to"
    if change is Change.MOVED and kind != "subcategories":
        yield "only a subcategory can be moved"
    is_other = bool(targets) and all(item.startswith(OTHER_PREFIX) for item in targets)
    if change is Change.REMOVED and kind == "subcategories" and not is_other:
        yield f"a removed subcategory needs an {OTHER_PREFIX}… in to"
