"""How the panel looks: its theme and the size of its text, as a person chose them."""

from collections.abc import Callable

from psygnal import Signal

from failview.settings.user_settings import LARGEST_FONT, SMALLEST_FONT, THEMES

FONT_SCALES = (SMALLEST_FONT, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, LARGEST_FONT)
"""Steps of the keys; the settings file may hold any size between the ends."""


class Appearance:
    """Theme and size of text.

    Args:
        say: Takes one line for the person.

    Attributes:
        changed: Emits after every change.
        theme: One of THEMES.
        font_scale: Factor on the usual size of text.
    """

    changed = Signal()

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.theme = THEMES[0]
        self.font_scale = 1.0

    def choose(self, *, theme: str | None = None, font_scale: float | None = None) -> None:
        """Take another theme or size; None leaves it."""
        before = (self.theme, self.font_scale)
        self.theme = self.theme if theme is None else theme
        if font_scale is not None:
            self.font_scale = min(max(font_scale, SMALLEST_FONT), LARGEST_FONT)
        if (self.theme, self.font_scale) != before:
            self.changed.emit()

    def switch_theme(self) -> None:
        """Go to the next theme."""
        self.choose(theme=THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)])

    def enlarge(self, steps: int) -> None:
        """Make text larger or smaller by steps of FONT_SCALES, and say how large it is."""
        beyond = [scale for scale in FONT_SCALES if (scale - self.font_scale) * steps > 0]
        if not beyond:
            self._say(f"Text {self.font_scale:.0%}: there is no {'larger' if steps > 0 else 'smaller'} one.")
            return
        self.choose(font_scale=beyond[0] if steps > 0 else beyond[-1])
        self._say(f"Text {self.font_scale:.0%}.")

    def usual_font(self) -> None:
        """Text of the usual size."""
        self.choose(font_scale=1.0)
        self._say("Text 100%.")
