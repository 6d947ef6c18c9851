"""How events of the detectors are called and coloured, on the panel and in the viewer alike."""

from failview.model.detection import Detection

DETECTOR_TITLES = {
    "collision": "collision",
    "grasp": "grasp",
    "smoothness": "motion",
    "task_success": "task",
    "tracking": "tracking",
    "workspace": "workspace",
}
"""Short words for a detector, in the order of the lanes: by name, because Rerun sorts its lanes so."""

_HUES = {
    "grasp": "teal",
    "collision": "amber",
    "workspace": "accent",
    "smoothness": "violet",
    "tracking": "violet",
    "task_success": "red",
}
_GOOD_NEWS = frozenset({"task.reached"})


def kind_words(kind: str) -> str:
    """A kind as people read it: "grasp.slip" is "slip"."""
    return kind.partition(".")[2].replace("_", " ") or kind


def hue_of(event: Detection) -> str:
    """Name of the colour of an event: its detector's, green where it is good news."""
    return "green" if event.kind in _GOOD_NEWS else _HUES.get(event.detector, "muted")


def frames_words(event: Detection) -> str:
    """First and last frame with a dash; one number for a single frame."""
    if event.start_frame == event.end_frame:
        return str(event.start_frame)
    return f"{event.start_frame}\N{EN DASH}{event.end_frame}"


def confidence_words(confidence: float) -> str:
    """A confidence as figures: ".86", never a whole 1, which nobody can be."""
    return f"{min(confidence, 0.99):.2f}".removeprefix("0")
