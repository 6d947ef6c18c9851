"""What of the form is in sight where it is higher than its room."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QScrollArea, QWidget

from failview.panel.look.form_part import FormPart
from failview.panel.look.layout_rounds import lay_out
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX
from failview.session.session import Session
from failview.sidecars.validation import Problem


class FormSight(QObject):
    """Scrolls to what has the keyboard, to what is missing, and to the top for another episode.

    Make it after the cards beside the form: they take their room first.

    Args:
        scroller: Shows the form.
        parts: Parts of the form.
        session: Tells what happens.
    """

    def __init__(self, scroller: QScrollArea, parts: Sequence[FormPart], session: Session) -> None:
        super().__init__(scroller)
        self._scroller = scroller
        self._parts = tuple(parts)
        listen(self, session.problems_found, self._on_problems)
        listen(self, session.opened, self._to_top)

    def show_focus_soon(self) -> None:
        """Bring what has the keyboard into sight, once it is laid out."""
        QTimer.singleShot(0, self, self._show_focus)

    def _show_focus(self) -> None:
        focus, form = self._scroller.window().focusWidget(), self._scroller.widget()
        if focus is not None and form is not None and form.isAncestorOf(focus):
            if (around := focus.parentWidget()) is not None and focus.property("shows_parent"):
                self._bring(around)
            self._bring(focus)

    def _on_problems(self, problems: Sequence[Problem]) -> None:
        """Bring the first field that is to be mended into sight; the one that has the keyboard comes before it."""
        names = [problem.field for problem in problems]
        wanted = [(part, name) for name in names for part in self._parts if part.target_of(name) is not None]
        if not wanted:
            return
        focus = self._scroller.window().focusWidget()
        chosen = next(((part, name) for part, name in wanted if part.target_of(name) is focus), wanted[0])
        lay_out()
        QTimer.singleShot(0, self, lambda: self._show(*chosen))

    def _show(self, part: FormPart, name: str) -> None:
        """The part as far as there is room, and the field whole."""
        lay_out()
        for widget in (part, part.target_of(name)):
            if widget is not None:
                self._bring(widget)

    def _bring(self, widget: QWidget) -> None:
        """Scroll as little as brings all of it into sight; of a text that is too high, the line with the caret.

        Qt's own way brings only the caret of a text into sight.
        """
        form, bar, room = (
            self._scroller.widget(),
            self._scroller.verticalScrollBar(),
            self._scroller.viewport().height(),
        )
        if form is None:
            return
        top = widget.mapTo(form, QPoint()).y()
        gap = max(0, min(2 * GAP_PX, (room - widget.height()) // 2))
        bar.setValue(min(max(bar.value(), top + widget.height() + gap - room), top - gap))
        self._scroller.ensureWidgetVisible(widget, 0, 0)

    def _to_top(self) -> None:
        self._scroller.verticalScrollBar().setValue(0)
