"""What a person says about the open episode, key by key."""

from collections.abc import Callable

from psygnal import Signal

from failview.model.annotation import Outcome, RecoveryOutcome
from failview.model.taxonomy import Category, Taxonomy
from failview.session.desk.open_episode import OpenEpisode
from failview.session.label.subcategory_keys import SubcategoryKeys

_NO_CATEGORY = "A success has no category. Press F or P first."
_NO_FRAMES = "A success has no failure frames. Press F or P first."

FIRST_CONFIDENCE = 0.8
"""Where the first stroke of a confidence key starts: fairly sure, the most common answer."""

CONFIDENCE_STEP = 0.05
"""One key stroke of confidence."""


class Labelling:
    """Turns key strokes into changes of the draft. Does nothing while no episode is open.

    Args:
        taxonomy: Vocabulary in use.
        seen_frame: Tells the frame that is on the screen.
        say: Takes one line for the person.

    Attributes:
        level_changed: Emits when the next digit means something else.
        opened: The episode under work; None while none is open.
        seen_frame: Tells the frame that is on the screen.
    """

    level_changed = Signal()

    def __init__(
        self,
        taxonomy: Taxonomy,
        seen_frame: Callable[[], int],
        say: Callable[[str], None],
    ) -> None:
        self.seen_frame = seen_frame
        self._say = say
        self._keys = SubcategoryKeys(taxonomy)
        self.opened: OpenEpisode | None = None

    def open(self, opened: OpenEpisode | None) -> None:
        """Work on this episode from now on."""
        self.opened = opened
        if opened is not None:
            self._keys.open(opened.draft)

    @property
    def open_category(self) -> Category | None:
        """The category whose subcategories the digits choose now; None while they choose the category."""
        return None if self.opened is None else self._keys.open_category(self.opened.draft)

    @property
    def read_only_reason(self) -> str:
        """Why the open episode may not be changed; empty when it may."""
        return "" if self.opened is None else self.opened.read_only_reason

    def editable(self) -> OpenEpisode | None:
        """The open episode if it may be changed; says why when it may not."""
        if self.opened is not None and self.opened.read_only_reason:
            self._say(self.opened.read_only_reason)
            return None
        return self.opened

    def set_outcome(self, outcome: Outcome) -> None:
        """Say how the episode ended."""
        if opened := self.editable():
            opened.draft.set_outcome(outcome)

    def press_digit(self, digit: int) -> None:
        """Choose a category, then a subcategory."""
        opened = self.editable()
        if opened is None:
            return
        if self._keys.press(opened.draft, digit):
            self.level_changed.emit()
            return
        is_success = opened.annotation.outcome is Outcome.SUCCESS
        self._say(_NO_CATEGORY if is_success else f"Nothing here has the digit {digit}.")

    def choose_category(self, category: Category) -> None:
        """Choose a category whatever the digits mean now; they choose its subcategory from then on."""
        self._keys.up()
        self.press_digit(category.digit)

    def choose_subcategory(self, subcategory_id: str) -> None:
        """Choose a subcategory of the chosen category."""
        if opened := self.editable():
            self._keys.down()
            opened.draft.set_fields({"failure_subcategory": subcategory_id})
            self.level_changed.emit()

    def category_up(self) -> None:
        """The next digit chooses the category again."""
        self._keys.up()
        self.level_changed.emit()

    def choose_again(self) -> None:
        """The label was filled in otherwise: the digits go on from there."""
        if self.opened is not None:
            self._keys.open(self.opened.draft)
            self.level_changed.emit()

    def nudge_confidence(self, steps: int) -> None:
        """Be more or less sure by steps of CONFIDENCE_STEP."""
        if self.opened is None:
            return
        before = self.opened.annotation.annotator_confidence
        self.set_confidence(FIRST_CONFIDENCE if before is None else before + steps * CONFIDENCE_STEP)

    def set_confidence(self, confidence: float) -> None:
        """Say how sure one is; numbers beyond 0 and 1 mean the ends."""
        if opened := self.editable():
            opened.draft.set_fields({"annotator_confidence": round(min(1.0, max(0.0, confidence)), 2)})

    def set_text(self, field: str, text: str) -> None:
        """Type into a text field."""
        if opened := self.editable():
            opened.draft.set_text(field, text)

    def set_mark(self, field: str) -> bool:
        """Set a frame field to the frame that the person sees; False when it was refused, with the reason said."""
        return self.set_frame(field, self.seen_frame())

    def set_frame(self, field: str, frame: int | None) -> bool:
        """Set a frame field, or clear it; False when it was refused, with the reason said."""
        opened = self.editable()
        if opened is None:
            return False
        if opened.annotation.outcome is Outcome.SUCCESS:
            self._say(_NO_FRAMES)
            return False
        last = opened.episode.num_frames - 1
        if frame is not None and not 0 <= frame <= last:
            self._say(f"There is no frame {frame}: this episode has 0 to {last}.")
            return False
        opened.draft.set_frame(field, frame)
        return True

    def set_recovery_outcome(self, outcome: RecoveryOutcome) -> None:
        """Say what came of the recovery; "no attempt" takes its frames away."""
        opened = self.editable()
        if opened is None:
            return
        if outcome is RecoveryOutcome.NO_ATTEMPT:
            opened.draft.clear_recovery()
        else:
            opened.draft.set_fields({"recovery_attempted": True, "recovery_outcome": outcome})

    def undo(self) -> None:
        """Take back the last change of this episode."""
        opened = self.editable()
        if opened is not None and not opened.draft.undo():
            self._say("Nothing to undo in this episode.")

    def redo(self) -> None:
        """Bring back the change of this episode that was undone last."""
        opened = self.editable()
        if opened is not None and not opened.draft.redo():
            self._say("Nothing to redo in this episode.")
