"""The frame under the cursor in large figures, its time, and how fast it moves."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from failview.panel.look.form_part import FormPart
from failview.panel.look.listening import listen
from failview.panel.look.style import BASE_PX, GAP_PX, LARGE_PX, SMALL_PX, Tokens, make_font, scaled
from failview.session.session import Session

_HEIGHT_PX = 24
_PILL_PX = 18


class TimelineHead(FormPart):
    """Painted as a whole, so that counting frames moves no other widget."""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__(session)
        self._tokens = tokens
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._busy = ""
        listen(self, session.opening, self._on_opening)
        listen(self, session.failed_to_open, self._on_failed)
        transport = session.transport
        for signal in (transport.frame_changed, transport.playing_changed, transport.speed_changed):
            listen(self, signal, self._follow)
        for signal in (transport.playback.kept_changed, session.timeline.loop.changed):
            listen(self, signal, self._follow)

    @property
    def frame_words(self) -> str:
        """The largest words of the panel."""
        return f"frame {self.session.transport.frame}" if self.session.open_episode is not None else self._busy

    @property
    def length_words(self) -> str:
        """How long the episode is, and the time of the cursor."""
        if self.session.open_episode is None:
            return ""
        clock = self.session.transport.clock
        time_s = clock.time_s(self.session.transport.frame)
        return f"of {clock.num_frames} · {'no rate known' if time_s is None else f'{time_s:.2f} s'}"

    @property
    def speed_words(self) -> str:
        """The speed; backwards has an arrow, and what is really kept of it stands in brackets."""
        speed = self.session.transport.speed
        kept_share = self.session.transport.playback.kept_share
        chosen = f"{'◀ ' if speed < 0 else ''}{abs(speed):g}×"
        return f"{chosen} ({abs(speed) * kept_share:.2g}×)" if kept_share < 1 else chosen

    @property
    def pace_words(self) -> str:
        """Whether it plays, and whether again and again."""
        if not self.session.transport.playing:
            return "paused"
        return "playing" if self.session.timeline.loop.range is None else "looping"

    def refresh(self) -> None:
        """Show the cursor as it is now."""
        self.setAccessibleName(f"{self.frame_words} {self.length_words}")
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(280, scaled(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """Everything fits even for long episodes."""
        return QSize(240, scaled(_HEIGHT_PX))

    def words_that_fit(self) -> tuple[str, str, str, str]:
        """Frame, length or time, pace and speed as they are painted. Frame, time and speed are always among them."""
        time = self.length_words.rpartition(" · ")[2]
        sign = {"playing": "▶", "looping": "↻"}.get(self.pace_words, "")
        large, base = QFontMetricsF(self._large), QFontMetricsF(self._base)
        room = self.width() - self._pill_width - 3 * GAP_PX
        for frame in (self.frame_words, self.frame_words.removeprefix("frame ")):
            for length, pace in (
                (self.length_words, self.pace_words),
                (time, self.pace_words),
                (time, sign),
                (time, ""),
            ):
                words_px = (
                    large.horizontalAdvance(frame) + base.horizontalAdvance(length) + base.horizontalAdvance(pace)
                )
                if words_px <= room:
                    return frame, length, pace, self.speed_words
        return self.frame_words, "", sign, self.speed_words

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame and time at the left, pace and speed at the right."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame, length, pace, _ = self.words_that_fit()
        pace_left = self._paint_speed(painter) - GAP_PX - QFontMetricsF(self._base).horizontalAdvance(pace)
        colour = self._tokens.text if self.session.transport.playing else self._tokens.muted
        self._words(painter, self._base, colour, pace_left, pace)
        if self.session.open_episode is None:
            room = self.width() * 0.6
            words = QFontMetricsF(self._base).elidedText(self._busy, Qt.TextElideMode.ElideMiddle, room)
            self._words(painter, self._base, self._tokens.muted, 0.0, words)
        else:
            left = self._words(painter, self._large, self._tokens.text, 0.0, frame) + GAP_PX
            self._words(painter, self._base, self._tokens.muted, left, length)

    def _on_opening(self, episode_id: str) -> None:
        self._busy = f"opening {episode_id} …"
        self.refresh()

    def _on_failed(self) -> None:
        self._busy = "not opened"
        self.refresh()

    @property
    def _pill_width(self) -> float:
        return QFontMetricsF(self._small).horizontalAdvance(self.speed_words) + 2 * GAP_PX

    @property
    def _large(self) -> QFont:
        return make_font(LARGE_PX, bold=True)

    @property
    def _base(self) -> QFont:
        return make_font(BASE_PX)

    @property
    def _small(self) -> QFont:
        return make_font(SMALL_PX)

    @property
    def _baseline(self) -> float:
        return (scaled(_HEIGHT_PX) + QFontMetricsF(self._large).capHeight()) / 2

    def _words(self, painter: QPainter, font: QFont, colour: str, left: float, words: str) -> float:
        """Paint words on the common baseline; gives their right edge."""
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(QRectF(left, self._baseline - metrics.ascent(), 400, metrics.height()), 0, words)
        return left + metrics.horizontalAdvance(words)

    def _paint_speed(self, painter: QPainter) -> float:
        width = self._pill_width
        middle = self._baseline - QFontMetricsF(self._small).capHeight() / 2
        height = scaled(_PILL_PX)
        pill = QRectF(self.width() - width, middle - height / 2, width, height)
        kept = self.session.transport.playback.kept_share == 1
        hue = "accent" if kept else "amber"
        usual = self.session.transport.speed == 1.0 and kept
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.line if usual else self._tokens.tint(hue)))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setFont(self._small)
        painter.setPen(QColor(self._tokens.text if usual else self._tokens.hue(hue)))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self.speed_words)
        return pill.left()
