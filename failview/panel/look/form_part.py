"""What all parts of the form share: they show the label of the open episode and follow its changes."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from failview.model.annotation import Annotation
from failview.panel.look.listening import listen
from failview.session.session import Session

NOTHING_SAID = Annotation()


class FormPart(QWidget):
    """A part of the form.

    Args:
        session: Where the label lives.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        for signal in (session.opened, session.annotation_changed, session.failed_to_open):
            listen(self, signal, self._follow)
        listen(self, session.opening, self._on_left)
        listen(self, session.emptied, self._follow)
        listen(self, session.appearance.changed, self._follow)
        listen(self, session.focus_requested, self._on_focus_requested)

    @property
    def annotation(self) -> Annotation:
        """The label of the open episode; a blank one while none is open."""
        opened = self.session.open_episode
        return NOTHING_SAID if opened is None else opened.annotation

    def refresh(self) -> None:
        """Show the label as it is now."""
        raise NotImplementedError

    def target_of(self, field: str) -> QWidget | None:
        """The widget that takes the keyboard for a field of the annotation; None when it is not here."""
        del field
        return None

    def _on_left(self, episode_id: str) -> None:
        """Show nothing while the next episode is read; one that is there at once is shown at once."""
        if not self.session.comes_at_once(episode_id):
            self._follow()

    def _on_focus_requested(self, field: str) -> None:
        target = self.target_of(field) if field and self.isVisible() else None
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _follow(self) -> None:
        self.refresh()
