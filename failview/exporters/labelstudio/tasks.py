"""Tasks of a Label Studio project: an episode each, with what the detectors propose.

Label Studio counts frames from 1, and both ends of a range belong to it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from failview.exporters.labelstudio import labelling_config as config
from failview.model.annotation import Outcome
from failview.model.detection import EpisodeFindings, FieldValue, ProposedField
from failview.model.taxonomy import Taxonomy
from failview.proposals.labelled_dataset import LabelledEpisode

MODEL = "failview-detectors"
PROPOSAL = "failview_proposal"
FIRST_FRAME = 1
"""Number of the first frame in Label Studio."""

_MARKS = (
    (ProposedField.ONSET, ProposedField.ONSET, config.ONSET),
    (ProposedField.OBVIOUS, ProposedField.OBVIOUS, config.OBVIOUS),
    (ProposedField.RECOVERY_START, ProposedField.RECOVERY_END, config.RECOVERY),
)
"""First and last frame of a region, and its label."""


def task_of(labelled: LabelledEpisode, video: str, taxonomy: Taxonomy) -> dict[str, Any]:
    """The task of an episode.

    Args:
        labelled: The episode; a label that there is already is not shown.
        video: Address of its video.
        taxonomy: The vocabulary.
    """
    episode = labelled.episode
    data = {
        "video": video,
        "episode_id": episode.episode_id,
        "task": episode.task or "no task is recorded",
        "num_frames": episode.num_frames,
        "fps": round(episode.clock.pace_hz, 6),
        "taxonomy": f"{taxonomy.id} {taxonomy.version}",
        "source_format": episode.source.format_name,
        "source_fingerprint": episode.source.fingerprint,
        PROPOSAL: json.dumps(_proposal(labelled.findings), sort_keys=True),
    }
    results = list(_results(labelled.findings)) if labelled.findings is not None else []
    if not results:
        return {"data": data}
    score = labelled.findings.proposal[ProposedField.OUTCOME].confidence if labelled.findings else 0.0
    return {"data": data, "predictions": [{"model_version": MODEL, "score": round(score, 4), "result": results}]}


def local_file(folder: str, name: str) -> str:
    """Address of a video that Label Studio serves from its document root."""
    return f"/data/local-files/?d={quote(f'{folder}/videos/{name}')}"


def _proposal(findings: EpisodeFindings | None) -> dict[str, Any]:
    """Detector and confidence per field, for the provenance of what comes back."""
    if findings is None:
        return {}
    return {
        field.value: {"detector": item.detector, "confidence": round(item.confidence, 4)}
        for field, item in findings.proposal.items()
    }


def _results(findings: EpisodeFindings) -> Iterator[dict[str, Any]]:
    proposed = {field: item.value for field, item in findings.proposal.items() if item.value is not None}
    outcome = proposed.get(ProposedField.OUTCOME)
    if outcome is None:
        return
    yield _choice(config.OUTCOME, str(outcome))
    if outcome == Outcome.SUCCESS:
        return
    category = proposed.get(ProposedField.CATEGORY)
    for field in (ProposedField.CATEGORY, ProposedField.RECOVERY_OUTCOME, ProposedField.ATTRIBUTION):
        if field in proposed:
            yield _choice(field.value, str(proposed[field]))
    if category is not None and ProposedField.SUBCATEGORY in proposed:
        yield _choice(config.subcategory_control(str(category)), str(proposed[ProposedField.SUBCATEGORY]))
    yield from _ranges(proposed)


def _ranges(proposed: Mapping[ProposedField, FieldValue]) -> Iterator[dict[str, Any]]:
    for first, last, label in _MARKS:
        start, end = proposed.get(first), proposed.get(last)
        if isinstance(start, int):
            yield _range(label, start, end if isinstance(end, int) else start)


def _choice(name: str, value: str) -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": config.VIDEO, "type": "choices", "value": {"choices": [value]}}


def _range(label: str, first: int, last: int) -> dict[str, Any]:
    ranges = [{"start": first + FIRST_FRAME, "end": last + FIRST_FRAME}]
    value = {"ranges": ranges, "timelinelabels": [label]}
    return {"id": label, "from_name": config.EVENTS, "to_name": config.VIDEO, "type": "timelinelabels", "value": value}
