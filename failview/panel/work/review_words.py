"""What is said about an episode in review, in the words of the panel."""

from html import escape

from failview.model.annotation import AnnotationRecord, ReReview
from failview.model.review import Adjudication, Side
from failview.model.taxonomy import Taxonomy
from failview.panel.look.field_titles import field_title
from failview.session.work.queue_rows import OUTCOMES

NOTHING = "\N{EN DASH}"
_OUTCOMES = {outcome.value: words for outcome, words in OUTCOMES.items()}


def value_words(field: str, side: Side, taxonomy: Taxonomy) -> str:
    """What a side says about a field, as people call it; empty where it does not speak about it."""
    if field not in side.values:
        return ""
    value = side.values[field]
    if value is None:
        return NOTHING
    if field == "outcome":
        return _OUTCOMES.get(str(value), (str(value), ""))[0]
    names = {category.id: category.name for category in taxonomy.categories}
    names |= {item.id: item.name for category in taxonomy.categories for item in category.subcategories}
    return names.get(str(value), str(value))


def outcome_hue(side: Side) -> str:
    """Colour of the outcome that a side says."""
    return _OUTCOMES.get(str(side.values.get("outcome")), ("", "text"))[1]


def request_lines(request: ReReview, taxonomy: Taxonomy) -> list[str]:
    """What a request to look again is about, one line per field."""
    names = {item.id: item.name for category in taxonomy.categories for item in category.subcategories}
    lines = []
    for change in request.changes:
        after = NOTHING if change.after is None else names.get(change.after, change.after)
        words = f"{field_title(change.field)}: {change.before or NOTHING} → {after}. {change.reason}"
        if change.candidates:
            words += f" Choose among: {', '.join(names.get(item, item) for item in change.candidates)}."
        lines.append(words)
    return lines or [f"The taxonomy changed: {request.taxonomy_from} → {request.taxonomy_to}."]


def history_lines(record: AnnotationRecord) -> list[str]:
    """What reviewers decided before, the latest first, as rich text."""
    return [_decision(item) for item in reversed(record.adjudications) if item.decided_at]


def _decision(item: Adjudication) -> str:
    why = f": {escape(item.why)}" if item.why else ""
    return f"{escape(item.decided_at[:10])} {escape(item.reviewer)} · {item.decision.value}{why}"
