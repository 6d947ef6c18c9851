"""What a mapping forgets: the old version of the taxonomy compared with the new one."""

from collections.abc import Iterator

from failview.model.taxonomy import Taxonomy
from failview.sidecars.taxonomy_mapping import KINDS, Change, TaxonomyMapping, ids_of


def mapping_gaps(mapping: TaxonomyMapping, old: Taxonomy) -> Iterator[str]:
    """Every id whose fate the mapping does not tell, or tells of an id that the old version never had.

    Args:
        mapping: The way to the new version.
        old: The version that it leads from.
    """
    for kind in KINDS:
        mapped = mapping.mapped[kind]
        for identifier in mapped:
            if identifier not in ids_of(old, kind):
                yield f"{kind} {identifier}: {mapping.source} has no such id"
        for identifier in ids_of(old, kind):
            if not mapping.knows(kind, identifier):
                yield f"{kind} {identifier}: is gone, and the mapping does not say where to"
            elif identifier not in mapped:
                yield from _silent_changes(identifier, kind, old, mapping.target)


def _silent_changes(identifier: str, kind: str, old: Taxonomy, new: Taxonomy) -> Iterator[str]:
    """What changed about an id that the mapping takes for unchanged."""
    if _meaning(old, kind, identifier) != _meaning(new, kind, identifier):
        yield f'{kind} {identifier}: is defined otherwise than before; say change = "{Change.REDEFINED}"'
    if kind == "subcategories":
        before, after = old.category_of(identifier), new.category_of(identifier)
        if before and after and before.id != after.id and new.category(before.id):
            yield f'{kind} {identifier}: went from {before.id} to {after.id}; say change = "{Change.MOVED}"'


def _meaning(taxonomy: Taxonomy, kind: str, identifier: str) -> tuple[str, ...]:
    """The texts that decide whether a label applies; neither its name nor its key does."""
    if kind == "categories":
        category = taxonomy.category(identifier)
        return (category.definition,) if category else ()
    if kind == "subcategories":
        home = taxonomy.category_of(identifier)
        sub = home.subcategory(identifier) if home else None
        return (sub.definition, sub.onset_rule, sub.obvious_rule) if sub else ()
    causes = taxonomy.proximal_causes if kind == "proximal_causes" else taxonomy.distal_causes
    return tuple(cause.definition for cause in causes if cause.id == identifier)
