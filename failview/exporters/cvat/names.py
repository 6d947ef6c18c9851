"""Names of tags and attributes in CVAT, and what a project's labels are."""

from collections.abc import Sequence
from typing import Any

from failview.model.annotation import Attribution, Outcome, RecoveryOutcome, Severity
from failview.model.taxonomy import Taxonomy

EPISODE = "episode"
"""The tag on the first frame that carries what is said about the whole episode."""

ONSET, OBVIOUS, RECOVERY = "failure_onset", "failure_obvious", "recovery"
"""Tags on single frames; a recovery on each of its frames."""

EPISODE_ID, TAXONOMY = "episode_id", "taxonomy"
NOT_SAID = ""
YES, NO = "yes", "no"
TEXTS = ("root_cause", "notes")
CONFIDENCE, PREVENTABLE = "annotator_confidence", "preventable"
_COLORS = {EPISODE: "#5aa9ff", ONSET: "#ef6a5f", OBVIOUS: "#e5ad4c", RECOVERY: "#4fbf83"}


def choices(taxonomy: Taxonomy) -> dict[str, list[str]]:
    """What each choice offers, by attribute; the first is "not said"."""
    categories = [category.id for category in taxonomy.categories]
    kinds = [item.id for category in taxonomy.categories for item in category.subcategories]
    offered: dict[str, Sequence[str]] = {
        "outcome": list(Outcome),
        "failure_category": categories,
        "failure_subcategory": kinds,
        "recovery_outcome": list(RecoveryOutcome),
        "severity": list(Severity),
        "attribution": list(Attribution),
        "proximal_cause": [cause.id for cause in taxonomy.proximal_causes],
        "distal_cause": [cause.id for cause in taxonomy.distal_causes],
        PREVENTABLE: [YES, NO],
    }
    return {name: [NOT_SAID, *map(str, values)] for name, values in offered.items()}


def labels_json(taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """The labels of a project, for the "Raw" field of its constructor."""
    attributes = [_attribute(name, "select", values) for name, values in choices(taxonomy).items()]
    attributes += [_attribute(name, "text", [NOT_SAID]) for name in (*TEXTS, CONFIDENCE, EPISODE_ID, TAXONOMY)]
    return [
        {"name": name, "color": color, "type": "tag", "attributes": attributes if name == EPISODE else []}
        for name, color in _COLORS.items()
    ]


def _attribute(name: str, kind: str, values: list[str]) -> dict[str, Any]:
    return {"name": name, "mutable": False, "input_type": kind, "default_value": values[0], "values": values}
