"""The causal chain: one line a link, and while it has the keyboard the texts to write in."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from failview.model.annotation import CausalLink
from failview.panel.look.elided_label import ElidedLabel
from failview.panel.look.link_row import LinkRow
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.label.causal_chain import next_cause
from failview.session.session import Session

_KEYS = "⏎ next · Alt+↑↓ order · Alt+F frame here · Alt+J go there · Alt+⌫ delete"
_BY_KEY = Qt.FocusReason.ShortcutFocusReason


class ChainEditor(QWidget):
    """Follows the chain of the label; the row behind the last link makes a new one.

    Args:
        session: Where the label lives.
        tokens: Colours.
    """

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._tokens = tokens
        self._links: tuple[CausalLink, ...] = ()
        self._unfolded = False
        self._place = -1
        self.rows: list[LinkRow] = []
        self.lines: list[ElidedLabel] = []
        self._keys = QLabel(_KEYS)
        self._keys.setProperty("role", "caption")
        self._keys.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, GAP_PX // 2, 0, 0)
        self._column.setSpacing(GAP_PX // 2)
        self._column.addWidget(self._keys)
        # Made now, it has its place in the order of Tab; the others follow it.
        self._add_row()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)
        listen(self, session.opening, self._forget_place)

    def show_links(self, links: tuple[CausalLink, ...]) -> None:
        """Show the chain as it is now."""
        self._links = links
        self._show_lines(() if self._unfolded else links)
        self._show_rows(len(links) + 1 if self._unfolded else 0)
        self._keys.setVisible(self._unfolded)
        self.setVisible(self._unfolded or bool(links))

    def unfold(self) -> QWidget:
        """Open it; the text to go on in: where one was last in this episode, else the next link."""
        self._unfolded = True
        self.show_links(self._links)
        place = self._place if 0 <= self._place < len(self.rows) else len(self._links)
        return self._start_of(place)

    def _show_lines(self, links: tuple[CausalLink, ...]) -> None:
        while len(self.lines) < len(links):
            line = ElidedLabel()
            line.setProperty("role", "caption")
            self._column.addWidget(line)
            self.lines.append(line)
        for line, link in zip(self.lines, links, strict=False):
            at = "" if link.frame is None else f" · {link.frame}"
            line.setText(f"{link.cause or '…'} → {link.effect or '…'}{at}")
        for number, line in enumerate(self.lines):
            line.setVisible(number < len(links))

    def _show_rows(self, count: int) -> None:
        while len(self.rows) < count:
            self._add_row()
        reason = self._session.labelling.read_only_reason
        for place, row in enumerate(self.rows):
            if place >= count and row.isAncestorOf(QApplication.focusWidget() or self) and count:
                self.rows[count - 1].cause.setFocus(_BY_KEY)
            if place < count:
                link = self._links[place] if place < len(self._links) else None
                suggested = "" if link else next_cause(self._links)
                row.show_link(link, suggested, read_only=bool(reason))
            row.setVisible(place < count)

    def _add_row(self) -> None:
        place = len(self.rows)
        row = LinkRow(self._tokens, place)
        row.typed.connect(partial(self._session.explanation.chain.type_text, place))
        row.entered.connect(partial(self._on_entered, place))
        row.commanded.connect(partial(self._on_command, place))
        self._column.addWidget(row)
        if self.rows:
            QWidget.setTabOrder(self.rows[-1].frame, row.cause)
        QWidget.setTabOrder(row.cause, row.effect)
        QWidget.setTabOrder(row.effect, row.frame)
        self.rows.append(row)

    def _start_of(self, place: int) -> QWidget:
        """The text to write first: the effect where the cause is suggested already."""
        row = self.rows[place]
        is_next = place == len(self._links)
        return row.effect if is_next and next_cause(self._links) else row.cause

    def _on_entered(self, place: int, part: str) -> None:
        row = self.rows[place]
        following = min(place + 1, len(self._links))
        target = row.effect if part == "cause" else self._start_of(following)
        target.setFocus(_BY_KEY)

    def _on_command(self, place: int, command: str) -> None:
        chain = self._session.explanation.chain
        if command in ("up", "down"):
            part = "effect" if self.rows[place].effect.hasFocus() else "cause"
            target = self.rows[chain.move(place, -1 if command == "up" else 1)]
            (target.effect if part == "effect" else target.cause).setFocus(_BY_KEY)
        elif command == "delete":
            chain.delete(place)
        elif command == "frame":
            chain.set_frame_here(place)
        else:
            self._jump(place)

    def _jump(self, place: int) -> None:
        frame = self._links[place].frame if place < len(self._links) else None
        if frame is None:
            self._session.notice.emit("This link has no frame yet.")
        else:
            self._session.transport.pause()
            self._session.transport.seek(frame)

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Unfold while the keyboard is here; another window is not elsewhere."""
        if now is None or now.window() is not self.window():
            return
        inside = self.isAncestorOf(now)
        if inside:
            self._place = next((place for place, row in enumerate(self.rows) if row.isAncestorOf(now)), self._place)
        if inside is not self._unfolded:
            self._unfolded = inside
            self.show_links(self._links)

    def _forget_place(self) -> None:
        self._place = -1
