"""The other failures of an episode that holds several."""

from collections.abc import Callable

from failview.model.annotation import FurtherFailure
from failview.model.taxonomy import Taxonomy
from failview.session.label.causes import Causes

_FIELD = "further_failures"


class FurtherFailures:
    """Changes the list of further failures, which is in the order of their onsets.

    Args:
        taxonomy: Vocabulary in use.
        causes: Knows whether the open episode has failed.
        seen_frame: Tells the frame that is on the screen.
        say: Takes one line for the person.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        causes: Causes,
        seen_frame: Callable[[], int],
        say: Callable[[str], None],
    ) -> None:
        self._taxonomy = taxonomy
        self._causes = causes
        self._seen_frame = seen_frame
        self._say = say

    def add_here(self, subcategory_id: str) -> None:
        """Another failure of this kind begins at the frame that the person sees.

        Raises:
            ValueError: The taxonomy has no such subcategory.
        """
        category = self._taxonomy.category_of(subcategory_id)
        if category is None:
            raise ValueError(f"no such subcategory: {subcategory_id}")
        opened = self._causes.failed_episode()
        if opened is None:
            return
        failure = FurtherFailure(category.id, subcategory_id, self._seen_frame())
        before = opened.annotation.further_failures
        if failure in before:
            self._say(f"That failure at frame {failure.onset_frame} is in the list already.")
            return
        after = tuple(sorted((*before, failure), key=lambda item: item.onset_frame))
        opened.draft.set_fields({_FIELD: after})

    def delete(self, place: int) -> None:
        """Take one out of the list."""
        if opened := self._causes.failed_episode():
            failures = opened.annotation.further_failures
            opened.draft.set_fields({_FIELD: failures[:place] + failures[place + 1 :]})
