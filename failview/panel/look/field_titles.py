"""Fields of an annotation in the words of the screen."""

_TITLES = {
    "outcome": "Outcome",
    "failure_category": "Category",
    "failure_subcategory": "Subcategory",
    "failure_onset_frame": "Onset",
    "failure_obvious_frame": "Obvious",
    "recovery_attempted": "Recovery",
    "recovery_start_frame": "Recovery start",
    "recovery_end_frame": "Recovery end",
    "recovery_outcome": "Recovery outcome",
    "root_cause": "Root cause",
    "annotator_confidence": "Confidence",
    "notes": "Notes",
    "review_why": "Reason",
}


def field_title(field: str) -> str:
    """Words for a field; its name with spaces where it has none of its own, empty for no field."""
    return _TITLES.get(field, field.replace("_", " ").capitalize())
