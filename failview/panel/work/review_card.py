"""The review of an episode: why it is here, what each side says, the evidence, and the reviewer's reason."""

from html import escape

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from failview.model.detection import EpisodeFindings, ProposedField
from failview.panel.cards.proposal_words import all_evidence, main_evidence, not_judged_words
from failview.panel.look.evidence_words import folded, with_links
from failview.panel.look.form_part import FormPart
from failview.panel.look.key_badge import KeyCaps
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.panel.work.review_words import history_lines, request_lines
from failview.panel.work.sides_table import SidesTable
from failview.session.actions import action
from failview.session.desk.judging import JudgingState
from failview.session.keymap import Keymap
from failview.session.session import Session
from failview.session.work.review import COMPARED, DETECTORS, WHY, differ, side_of
from failview.session.work.stage_rules import ReviewReason, review_reasons
from failview.sidecars.validation import Problem

_MORE = "more"
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ReviewCard(FormPart):
    """There only in the review."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self._tokens = tokens
        self._unfolded = False
        self._here_for: tuple[ReviewReason, ...] | None = None
        self.reasons, self.requests, self.evidence, self.history = (_words() for _ in range(4))
        for label in (self.evidence, self.history):
            label.setProperty("role", "muted")
        self.evidence.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.evidence.linkActivated.connect(self._on_link)
        self.table = SidesTable(session, tokens)
        self.take = KeyedButton(tokens, "Take the other side", keymap.shown_key("take_other_side"))
        self.take.clicked.connect(session.review.take_other_side)
        self.needed = QLabel()
        self.needed.setProperty("role", "caption")
        self.why = QLineEdit()
        self.why.setPlaceholderText("Why you decide so")
        self.why.setAccessibleName("Reason for the decision")
        self.why.textEdited.connect(session.review.set_why)
        self.why.installEventFilter(self)
        self._arrange(KeyCaps((keymap.shown_key("root_cause"),), tokens))
        listen(self, session.judging.arrived, self._follow)
        listen(self, session.review.changed, self._follow)
        listen(self, session.opening, self._fold)
        listen(self, session.problems_found, self._on_problems)
        self.refresh()

    def target_of(self, field: str) -> QWidget | None:
        """The reason."""
        return self.why if field == WHY else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter below the reason decides."""
        is_key = watched is self.why and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if is_key and isinstance(event, QKeyEvent) and event.key() in _ENTER:
            if not event.isAutoRepeat():
                action("accept").run(self.session)
            return True
        return False

    def refresh(self) -> None:
        """Show the open episode's sides."""
        opened, review = self.session.open_episode, self.session.review
        self.setVisible(review.is_on and opened is not None)
        if opened is None or not review.is_on:
            return
        sides = review.sides
        self._show_reasons(opened.episode.episode_id)
        self.table.show_sides(sides, None if review.upholds else side_of("now", opened.annotation))
        now = side_of("", opened.annotation)
        others = [side for side in sides[1:] if any(differ(name, now, side) for name in COMPARED)]
        self.take.setVisible(bool(others) and not opened.read_only_reason)
        self.needed.setText("needed: the sides differ" if review.problems() else "")
        self.why.setReadOnly(bool(opened.read_only_reason))
        if self.why.text() != review.why:
            self.why.setText(review.why)
        self._show_evidence()
        decided = history_lines(opened.draft.record)
        self.history.setText("<br>".join(decided))
        self.history.setVisible(bool(decided))

    def _show_reasons(self, episode_id: str) -> None:
        session = self.session
        opened = session.open_episode
        assert opened is not None
        # A reviewer who comes round to the other side takes the reason away, but not why the episode is here.
        if self._here_for is None or session.review.upholds:
            self._here_for = tuple(review_reasons(session.board.seen(session.stage, episode_id)))
        words = (
            " · ".join(reason.value for reason in self._here_for or self._between_sides())
            or "opened by hand: nobody asked for a review"
        )
        self.reasons.setText(f"<b>{escape(words[:1].upper() + words[1:])}</b>")
        lines = [
            line
            for request in opened.draft.record.due_re_reviews
            for line in request_lines(request, session.workplace.taxonomy)
        ]
        colour = self._tokens.amber
        self.requests.setText("<br>".join(f'<span style="color:{colour}">{escape(line)}</span>' for line in lines))
        self.requests.setVisible(bool(lines))

    def _between_sides(self) -> list[ReviewReason]:
        """Why a review that is taken up again was begun."""
        first, *others = self.session.review.sides
        apart = {side.name for side in others if any(differ(name, first, side) for name in COMPARED)}
        found = [ReviewReason.DETECTORS] if DETECTORS in apart else []
        return found + ([ReviewReason.ANNOTATORS] if apart - {DETECTORS} else [])

    def _show_evidence(self) -> None:
        opened = self.session.open_episode
        judgement = self.session.judging.of(None if opened is None else opened.episode)
        findings = judgement.findings
        self.evidence.setVisible(judgement.state is not JudgingState.OFF)
        if findings is None or ProposedField.OUTCOME not in findings.proposal:
            states = {JudgingState.JUDGING: "judging…", JudgingState.FAILED: f"not judged: {judgement.reason}"}
            self.evidence.setText(escape(states.get(judgement.state, "the detectors propose nothing")))
            return
        link = f'<a href="{_MORE}" style="color:{self._tokens.accent}">{"less" if self._unfolded else "more"}</a>'
        self.evidence.setText(f"{'<br>'.join(self._evidence_lines(findings))} {link}")

    def _evidence_lines(self, findings: EpisodeFindings) -> list[str]:
        text = self._tokens.text
        if not self._unfolded:
            return [with_links(folded(main_evidence(findings.proposal)), text)]
        lines = [
            f'<span style="color:{text}">{title}</span> {sure} · {with_links(evidence, text)}'
            for title, sure, evidence in all_evidence(findings.proposal)
        ]
        unjudged = not_judged_words(findings)
        return lines + [f'<span style="color:{text}">{name}</span> not judged: {escape(why)}' for name, why in unjudged]

    def _on_link(self, target: str) -> None:
        if target == _MORE:
            self._unfolded = not self._unfolded
            self.refresh()
        else:
            self.session.transport.pause()
            self.session.transport.seek(int(target))

    def _on_problems(self, problems: list[Problem]) -> None:
        """A decision that lacks something leads to it: to the reason first, as the keys lead to the rest."""
        fields = [problem.field for problem in problems]
        if fields and self.session.review.is_on:
            self.session.focus_requested.emit(WHY if WHY in fields else fields[0])

    def _fold(self) -> None:
        self._unfolded = False
        self._here_for = None
        self.refresh()

    def _arrange(self, why_key: QWidget) -> None:
        card = QFrame()
        card.setProperty("card", "grey")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(GAP_PX + 2, GAP_PX, GAP_PX + 2, GAP_PX)
        inside.setSpacing(GAP_PX)
        caption = QLabel("Reason")
        caption.setProperty("role", "caption")
        captions, below = QHBoxLayout(), QHBoxLayout()
        captions.setSpacing(GAP_PX // 2 + 2)
        captions.addWidget(caption)
        captions.addWidget(why_key)
        captions.addStretch()
        captions.addWidget(self.needed)
        below.addWidget(self.take)
        below.addStretch()
        for widget in (self.reasons, self.requests, self.table):
            inside.addWidget(widget)
        inside.addLayout(below)
        inside.addWidget(self.evidence)
        inside.addLayout(captions)
        inside.addWidget(self.why)
        inside.addWidget(self.history)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)


def _words() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    return label
