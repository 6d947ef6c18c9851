"""Turns key strokes anywhere in the window into actions of the table."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QWidget

from failview.session.actions import Action
from failview.session.keymap import Keymap
from failview.session.session import Session

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_COMMAND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier

Ready = Callable[[Action], bool]


def key_names(event: QKeyEvent) -> list[str]:
    """Names under which the key table may know a key stroke, the most exact one first.

    On other layouts than the American one "[" or "?" need Shift or AltGr; then the character that is typed counts.
    """
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.GroupSwitchModifier
    combination = QKeyCombination(modifiers, Qt.Key(event.key()))
    names = [QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)]
    typed = event.text()
    command = modifiers & _COMMAND
    by_alt_gr = command == (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    is_sign = len(typed) == 1 and typed.isprintable() and not typed.isspace() and not typed.isalpha()
    if is_sign and (not command or by_alt_gr):
        names.append(typed)
    if command and modifiers & Qt.KeyboardModifier.ShiftModifier and _is_sign(event.key()):
        unshifted = QKeyCombination(modifiers & ~Qt.KeyboardModifier.ShiftModifier, Qt.Key(event.key()))
        names.append(QKeySequence(unshifted).toString(QKeySequence.SequenceFormat.PortableText))
    return names


class ActionBindings(QObject):
    """Runs the action of a key stroke before the widget that has the keyboard sees it.

    In a text only keys that type nothing count. Enter presses a button that has the keyboard, and belongs to a card
    with the property "takes_enter".

    Args:
        window: The window whose keys are meant.
        session: What actions work on.
        keymap: The table.
        ready: Asked before an action runs; False holds it back (a number that was refused is mended first).

    Attributes:
        about_to_run: Emits the id of an action before it runs.
        only: Ids of the only actions that run now; None for all.
    """

    about_to_run = Signal(str)

    def __init__(self, window: QWidget, session: Session, keymap: Keymap, ready: Ready = lambda _action: True) -> None:
        super().__init__(window)
        self.only: frozenset[str] | None = None
        self._window = window
        self._session = session
        self._keymap = keymap
        self._ready = ready
        self._watched: QObject | None = None
        window.installEventFilter(self)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.focusObjectChanged.connect(self._watch)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the key strokes that mean something."""
        del watched
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        focus = QApplication.focusWidget()
        if self.only is None and self._presses_button(focus, event):
            return True
        if _is_enter(event) and focus is not None and focus.property("takes_enter"):
            return False
        action = self._action_of(event, in_text=_takes_text(focus))
        if action is None:
            return False
        if self.only is not None and action.id not in self.only:
            return False
        if not event.isAutoRepeat() or action.repeats:
            self.run(action)
        return True

    def run(self, action: Action) -> None:
        """Do an action, as its key does it."""
        self.about_to_run.emit(action.id)
        self._session.sitting.note(self._session.now())
        if self._ready(action):
            action.run(self._session)

    def _action_of(self, event: QKeyEvent, *, in_text: bool) -> Action | None:
        found = (self._keymap.action_for(name, in_text=in_text) for name in key_names(event))
        return next((action for action in found if action is not None), None)

    def _presses_button(self, focus: QWidget | None, event: QKeyEvent) -> bool:
        if not _is_enter(event) or not isinstance(focus, QAbstractButton):
            return False
        if not event.isAutoRepeat():
            focus.click()
        return True

    def _watch(self, focus: QObject | None) -> None:
        """Stand before the widget that has the keyboard, if it is one of this window."""
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._forget)
            self._watched = None
        if isinstance(focus, QWidget) and focus is not self._window and focus.window() is self._window:
            self._watched = focus
            focus.installEventFilter(self)
            focus.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._watched = None


def _is_sign(key: int) -> bool:
    """Whether a key is a printable one that is neither letter nor digit: where Shift may only be the way to it."""
    return key < 0x80 and not chr(key).isalnum() and not chr(key).isspace()


def _is_enter(event: QKeyEvent) -> bool:
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
    return plain and event.key() in _ENTER


def _takes_text(focus: QWidget | None) -> bool:
    return isinstance(focus, QLineEdit | QPlainTextEdit)
