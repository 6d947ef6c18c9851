"""Two key strokes for a label: a digit for the category, then one for the subcategory."""

from failview.model.annotation import Outcome
from failview.model.taxonomy import Category, Taxonomy
from failview.session.desk.draft import Draft


class SubcategoryKeys:
    """Knows what the next digit means.

    Args:
        taxonomy: Vocabulary in use.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._choosing_category = True

    def open(self, draft: Draft) -> None:
        """Begin with an episode: a labelled one goes on with its subcategory."""
        self._choosing_category = draft.annotation.failure_category is None

    def open_category(self, draft: Draft) -> Category | None:
        """The category whose subcategories the digits choose now; None while they choose the category."""
        category_id = draft.annotation.failure_category
        if self._choosing_category or category_id is None:
            return None
        return self._taxonomy.category(category_id)

    def press(self, draft: Draft, digit: int) -> bool:
        """Take a digit; False when it means nothing here."""
        if draft.annotation.outcome is Outcome.SUCCESS:
            return False
        open_category = self.open_category(draft)
        if open_category is None:
            category = next((item for item in self._taxonomy.categories if item.digit == digit), None)
            if category is None:
                return False
            self._choosing_category = False
            draft.set_category(category.id)
            return True
        chosen = next((item for item in open_category.subcategories if item.digit == digit), None)
        if chosen is None:
            return False
        draft.set_fields({"failure_subcategory": chosen.id})
        return True

    def up(self) -> None:
        """The next digit chooses the category."""
        self._choosing_category = True

    def down(self) -> None:
        """The next digit chooses a subcategory of the chosen category."""
        self._choosing_category = False
