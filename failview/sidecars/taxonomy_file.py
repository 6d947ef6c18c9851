"""Taxonomy files (TOML): read, and checked with every problem named at once."""

import tomllib
from pathlib import Path
from typing import Any

from failview.errors import TaxonomyError
from failview.model.taxonomy import Category, Cause, ReferenceClip, Subcategory, Taxonomy
from failview.resources import taxonomy_dir
from failview.sidecars.taxonomy_check import Entry, entries, taxonomy_problems

DEFAULT_VERSION_FOLDER = "v1"


def default_taxonomy_path() -> Path:
    """The file of the taxonomy that ships with failview."""
    return taxonomy_dir() / DEFAULT_VERSION_FOLDER / "taxonomy.toml"


def load_default_taxonomy() -> Taxonomy:
    """The taxonomy that ships with failview."""
    return load_taxonomy(default_taxonomy_path())


def load_taxonomy(path: Path) -> Taxonomy:
    """A taxonomy from its file.

    Raises:
        TaxonomyError: The file cannot be read, or is not a usable taxonomy; names the first problem.
    """
    document = _document(path)
    problems = list(taxonomy_problems(document))
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise TaxonomyError(
            f"{problems[0]}{more}", where=path, hint=f"failview taxonomy check {path} lists every problem"
        )
    return _taxonomy(document)


def released_taxonomy_path(version: str) -> Path:
    """The file of a released version of the default taxonomy.

    Raises:
        TaxonomyError: There is no such version; names those that there are.
    """
    versions = {taxonomy.version: path for path, taxonomy in released_taxonomies().items()}
    if version not in versions:
        raise TaxonomyError(
            f"no released taxonomy has version {version}", hint=f"Released: {', '.join(versions)}. Or name a file"
        )
    return versions[version]


def released_taxonomies() -> dict[Path, Taxonomy]:
    """Every released version of the default taxonomy by its file."""
    return {path: load_taxonomy(path) for path in sorted(taxonomy_dir().glob("v*/taxonomy.toml"))}


def check_taxonomy(path: Path) -> list[str]:
    """Every problem of a taxonomy file in words; empty when it is usable.

    Raises:
        TaxonomyError: There is no such file, or it cannot be read.
    """
    try:
        document = _document(path)
    except _NotTomlError as error:
        return [error.what]
    return list(taxonomy_problems(document))


class _NotTomlError(TaxonomyError):
    """Not TOML at all."""


def _document(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise TaxonomyError(f"cannot be read ({error.strerror})", where=path, hint="Check the path") from error
    except UnicodeDecodeError as error:
        raise _NotTomlError("is not UTF-8 text", where=path, hint="Save it as UTF-8") from error
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _NotTomlError(f"is not valid TOML: {error}", where=path, hint="Correct that line") from error


def _taxonomy(document: Entry) -> Taxonomy:
    return Taxonomy(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        categories=tuple(_category(item) for item in _by_digit(document, "categories")),
        proximal_causes=tuple(_cause(item) for item in entries(document, "proximal_causes")),
        distal_causes=tuple(_cause(item) for item in entries(document, "distal_causes")),
    )


def _category(entry: Entry) -> Category:
    subcategories = tuple(
        Subcategory(
            id=item["id"],
            name=item["name"],
            digit=item["digit"],
            definition=item["definition"],
            onset_rule=item["onset"],
            obvious_rule=item["obvious"],
            detector_kinds=tuple(item.get("detector_kinds", ())),
        )
        for item in _by_digit(entry, "subcategories")
    )
    return Category(entry["id"], entry["name"], entry["digit"], entry["definition"], subcategories)


def _cause(entry: Entry) -> Cause:
    clip = entry.get("clip")
    return Cause(entry["id"], entry["name"], entry["definition"], ReferenceClip(**clip) if clip else None)


def _by_digit(document: Entry, key: str) -> list[Entry]:
    return sorted(entries(document, key), key=lambda item: int(item["digit"]))
