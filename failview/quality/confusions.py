"""Which subcategories are taken for each other, between annotators and between them and the detectors."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from failview.model.taxonomy import Subcategory, Taxonomy
from failview.proposals.short_proposals import ShortProposal
from failview.quality.annotators import categories_of
from failview.quality.label_row import LabelRow

_EXAMPLES = 5


@dataclass(frozen=True)
class Confusion:
    """Two subcategories that stand for the same episodes.

    Attributes:
        one: Subcategory id.
        other: Another one.
        people: Pairs of annotators and episodes in which one said this, the other that.
        detectors: Labels of the one where the other was proposed, either way.
        episodes: Ids of some of them.
    """

    one: str
    other: str
    people: int
    detectors: int
    episodes: tuple[str, ...]

    @property
    def count(self) -> int:
        """All together."""
        return self.people + self.detectors


def confusions(rows: Mapping[str, Sequence[LabelRow]], proposals: Mapping[str, ShortProposal]) -> tuple[Confusion, ...]:
    """Confused pairs, those of people first, most frequent first."""
    said = {name: categories_of(labels, "failure_subcategory") for name, labels in rows.items()}
    people: Counter[tuple[str, str]] = Counter()
    detectors: Counter[tuple[str, str]] = Counter()
    episodes: dict[tuple[str, str], dict[str, None]] = {}
    for one, other in combinations(sorted(said), 2):
        for key in said[one].keys() & said[other].keys():
            _count(people, episodes, key, said[one][key], said[other][key])
    for labels in said.values():
        for key, value in labels.items():
            proposal = proposals.get(key)
            if proposal is not None and proposal.subcategory is not None:
                _count(detectors, episodes, key, value, proposal.subcategory)
    found = [
        Confusion(*names, people[names], detectors[names], tuple(sorted(episodes[names])[:_EXAMPLES]))
        for names in episodes
    ]
    return tuple(sorted(found, key=lambda item: (-item.people, -item.detectors, item.one, item.other)))


def meaning(taxonomy: Taxonomy, subcategory_id: str) -> Subcategory | None:
    """A subcategory with its definition; None where the taxonomy has none of that id."""
    category = taxonomy.category_of(subcategory_id)
    return None if category is None else category.subcategory(subcategory_id)


def _count(
    counter: Counter[tuple[str, str]],
    episodes: dict[tuple[str, str], dict[str, None]],
    key: str,
    one: str,
    other: str,
) -> None:
    if one != other:
        names = (one, other) if one < other else (other, one)
        counter[names] += 1
        episodes.setdefault(names, {})[key] = None
