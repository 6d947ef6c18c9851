"""The event of the detectors at or next to the cursor, with its evidence."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from failview.model.detection import Detection, EpisodeFindings, ProposedField
from failview.panel.cards.proposal_words import main_evidence
from failview.panel.look.evidence_words import whole
from failview.panel.look.form_part import FormPart
from failview.panel.look.listening import listen
from failview.panel.look.style import BASE_PX, GAP_PX, SMALL_PX, Tokens, make_font, scaled
from failview.session.desk.event_words import DETECTOR_TITLES, confidence_words, frames_words, hue_of, kind_words
from failview.session.playing.landmarks import event_near
from failview.session.session import Session

_DOT_PX = 4.0
_LEAST_EVIDENCE_PX = 60
"""Less room than this tells nothing; all of it is a tool tip."""


class EventLine(FormPart):
    """One line, painted as a whole, so that a playing cursor moves no other widget."""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__(session)
        self._tokens = tokens
        self._event: Detection | None = None
        self._is_main = False
        self._under_cursor = False
        self._low = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        listen(self, session.judging.arrived, self._follow)
        listen(self, session.transport.frame_changed, self._follow)
        self.refresh()

    @property
    def event_shown(self) -> Detection | None:
        """The event that is written about."""
        return self._event

    @property
    def heading(self) -> str:
        """What it is, and when."""
        event = self._event
        if event is None:
            return ""
        return f"{DETECTOR_TITLES.get(event.detector, event.detector)}: {kind_words(event.kind)} {frames_words(event)}"

    def set_low(self, *, low: bool) -> None:
        """Leave the room to others in a low window."""
        if low != self._low:
            self._low = low
            self.refresh()

    def refresh(self) -> None:
        """Show the event near the cursor; nothing where there are none."""
        opened = self.session.open_episode
        findings = self.session.judging.of(None if opened is None else opened.episode).findings
        here = self.session.transport.frame
        event = None if findings is None else event_near(findings, here)
        self.setVisible(event is not None and not self._low)
        under_cursor = event is not None and event.start_frame <= here <= event.end_frame
        if under_cursor is not self._under_cursor:
            self._under_cursor = under_cursor
            self.update()
        if event is self._event:
            return
        self._is_main = event is not None and findings is not None and event.evidence == _main_evidence(findings)
        self._event = event
        if event is not None:
            self.setToolTip(f"{self.heading} ({confidence_words(event.confidence)})\n{whole(event.evidence)}")
            self.setAccessibleName(self.heading)
            self.setAccessibleDescription(whole(event.evidence))
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(240, _line())

    def minimumSizeHint(self) -> QSize:
        """A short line."""
        return QSize(120, _line())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a dot in the colour of its lane, what it is, how sure, and the evidence that fits."""
        del event
        if self._event is None:
            return
        tokens = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.hue(hue_of(self._event))))
        painter.drawEllipse(QPointF(_DOT_PX, _line() / 2), _DOT_PX, _DOT_PX)
        sure = confidence_words(self._event.confidence)
        sure_px = QFontMetricsF(make_font(SMALL_PX)).horizontalAdvance(sure)
        left = 2 * _DOT_PX + GAP_PX
        right = self.width() - sure_px - GAP_PX
        colour = tokens.text if self._under_cursor else tokens.muted
        self._words(painter, make_font(BASE_PX), colour, QRectF(left, 0, right - left, _line()), self.heading)
        left += QFontMetricsF(make_font(BASE_PX)).horizontalAdvance(self.heading) + GAP_PX
        room = QRectF(self.width() - sure_px - 1, 0, sure_px + 1, _line())
        self._words(painter, make_font(SMALL_PX), tokens.muted, room, sure)
        evidence = "the proposal rests on it" if self._is_main else whole(self._event.evidence)
        if right - left >= scaled(_LEAST_EVIDENCE_PX):
            beside = QRectF(left, 0, right - left, _line())
            self._words(painter, make_font(SMALL_PX), tokens.muted, beside, evidence)

    def _words(self, painter: QPainter, font: QFont, colour: str, room: QRectF, words: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def _main_evidence(findings: EpisodeFindings) -> str:
    return main_evidence(findings.proposal) if ProposedField.OUTCOME in findings.proposal else ""


def _line() -> int:
    return scaled(18)
