"""The labelling configuration of a Label Studio project, made from the taxonomy."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from failview.model.annotation import Attribution, Outcome, RecoveryOutcome, Severity
from failview.model.taxonomy import Category, Cause, Taxonomy

VIDEO, EVENTS = "video", "events"
ONSET, OBVIOUS, RECOVERY = "failure_onset", "failure_obvious", "recovery"
OUTCOME, CATEGORY, SUBCATEGORY = "outcome", "failure_category", "failure_subcategory"
ROOT_CAUSE, NOTES, CONFIDENCE, PREVENTABLE = "root_cause", "notes", "annotator_confidence", "preventable"
YES, NO = "yes", "no"

CHOICES = {
    "recovery_outcome": tuple(RecoveryOutcome),
    "severity": tuple(Severity),
    "attribution": tuple(Attribution),
    PREVENTABLE: (YES, NO),
}
"""Choices below those of the failure, by field."""

CAUSES = ("proximal_cause", "distal_cause")
_COLORS = {ONSET: "#ef6a5f", OBVIOUS: "#e5ad4c", RECOVERY: "#4fbf83"}
_NO_SUCCESS = f"{Outcome.FAILURE},{Outcome.PARTIAL_SUCCESS}"


def labelling_config(taxonomy: Taxonomy) -> str:
    """The configuration as XML."""
    root = Element("View")
    SubElement(root, "Header", value="$episode_id - $task")
    SubElement(root, "Video", name=VIDEO, value="$video", framerate="$fps", height="480", timelineHeight="96")
    events = SubElement(root, "TimelineLabels", name=EVENTS, toName=VIDEO)
    for name, color in _COLORS.items():
        SubElement(events, "Label", value=name, background=color)
    _choices(root, OUTCOME, [(item.value, "") for item in Outcome], required="true")
    failed = SubElement(root, "View", visibleWhen="choice-selected", whenTagName=OUTCOME, whenChoiceValue=_NO_SUCCESS)
    _choices(failed, CATEGORY, [(item.id, item.definition) for item in taxonomy.categories])
    for category in taxonomy.categories:
        _subcategories(failed, category)
    _title(failed, "Root cause, 10 to 50 words")
    SubElement(failed, "TextArea", name=ROOT_CAUSE, toName=VIDEO, rows="3", maxSubmissions="1", editable="true")
    for name, values in CHOICES.items():
        _choices(failed, name, [(str(value), "") for value in values])
    _causes(failed, CAUSES[0], taxonomy.proximal_causes)
    _causes(failed, CAUSES[1], taxonomy.distal_causes)
    _title(root, "Confidence, 0 to 1")
    SubElement(root, "Number", name=CONFIDENCE, toName=VIDEO, min="0", max="1", step="0.01")
    _title(root, "Notes")
    SubElement(root, "TextArea", name=NOTES, toName=VIDEO, rows="2", maxSubmissions="1", editable="true")
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def subcategory_control(category_id: str) -> str:
    """Name of the choices of the subcategories of a category."""
    return f"{SUBCATEGORY}_{category_id}"


def _title(parent: Element, words: str) -> None:
    SubElement(parent, "Header", value=words, size="5")


def _choices(parent: Element, name: str, values: Iterable[tuple[str, str]], **more: str) -> None:
    _title(parent, name.replace("_", " "))
    about = {"name": name, "toName": VIDEO, "choice": "single", "showInline": "true", **more}
    control = SubElement(parent, "Choices", about)
    for value, hint in values:
        SubElement(control, "Choice", {"value": value, "hint": hint} if hint else {"value": value})


def _subcategories(parent: Element, category: Category) -> None:
    shown = SubElement(parent, "View", visibleWhen="choice-selected", whenTagName=CATEGORY, whenChoiceValue=category.id)
    _choices(shown, subcategory_control(category.id), [(item.id, item.definition) for item in category.subcategories])


def _causes(parent: Element, name: str, causes: Sequence[Cause]) -> None:
    _title(parent, name.replace("_", " "))
    control = SubElement(parent, "Choices", name=name, toName=VIDEO, choice="single", layout="select")
    for cause in causes:
        SubElement(control, "Choice", value=cause.id, hint=cause.definition)
