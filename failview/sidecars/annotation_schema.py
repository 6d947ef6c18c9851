"""The JSON Schema of a sidecar, with the ids of a taxonomy put in."""

import json
from functools import lru_cache
from typing import Any

from failview.errors import TaxonomyError
from failview.model.taxonomy import Cause, Taxonomy
from failview.sidecars.taxonomy_file import default_taxonomy_path


def annotation_schema(taxonomy: Taxonomy) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of sidecars that use a taxonomy.

    Everything but the definitions named after the taxonomy is the shipped schema, word for word.

    Raises:
        TaxonomyError: The shipped schema is missing: the installation is broken.
    """
    schema: dict[str, Any] = json.loads(_shipped_schema())
    schema["$defs"].update(
        taxonomy_id={"const": taxonomy.id},
        category={"enum": [*(item.id for item in taxonomy.categories), None]},
        subcategory={"enum": [*(sub.id for item in taxonomy.categories for sub in item.subcategories), None]},
        proximal_cause=_cause_ids(taxonomy.proximal_causes),
        distal_cause=_cause_ids(taxonomy.distal_causes),
        failure_pairs=_pairs(taxonomy, "failure_category", "failure_subcategory", allowed=[None]),
        further_failure_pairs=_pairs(taxonomy, "category", "subcategory", allowed=[]),
    )
    return schema


@lru_cache(maxsize=1)
def _shipped_schema() -> str:
    path = default_taxonomy_path().with_name("annotation.schema.json")
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise TaxonomyError(
            f"the annotation schema cannot be read ({error.strerror})", where=path, hint="Install failview again"
        ) from error


def _cause_ids(causes: tuple[Cause, ...]) -> dict[str, Any]:
    return {"enum": [*(cause.id for cause in causes), None]}


def _pairs(taxonomy: Taxonomy, category_field: str, subcategory_field: str, allowed: list[None]) -> dict[str, Any]:
    """A subcategory belongs to its category."""
    return {
        "allOf": [
            {
                "if": {"properties": {category_field: {"const": category.id}}, "required": [category_field]},
                "then": {
                    "properties": {subcategory_field: {"enum": [*(sub.id for sub in category.subcategories), *allowed]}}
                },
            }
            for category in taxonomy.categories
        ]
    }
