"""What `failview status --json` prints."""

from typing import Any

from failview.cli.status_report import StatusReport
from failview.session.work.work_progress import StageProgress, WorkProgress


def status_json(report: StatusReport) -> dict[str, Any]:
    """How far the work on a dataset is, for programs."""
    return {
        "path": str(report.request.dataset),
        "episodes": report.num_episodes,
        "proposals": report.num_judged,
        "annotators": [
            {**_annotator_json(progress), "next": report.next_command(progress)} for progress in report.annotators
        ],
        "not_counted": [{"path": str(item.path), "message": item.message} for item in report.not_counted],
    }


def _annotator_json(progress: WorkProgress) -> dict[str, Any]:
    subcategories = dict(progress.subcategories)
    without = subcategories.pop("", 0)
    return {
        "annotator": progress.annotator,
        "stages": {stage.value: _stage_json(found) for stage, found in progress.stages.items()},
        "outcomes": {outcome.value: count for outcome, count in progress.outcomes.items()},
        "failure_rate": progress.failure_rate,
        "subcategories": subcategories,
        "without_subcategory": without,
        "re_reviews_due": progress.re_reviews_due,
        "begun": progress.begun,
        "without_sidecar": progress.without_sidecar,
    }


def _stage_json(progress: StageProgress) -> dict[str, Any]:
    return {
        "due": progress.due,
        "done": progress.done,
        "left": progress.left,
        "median_s": _rounded(progress.median_s),
        "mean_s": _rounded(progress.mean_s),
        "estimated_left_s": _rounded(progress.estimated_left_s),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
