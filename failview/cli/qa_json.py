"""What `failview qa --json` prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from failview.cli.qa_report import QaRequest
from failview.quality.agreement import Agreement
from failview.quality.annotators import AnnotatorReport
from failview.quality.distribution import Distribution, Rate
from failview.quality.drift import Drift
from failview.quality.estimate import Estimate
from failview.quality.findings import Finding
from failview.quality.frame_agreement import FrameAgreement
from failview.quality.report import QaReport


def qa_json(report: QaReport, found: Sequence[Finding], request: QaRequest) -> dict[str, Any]:
    """The report for programs. Shares and kappas are numbers, or null with the reason beside them."""
    return {
        "path": str(request.dataset),
        "episodes": report.given.num_episodes,
        "labelled": report.num_final,
        "proposals": len(report.given.proposals),
        "taxonomies": dict(report.taxonomies),
        "findings": [_finding(item, request) for item in found],
        "agreement": _agreement_part(report, request),
        "annotators": [
            _annotator(item) | {"mean_kappa_with_others": _rounded(report.kappa_with_others(item.annotator))}
            for item in report.annotators
        ],
        "consistency": _consistency_part(report),
        "distribution": _distribution_part(report.distribution),
        "confusions": [
            {
                "one": item.one,
                "other": item.other,
                "people": item.people,
                "detectors": item.detectors,
                "episodes": list(item.episodes),
            }
            for item in report.confusions
        ],
        "clusters": _clusters(report),
    }


def _finding(item: Finding, request: QaRequest) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "words": item.words,
        "wrong": item.is_wrong,
        "episode_id": item.episode_id or None,
        "frame": item.frame if item.episode_id else None,
        "annotator": item.annotator or None,
        "command": request.command(item) or None,
    }


def _consistency_part(report: QaReport) -> dict[str, Any]:
    consistency = report.given.consistency
    return {
        "labels": consistency.labels,
        "rules_asked": consistency.rules,
        "not_judged": consistency.not_judged,
        "contradictions": len(consistency.found),
        "decided": consistency.num_decided,
        "unchecked": [
            {"rule": rule, "reason": reason, "count": count} for (rule, reason), count in consistency.unchecked.items()
        ],
    }


def _clusters(report: QaReport) -> list[dict[str, Any]]:
    return [
        {
            "subcategory": item.subcategory or None,
            "proximal_cause": item.cause or None,
            "count": item.count,
            "impact": item.impact,
            "preventable_share": _rounded(item.preventable_share),
            "episodes": list(item.episodes),
        }
        for item in report.clusters
    ]


def _agreement_part(report: QaReport, request: QaRequest) -> dict[str, Any]:
    return {
        "reason": report.why_no_agreement or None,
        "fields": [_agreement(item) for item in report.agreements],
        "frames": [_frames(item) for item in report.frames],
        "retests": [
            {
                "annotator": item.annotator,
                "outcome": _agreement(item.outcome),
                "category": _agreement(item.category),
                "onset": _frames(item.onset),
            }
            for item in report.retests
        ],
        "disagreements": [
            {
                "episode_id": item.episode_id,
                "field": item.about,
                "said": dict(item.said),
                "command": request.open_at(item.episode_id, item.frame),
            }
            for item in report.disagreements
        ],
    }


def _distribution_part(spread: Distribution) -> dict[str, Any]:
    return {
        "outcomes": {outcome.value: count for outcome, count in spread.outcomes.items()},
        "failure_rate": _rate(spread.overall),
        "tasks": [_rate(rate) for rate in spread.tasks],
        "objects": [_rate(rate) for rate in spread.objects],
        "categories": dict(spread.categories),
        "subcategories": dict(spread.subcategories),
        "onset_thirds": list(spread.onset_thirds),
        "other_share": _rounded(spread.other_share),
    }


def _agreement(item: Agreement) -> dict[str, Any]:
    return {
        "field": item.field,
        "raters": list(item.raters),
        "coefficient": item.coefficient,
        "n": item.n,
        "percentage": _estimate(item.percentage),
        "kappa": _estimate(item.kappa),
        "ac1": _estimate(item.ac1),
        "target": item.target,
        "notes": list(item.notes),
    }


def _frames(item: FrameAgreement) -> dict[str, Any]:
    return {
        "field": item.field,
        "raters": list(item.raters),
        "n": item.n,
        "mean_frames": _estimate(item.mean_frames),
        "mean_s": _estimate(item.mean_s),
        "median_frames": item.median_frames,
        "within_5_frames": _estimate(item.close),
    }


def _annotator(item: AnnotatorReport) -> dict[str, Any]:
    return {
        "annotator": item.annotator,
        "labels": item.labels,
        "stages": {
            stage.value: {"done": done, "median_s": _rounded(median_s)}
            for stage, (done, median_s) in item.stages.items()
        },
        "outcome_with_detectors": _agreement(item.outcome),
        "category_with_detectors": _agreement(item.category),
        "onset_with_detectors": _frames(item.onset),
        "disagreement": _estimate(item.disagreement),
        "blind_disagreement": _estimate(item.blind_disagreement),
        "drift": [_drift(drift) for drift in item.drifts],
        "overrides": {
            one.field: {"kept": one.kept, "changed": one.changed, "manual": one.manual, "rate": _rounded(one.rate)}
            for one in item.overrides
        },
    }


def _drift(drift: Drift) -> dict[str, Any]:
    blocks = [
        {"first": block.first, "last": block.last, "n": block.compared, "share": _rounded(block.share),
         "unusual": block.unusual}
        for block in drift.blocks
    ]  # fmt: skip
    return {"against": drift.against, "reason": drift.words or None, "blocks": blocks}


def _estimate(item: Estimate) -> Mapping[str, Any]:
    return {
        "value": _rounded(item.value),
        "low": _rounded(item.low),
        "high": _rounded(item.high),
        "reason": item.words if item.value is None else None,
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "name": rate.name,
        "labels": rate.labels,
        "failures": rate.failures,
        "share": _rounded(rate.share),
        "flag": rate.flag or None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
