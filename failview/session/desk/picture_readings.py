"""Whether force, torque and aperture stand over the camera pictures."""

from collections.abc import Callable

from failview.session.desk.viewer_port import ViewerPort


class PictureReadings:
    """The switch of the readings.

    Args:
        viewer: Shows them.
        say: Takes one line for the person.

    Attributes:
        shown: Whether they are to be seen; it stays so from episode to episode.
    """

    def __init__(self, viewer: ViewerPort, say: Callable[[str], None]) -> None:
        self._viewer = viewer
        self._say = say
        self.shown = True

    def choose(self, *, shown: bool) -> None:
        """Let them be seen or not."""
        self.shown = shown
        self._viewer.show_readings(shown)

    def switch(self) -> None:
        """Let them come or go, and say so."""
        self.choose(shown=not self.shown)
        self._say(f"Force, torque and aperture over the pictures: {'on' if self.shown else 'off'}.")
