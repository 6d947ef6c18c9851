"""One record moved from a version of the taxonomy to the next: what changes, and what a person must look at again."""

from dataclasses import dataclass, field, replace

from failview.model.annotation import AnnotationRecord, CausalLink, ChangedField, FurtherFailure, ReReview
from failview.sidecars.taxonomy_mapping import Change, MappedId, TaxonomyMapping

_CHAIN_KINDS = ("proximal_causes", "distal_causes", "subcategories")
"""Whose ids may stand in a causal chain, beside free text."""


@dataclass(frozen=True)
class MigratedRecord:
    """A record after the move.

    Attributes:
        record: The record of the new version.
        changes: Fields whose id changed or whose definition did.
        to_decide: Those of them that somebody must look at again.
        unknown: Ids that neither the mapping nor the new version knows, in words; the record is then of no use.
    """

    record: AnnotationRecord
    changes: tuple[ChangedField, ...]
    to_decide: tuple[ChangedField, ...]
    unknown: tuple[str, ...]


def migrate_record(record: AnnotationRecord, mapping: TaxonomyMapping, asked_at: str) -> MigratedRecord:
    """Move a record; frames, texts, stages and the provenance of what stays are as they were.

    Args:
        record: Of the version that the mapping leads from.
        mapping: The way.
        asked_at: ISO 8601 time in UTC, for the request to look again.
    """
    move = _Move(mapping)
    label = record.annotation
    category, subcategory = move.pair(label.failure_category, label.failure_subcategory, "failure_{}")
    moved = {
        "failure_category": category,
        "failure_subcategory": subcategory,
        "proximal_cause": move.one("proximal_cause", label.proximal_cause, "proximal_causes"),
        "distal_cause": move.one("distal_cause", label.distal_cause, "distal_causes"),
    }
    cleared = {name for name, value in moved.items() if value is None}
    annotation = replace(
        label,
        failure_category=moved["failure_category"],
        failure_subcategory=moved["failure_subcategory"],
        proximal_cause=moved["proximal_cause"],
        distal_cause=moved["distal_cause"],
        causal_chain=tuple(move.link(at, link) for at, link in enumerate(label.causal_chain)),
        further_failures=tuple(move.further(at, item) for at, item in enumerate(label.further_failures)),
        provenance={
            name: how
            for name, how in label.provenance.items()
            if name not in cleared or getattr(label, name) is None  # "no cause" said by somebody stays said
        },
    )
    asked = ReReview(asked_at, mapping.source, mapping.destination, tuple(move.to_decide))
    after = replace(
        record,
        taxonomy_id=mapping.target.id,
        taxonomy_version=mapping.target.version,
        annotation=annotation,
        re_reviews=(*record.re_reviews, asked) if move.to_decide else record.re_reviews,
    )
    return MigratedRecord(after, tuple(move.changes), tuple(move.to_decide), tuple(move.unknown))


@dataclass
class _Move:
    """Moves one id after the other and keeps account."""

    mapping: TaxonomyMapping
    changes: list[ChangedField] = field(default_factory=list)
    to_decide: list[ChangedField] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def one(self, name: str, value: str | None, kind: str) -> str | None:
        """The id that takes the place of another."""
        if value is None:
            return None
        if not self.mapping.knows(kind, value):
            self.unknown.append(f"{name}: {self.mapping.path.name} says nothing of {value!r}, and it is not kept")
            return value
        mapped = self.mapping.mapped[kind].get(value)
        if mapped is None:
            return value
        after = mapped.targets[0] if mapped.targets else None
        self._note(name, value, after, mapped)
        return after

    def pair(self, category: str | None, subcategory: str | None, name: str) -> tuple[str | None, str | None]:
        """Category and subcategory; where there is a subcategory, its new home decides.

        Args:
            category: Id of the old version.
            subcategory: Id of the old version.
            name: Name of the fields with {} for the two words.
        """
        category_field, subcategory_field = name.format("category"), name.format("subcategory")
        known = len(self.unknown)
        moved = self.one(subcategory_field, subcategory, "subcategories")
        home = None if moved is None else self.mapping.target.category_of(moved)
        if category is None or home is None:
            return self.one(category_field, category, "categories"), moved
        if not self.mapping.knows("categories", category):
            return self.one(category_field, category, "categories"), moved
        of_category = self.mapping.mapped["categories"].get(category)
        of_subcategory = self.mapping.mapped["subcategories"].get(subcategory or "")
        expected = of_category.targets if of_category else (category,)
        if home.id not in expected and of_subcategory is None and len(self.unknown) == known:
            self.unknown.append(
                f"{subcategory_field}: {moved} belongs to {home.id} now, not to {category}; "
                f"{self.mapping.path.name} does not say that it moved"
            )
        if of_category is not None and not _is_settled_by_subcategory(of_category):
            self._note(category_field, category, home.id, of_category)
        elif home.id != category:
            self._note(category_field, category, home.id, _without_re_review(of_subcategory or of_category))
        return home.id, moved

    def link(self, at: int, link: CausalLink) -> CausalLink:
        """A link of the causal chain: ids are moved, free text stays."""
        return replace(
            link,
            cause=self._chain_text(f"causal_chain[{at}].cause", link.cause),
            effect=self._chain_text(f"causal_chain[{at}].effect", link.effect),
        )

    def further(self, at: int, item: FurtherFailure) -> FurtherFailure:
        """A further failure."""
        category, subcategory = self.pair(item.category, item.subcategory, f"further_failures[{at}].{{}}")
        return replace(item, category=category or item.category, subcategory=subcategory or item.subcategory)

    def _chain_text(self, name: str, text: str) -> str:
        tables = (self.mapping.mapped[kind] for kind in _CHAIN_KINDS)
        mapped = next((table[text] for table in tables if text in table), None)
        if mapped is None:
            return text
        after = mapped.targets[0] if mapped.targets else text
        self._note(name, text, after, mapped)
        return after

    def _note(self, name: str, before: str, after: str | None, mapped: MappedId) -> None:
        candidates = mapped.targets if mapped.change is Change.SPLIT else ()
        change = ChangedField(name, before, after, mapped.reason, candidates)
        if before != after or mapped.re_review:
            self.changes.append(change)
        if mapped.re_review:
            self.to_decide.append(change)


def _is_settled_by_subcategory(category: MappedId) -> bool:
    """Whether the subcategory says all that is to be said about what became of its category."""
    return category.change in (Change.SPLIT, Change.REMOVED)


def _without_re_review(mapped: MappedId | None) -> MappedId:
    """The same for a field that follows from another one, about which somebody decides."""
    if mapped is None:
        return MappedId(Change.MOVED, (), re_review=False, reason="")
    return MappedId(Change.MOVED, mapped.targets, re_review=False, reason=mapped.reason)
