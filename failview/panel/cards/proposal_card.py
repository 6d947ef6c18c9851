"""What the detectors propose and why, visibly nobody's word yet; Enter accepts it."""

from html import escape

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from failview.model.annotation import Stage
from failview.model.detection import EpisodeFindings, Proposal, ProposedField
from failview.panel.cards.proposal_words import (
    all_evidence,
    chance,
    frames_words,
    main_evidence,
    not_judged_words,
    path_words,
)
from failview.panel.look.evidence_words import folded, with_links
from failview.panel.look.form_part import FormPart
from failview.panel.look.keyed_button import KeyedButton, Look
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.panel.look.unfolded_text import UnfoldedText
from failview.session.actions import action
from failview.session.desk.event_words import confidence_words
from failview.session.desk.judging import Judgement, JudgingState
from failview.session.keymap import Keymap
from failview.session.label.acceptance import contradicting, is_accepted
from failview.session.session import Session

SLOW_MS = 3000
"""Judging usually takes a tenth of a second; from here on the card says that nobody needs to wait for it."""

UNSURE = 0.7
"""Below this the confidence is amber: look twice."""

_MORE = "more"
_LINES, _LINES_LOW = 18, 3
"""Lines that are seen at once of what is unfolded; the rest scrolls."""


class ProposalCard(FormPart):
    """A dashed card above the timeline."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self._tokens = tokens
        self._unfolded = False
        self._low = False
        self._slow = False
        self._on_one_line: bool | None = None
        self.caption, self.sure = _label("caption"), _label("caption")
        self.path = _label(wraps=True)
        self.accept = KeyedButton(tokens, "Accept", keymap.shown_key("accept"), look=Look.PROPOSAL)
        self.accept.setAccessibleName(action("accept").title)
        self.accept.clicked.connect(lambda: action("accept").run(session))
        self.frames, self.reasons, self.details = (_label("muted", wraps=True) for _ in range(3))
        self.unfolded = UnfoldedText(self.details)
        for label in (self.frames, self.reasons, self.details):
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
            )
            label.linkActivated.connect(self._on_link)
        self._slow_timer = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow_timer.timeout.connect(self._on_slow)
        self._arrange()
        listen(self, session.judging.arrived, self._follow)
        self.refresh()

    @property
    def judgement(self) -> Judgement:
        """What is known about the open episode."""
        opened = self.session.open_episode
        return self.session.judging.of(None if opened is None else opened.episode)

    def set_low(self, *, low: bool) -> None:
        """Take as little room as possible, for a low window."""
        self.unfolded.lines = _LINES_LOW if low else _LINES
        if low != self._low:
            self._low = low
            self.refresh()

    def refresh(self) -> None:
        """Show how far the detectors are, or what they propose."""
        judgement = self.judgement
        # In the review it is one of the sides, on a card of its own.
        self.setVisible(judgement.state is not JudgingState.OFF and self.session.stage is not Stage.REVIEW)
        if judgement.state is not JudgingState.JUDGING:
            self._slow_timer.stop()
        elif not self._slow and not self._slow_timer.isActive():
            self._slow_timer.start()
        if judgement.findings is not None and ProposedField.OUTCOME in judgement.findings.proposal:
            self._show_proposal(judgement.findings)
        else:
            self._show_state(judgement)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card: dashed while it is only proposed."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self._border), 1)
        if self.is_proposed:
            pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        painter.setBrush(QColor(self._tokens.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), GAP_PX, GAP_PX)

    @property
    def is_proposed(self) -> bool:
        """Whether there is a proposal that the label does not say yet."""
        return not self.path.isHidden() and not self._accepted

    @property
    def _border(self) -> str:
        if not self.is_proposed:
            return self._tokens.line
        return self._tokens.amber if self._differs else self._tokens.accent

    @property
    def _proposal(self) -> Proposal:
        findings = self.judgement.findings
        return {} if findings is None else findings.proposal

    @property
    def _accepted(self) -> bool:
        proposal = self._proposal
        if self.session.stage is Stage.TRIAGE:
            proposal = {field: item for field, item in proposal.items() if field is ProposedField.OUTCOME}
        return is_accepted(self.annotation, proposal)

    @property
    def _differs(self) -> bool:
        return bool(contradicting(self.annotation, self._proposal))

    def _show_state(self, judgement: Judgement) -> None:
        findings = judgement.findings
        if judgement.state is JudgingState.JUDGING:
            words = "judging… it takes unusually long; go on without it" if self._slow else "judging…"
        elif judgement.state is JudgingState.HIDDEN:
            words = "Blind: label this one without a proposal"
        elif judgement.state is JudgingState.FAILED:
            words = f"not judged: {judgement.reason}"
        else:
            words = "nothing proposed: no detector could tell how it ended"
        for widget in (self.path, self.accept, self.sure, self.frames):
            widget.setVisible(False)
        self._place(on_one_line=False)
        self.caption.setText(words)
        self.caption.setWordWrap(True)
        self._show_reasons(findings, "")

    def _show_proposal(self, findings: EpisodeFindings) -> None:
        proposal, accepted, differs = findings.proposal, self._accepted, self._differs
        tokens = self._tokens
        words, hue = path_words(proposal, self.session.workplace.taxonomy)
        first = f'<span style="color:{tokens.hue(hue)}">{escape(words[0])}</span>'
        arrow = f' <span style="color:{tokens.muted}">›</span> '
        said = f'<span style="color:{tokens.muted}">Accepted&nbsp;·</span> ' if accepted else ""
        self.path.setText(f"{said}<b>{arrow.join([first, *map(escape, words[1:])])}</b>")
        self._place(on_one_line=accepted)
        self.caption.setWordWrap(False)
        self.caption.setText("Accepted" if accepted else "Proposed · yours differs" if differs else "Proposed")
        asked = self.session.stage is Stage.TRIAGE
        certain = proposal[ProposedField.OUTCOME].confidence if asked else chance(proposal)
        colour = tokens.amber if certain < UNSURE else tokens.text
        title = "" if accepted else "confidence "
        self.sure.setText(f'{title}<span style="color:{colour}">{confidence_words(certain)}</span>')
        self.frames.setText(frames_words(proposal, tokens.text))
        self.path.setVisible(True)
        self.sure.setVisible(True)
        self.accept.setVisible(not accepted and not differs)
        self.accept.setEnabled(not self.session.labelling.read_only_reason)
        self.frames.setVisible(not accepted and not self._low and bool(self.frames.text()))
        self._show_reasons(findings, "" if accepted or self._low else folded(main_evidence(proposal)))

    def _show_reasons(self, findings: EpisodeFindings | None, evidence: str) -> None:
        """The evidence, or all there is to tell, with the link that unfolds it."""
        self.reasons.setVisible(findings is not None)
        self.unfolded.setVisible(findings is not None and self._unfolded)
        if findings is None:
            return
        unjudged = not_judged_words(findings)
        words = "less" if self._unfolded else "more" if evidence else "why"
        missing = f" · {len(unjudged)} not judged" if unjudged else ""
        link = f'<a href="{_MORE}" style="color:{self._tokens.accent}">{words}{missing}</a>'
        told = "" if self._unfolded else with_links(evidence, self._tokens.text)
        self.reasons.setText(f"{told} {link}".strip())
        self.unfolded.show_text("<br>".join(self._detail_lines(findings, unjudged)) if self._unfolded else "")

    def _detail_lines(self, findings: EpisodeFindings, unjudged: list[tuple[str, str]]) -> list[str]:
        text = self._tokens.text
        lines = [
            f'<span style="color:{text}">{title}</span> {sure} · {with_links(evidence, text)}'
            for title, sure, evidence in all_evidence(findings.proposal)
        ]
        if self._low and (frames := frames_words(findings.proposal, text)):
            lines.insert(0, frames)
        lines += [f'<span style="color:{text}">{name}</span> not judged: {escape(why)}' for name, why in unjudged]
        return lines + [escape(note) for note in findings.notes]

    def _arrange(self) -> None:
        self._top, self._middle = QHBoxLayout(), QHBoxLayout()
        self._top.addWidget(self.caption, 1)
        self._middle.setSpacing(GAP_PX)
        self._middle.addWidget(self.path, 1)
        self._middle.addWidget(self.accept, 0, Qt.AlignmentFlag.AlignTop)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX + 2, GAP_PX // 2 + 2, GAP_PX + 2, GAP_PX // 2 + 2)
        column.setSpacing(GAP_PX // 2)
        column.addLayout(self._top)
        column.addLayout(self._middle)
        for widget in (self.frames, self.unfolded):
            column.addWidget(widget)
        self._place(on_one_line=False)

    def _place(self, *, on_one_line: bool) -> None:
        """What is accepted is one line: what, how sure, and the link to the reasons."""
        self.caption.setVisible(not on_one_line)
        if on_one_line is self._on_one_line:
            return
        self._on_one_line = on_one_line
        self.reasons.setWordWrap(not on_one_line)
        (self._middle if on_one_line else self._top).addWidget(self.sure)
        (self._middle if on_one_line else self._column).addWidget(self.reasons)

    def _on_link(self, target: str) -> None:
        if target == _MORE:
            self._unfolded = not self._unfolded
            self.refresh()
        else:
            self.session.transport.pause()
            self.session.transport.seek(int(target))

    def _on_left(self, episode_id: str) -> None:
        self._unfolded = self._slow = False
        self._slow_timer.stop()
        super()._on_left(episode_id)

    def _on_slow(self) -> None:
        self._slow = True
        self.refresh()


def _label(role: str = "", *, wraps: bool = False) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(wraps)
    label.setTextFormat(Qt.TextFormat.RichText)
    return label
