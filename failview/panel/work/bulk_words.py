"""What is said about accepting proposals together."""

from collections import Counter

from failview.model.annotation import Outcome
from failview.session.desk.event_words import confidence_words
from failview.session.work.bulk import AuditResult, BulkPlan, BulkResult

_OUTCOMES = {
    Outcome.SUCCESS: ("success", "successes"),
    Outcome.PARTIAL_SUCCESS: ("partial success", "partial successes"),
    Outcome.FAILURE: ("failure", "failures"),
}


def plan_words(plan: BulkPlan) -> str:
    """What would happen."""
    if not plan.accepted:
        return f"No proposal without a label is as sure as {confidence_words(plan.threshold)}."
    kinds = ", ".join(
        f"{count} {_OUTCOMES[outcome][count != 1]}" for outcome in Outcome if (count := plan.outcomes.get(outcome, 0))
    )
    first = f"{_episodes(len(plan.accepted))} would be accepted unseen: {kinds}."
    if not plan.audited:
        return f"{first} There are too few for a blind check."
    count = len(plan.audited)
    kept, them = ("is kept", "it") if count == 1 else ("are kept", "them")
    return f"{first}\n{count} more, drawn at random, {kept} back: label {them} blind in triage."


def result_words(result: BulkResult) -> str:
    """What happened."""
    lines = ["Stopped. What was accepted stays." if result.cancelled else "Done."]
    lines[0] += f" {_episodes(result.accepted)} accepted, {result.audited} kept back for the blind check."
    lines += [f"{count} left out: {reason}" for reason, count in Counter(result.left_out.values()).most_common()]
    return "\n".join(lines)


def audit_words(audit: AuditResult) -> str:
    """What the blind checks showed so far."""
    left = f" {_episodes(audit.left)} still to check." if audit.left else ""
    if audit.interval is None:
        return f"How many of such proposals are wrong is not measured yet.{left}"
    low, high = (round(100 * share) for share in audit.interval)
    share = round(100 * audit.wrong / audit.checked)
    span = f"{low} to {high} %, 95 % interval"
    return f"Measured: {audit.wrong} of {audit.checked} checked blind were wrong: {share} % ({span}).{left}"


def _episodes(count: int) -> str:
    return f"{count} episode{'' if count == 1 else 's'}"
