"""What a person does with the timeline: marks in hand and chosen, the loop, and how close to look."""

from collections.abc import Callable

from psygnal import SignalInstance

from failview.session.desk.judging import Judging
from failview.session.desk.viewer_port import ViewerPort
from failview.session.label.labelling import Labelling
from failview.session.playing.chosen_mark import ChosenMark
from failview.session.playing.loop import Loop
from failview.session.playing.mark_drag import MarkDrag
from failview.session.playing.transport import Transport
from failview.session.playing.zoom import Zoom


class Timeline:
    """Everything about the open episode's timeline that is not in its label.

    Args:
        transport: The cursor.
        labelling: Sets marks.
        judging: Knows events.
        viewer: Shows marks.
        say: Takes one line for the person.

    Attributes:
        chosen: The mark that keys move.
        drag: The mark in hand.
        loop: What is played again and again.
        zoom: What is seen.
    """

    def __init__(
        self,
        transport: Transport,
        labelling: Labelling,
        judging: Judging,
        viewer: ViewerPort,
        say: Callable[[str], None],
    ) -> None:
        self.chosen = ChosenMark(labelling, transport, say)
        self.drag = MarkDrag(labelling, transport, viewer, self.chosen, say)
        self.loop = Loop(transport, labelling, judging, say)
        self.zoom = Zoom(transport)

    def follow(self, opening: SignalInstance, annotation_changed: SignalInstance) -> None:
        """Follow the episodes and their labels."""
        opening.connect(self.drag.forget)
        annotation_changed.connect(self.loop.follow_marks)
