"""When it failed: the frames, set by key, by number, or by the cursor."""

from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from failview.model.annotation import Outcome, RecoveryOutcome
from failview.panel.form.frame_field import FrameField
from failview.panel.look.field_titles import field_title
from failview.panel.look.form_part import FormPart
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.segmented_row import Choice, SegmentedRow
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.actions import action
from failview.session.keymap import Keymap
from failview.session.session import Session

_ROWS = (
    ("Onset", (("failure_onset_frame", "onset"),)),
    ("Obvious", (("failure_obvious_frame", "obvious"),)),
    ("Recovery", (("recovery_start_frame", "recovery_start"), ("recovery_end_frame", "recovery_end"))),
)
"""Title of a row, and its fields with the action that sets each to the cursor."""

_RECOVERY_CHOICES = (
    Choice(RecoveryOutcome.RECOVERED, "Recovered", hue="teal"),
    Choice(RecoveryOutcome.FAILED_RECOVERY, "Failed", hue="red"),
    Choice(RecoveryOutcome.NO_ATTEMPT, "No attempt", hue="accent"),
)


class FramesPart(FormPart):
    """Rows of onset, obvious and recovery."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self._keymap = keymap
        self._tokens = tokens
        self.fields: dict[str, FrameField] = {}
        self.here: dict[str, KeyedButton] = {}
        self.origins: dict[str, QLabel] = {}
        self._titles: list[QLabel] = []
        self._beside: list[tuple[QLabel, QWidget]] = []
        self._narrow: bool | None = None
        grid = self._grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_PX - 2)
        grid.setVerticalSpacing(GAP_PX // 2)
        grid.setColumnStretch(2, 1)
        for row, (title, fields) in enumerate(_ROWS):
            self._add_row(grid, row, title, fields)
        self.recovery = SegmentedRow(tokens, _RECOVERY_CHOICES)
        self.recovery.chosen.connect(lambda value: session.labelling.set_recovery_outcome(RecoveryOutcome(value)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_PX)
        column.addLayout(grid)
        column.addWidget(self.recovery)
        self._place_beside(narrow=False)
        by_row: list[QWidget] = []
        for _, fields in _ROWS:
            by_row += [self.fields[name] for name, _ in fields] + [self.here[name] for name, _ in fields]
        for before, after in pairwise([*by_row, *self.recovery.buttons.values()]):
            QWidget.setTabOrder(before, after)

    def minimumSizeHint(self) -> QSize:
        """Wide enough for frames with their buttons below them."""
        return QSize(self._width_of(narrow=True), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Put the buttons below the frames where they do not fit beside them."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place_beside(narrow=self.width() < self._width_of(narrow=False))
        return super().event(event)

    def refresh(self) -> None:
        """Show frames and where they come from."""
        annotation = self.annotation
        self.setVisible(annotation.outcome is not Outcome.SUCCESS)
        for field in self.fields.values():
            field.refresh()
            field.setReadOnly(bool(self.session.labelling.read_only_reason))
        self._show_rules()
        for name, label in self.origins.items():
            provenance = annotation.provenance.get(name)
            label.setText("" if provenance is None else provenance.origin.value)
        if annotation.recovery_attempted is False:
            self.origins["recovery_start_frame"].setText("none")
        self.recovery.setVisible(bool(annotation.recovery_attempted))
        self.recovery.show_value(annotation.recovery_outcome)

    def _show_rules(self) -> None:
        """The rules of the chosen subcategory, where their frames are set."""
        annotation = self.annotation
        category = self.session.workplace.taxonomy.category(annotation.failure_category or "")
        chosen = None if category is None else category.subcategory(annotation.failure_subcategory or "")
        for field, rule in (
            ("failure_onset_frame", "" if chosen is None else chosen.onset_rule),
            ("failure_obvious_frame", "" if chosen is None else chosen.obvious_rule),
        ):
            self.here[field].setToolTip(rule)

    def target_of(self, field: str) -> QWidget | None:
        """The field of a frame; the first button for what came of a recovery."""
        if field in ("recovery_attempted", "recovery_outcome") and self.recovery.isVisible():
            return next(iter(self.recovery.buttons.values()))
        found = self.fields.get("recovery_start_frame" if field == "recovery_attempted" else field)
        if found is not None:
            found.selectAll()
        return found

    def _add_row(self, grid: QGridLayout, row: int, title: str, fields: tuple[tuple[str, str], ...]) -> None:
        heading = QLabel(title)
        self._titles.append(heading)
        grid.addWidget(heading, 2 * row, 0)
        alone = len(fields) == 1
        entries, buttons = QHBoxLayout(), QHBoxLayout()
        for layout in (entries, buttons):
            layout.setSpacing(GAP_PX // 2)
        for name, action_id in fields:
            field = FrameField(self.session, self._tokens, name)
            field.setAccessibleName(field_title(name))
            here = KeyedButton(self._tokens, "here" if alone else "", self._keymap.shown_key(action_id))
            here.setAccessibleName(action(action_id).title)
            here.clicked.connect(lambda _on=False, act=action_id: action(act).run(self.session))
            self.fields[name], self.here[name] = field, here
            entries.addWidget(field)
            buttons.addWidget(here)
        grid.addLayout(entries, 2 * row, 1)
        origin = QLabel()
        origin.setProperty("role", "caption")
        self.origins[fields[0][0]] = origin
        beside = QWidget()
        beside.setLayout(buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        self._beside.append((origin, beside))

    def _place_beside(self, *, narrow: bool) -> None:
        """Where the frames come from, and the buttons that set them: beside the fields, or below them."""
        if narrow is self._narrow:
            return
        self._narrow = narrow
        for row, (origin, beside) in enumerate(self._beside):
            at = 2 * row + 1 if narrow else 2 * row
            self._grid.addWidget(origin, at, 1 if narrow else 2)
            columns = (1, 3) if narrow else (3, 1)
            self._grid.addWidget(beside, at, columns[0], 1, columns[1], Qt.AlignmentFlag.AlignRight)

    def _width_of(self, *, narrow: bool) -> int:
        """Pixels that the widest row takes."""
        spacing = self._grid.horizontalSpacing()
        titles = max(title.sizeHint().width() for title in self._titles)
        pairs = [field.minimumSizeHint().width() for field in self.fields.values()][-2:]
        frames = sum(pairs) + GAP_PX // 2
        beside = max(widget.sizeHint().width() for _, widget in self._beside)
        origins = max(origin.sizeHint().width() for origin, _ in self._beside)
        own = max(frames, origins + beside) if narrow else frames + spacing + origins + spacing + beside
        return max(titles + spacing + own, self.recovery.minimumSizeHint().width())
