"""The failure taxonomy: categories, subcategories and causes with operational definitions."""

from dataclasses import dataclass
from functools import cached_property

OTHER_PREFIX = "other_"


@dataclass(frozen=True)
class ReferenceClip:
    """A short stretch of an episode that shows what a cause looks like.

    Attributes:
        episode_id: Episode that shows it.
        start_frame: First frame.
        end_frame: Last frame, inclusive.
    """

    episode_id: str
    start_frame: int
    end_frame: int


@dataclass(frozen=True)
class Subcategory:
    """One kind of failure.

    Attributes:
        id: Identifier used in sidecars.
        name: Words for the screen.
        digit: Key that chooses it within its category.
        definition: One sentence in observable signals.
        onset_rule: Which frame is the onset.
        obvious_rule: Which frame is the first unambiguous one.
        detector_kinds: Detection kinds that bear on it.
    """

    id: str
    name: str
    digit: int
    definition: str
    onset_rule: str
    obvious_rule: str
    detector_kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Category:
    """A family of failures; its subcategories are in digit order, `other_<id>` last."""

    id: str
    name: str
    digit: int
    definition: str
    subcategories: tuple[Subcategory, ...]

    def subcategory(self, subcategory_id: str) -> Subcategory | None:
        """The subcategory of this id, if it belongs here."""
        return next((item for item in self.subcategories if item.id == subcategory_id), None)


@dataclass(frozen=True)
class Cause:
    """A proximal or distal cause.

    Attributes:
        id: Identifier used in sidecars.
        name: Words for the screen.
        definition: One sentence that decides whether it applies.
        clip: Reference clip, where somebody set one.
    """

    id: str
    name: str
    definition: str
    clip: ReferenceClip | None = None


@dataclass(frozen=True)
class Taxonomy:
    """A versioned vocabulary of failures and causes.

    Attributes:
        id: Name that sidecars record.
        version: Semantic version ("1.0.0").
        title: Words for the screen.
        categories: In digit order.
        proximal_causes: Immediate physical events.
        distal_causes: Upstream decisions and conditions.
    """

    id: str
    version: str
    title: str
    categories: tuple[Category, ...]
    proximal_causes: tuple[Cause, ...]
    distal_causes: tuple[Cause, ...]

    def category(self, category_id: str) -> Category | None:
        """The category of this id."""
        return next((item for item in self.categories if item.id == category_id), None)

    def category_of(self, subcategory_id: str) -> Category | None:
        """The category that a subcategory belongs to."""
        return self._category_by_subcategory.get(subcategory_id)

    @cached_property
    def _category_by_subcategory(self) -> dict[str, Category]:
        return {sub.id: category for category in self.categories for sub in category.subcategories}
