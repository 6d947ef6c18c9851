"""Score failview's detectors on episodes whose truth is known.

    python scripts/evaluate_detectors.py /data/clean.hdf5 /data/truth.json [--details] [--json]

The truth is a JSON file with `episodes`: outcome, failure_subcategory, failure_onset_frame, and optionally
outcome_acceptable and subcategory_acceptable (every answer that counts as right) and kind (for the table).
"""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from judged_dataset import judged_dataset
from sklearn.metrics import roc_auc_score

from failview.detectors.calibration.labels import ONSET_TOLERANCE, Label, meanings_of, onset_error
from failview.detectors.calibration.scores import score
from failview.model.detection import EpisodeFindings, ProposedField
from failview.proposals.calibration_labels import labels_of_file
from failview.sidecars.taxonomy_file import load_default_taxonomy

SURE = 0.9
MEANINGS = meanings_of(load_default_taxonomy())


def value(findings: EpisodeFindings, name: ProposedField) -> Any:
    """The proposed value of a field; None where nothing, or "none", is proposed."""
    proposed = findings.proposal.get(name)
    return None if proposed is None else proposed.value


def false_alarms(found: dict[str, EpisodeFindings], truth: dict[str, Any]) -> dict[str, float]:
    """Per detector: share of successes in which it sees a failure with a confidence of one half or more."""
    harmless = {"task.reached", "motion.jerk", "motion.stop", "grasp.oscillation"}
    wins = [name for name, record in truth.items() if record["outcome"] == "success" and record.get("kind") != "jerky"]
    alarms: Counter[str] = Counter()
    for name in wins:
        alarms.update(
            {item.detector for item in found[name].detections if item.confidence >= 0.5 and item.kind not in harmless}
        )
    return {detector: alarms[detector] / max(len(wins), 1) for detector in sorted(alarms)}


def scores(found: dict[str, EpisodeFindings], labels: dict[str, Label], truth: dict[str, Any]) -> dict[str, Any]:
    """All figures of one run."""
    measured = score([(found[name], label) for name, label in labels.items()], MEANINGS)
    pairs = measured.pairs[ProposedField.SUBCATEGORY.value]
    sure = [right for confidence, right in pairs if confidence > SURE]
    confidences, rights = zip(*pairs, strict=True)
    return {
        "episodes": measured.episodes,
        "outcome_right": measured.outcome_right,
        "subcategory_right": measured.subcategory_right,
        "onset_within_5": measured.onset_within,
        "onset_mean_error": measured.onset_mean,
        "confidence_auc": float(roc_auc_score(rights, confidences)) if len(set(rights)) > 1 else None,
        "sure_share": len(sure) / measured.episodes,
        "sure_right": float(np.mean(sure)) if sure else None,
        "false_alarms": false_alarms(found, truth),
    }


def main(
    dataset: Annotated[Path, typer.Argument(help="Dataset to judge.")],
    truth_file: Annotated[Path, typer.Argument(help="Its truth.")],
    details: Annotated[bool, typer.Option(help="A line per episode that came out wrong.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON alone.")] = False,
) -> None:
    """Run the detectors and print how often they were right."""
    truth = json.loads(truth_file.read_text(encoding="utf-8"))["episodes"]
    judged = judged_dataset(dataset, truth)
    found = judged.findings
    labels = {label.episode_id: label for label in labels_of_file(truth_file, list(found), MEANINGS).labels}
    result = scores(found, labels, truth)
    if as_json:
        print(json.dumps(result, indent=1))
        return
    kinds: dict[str, list[bool]] = defaultdict(list)
    for name, label in sorted(labels.items(), key=lambda item: str(truth[item[0]].get("kind"))):
        kind = f"{truth[name].get('kind')}/{truth[name].get('variant')}"
        kinds[kind].append(value(found[name], ProposedField.SUBCATEGORY) in label.subcategories)
        if details:
            tell(kind, label, found[name])
    for kind, right in sorted(kinds.items()):
        print(f"{kind:45s} {sum(right):3d} of {len(right)}")
    for name, figure in result.items():
        print(f"{name:20s} {round(figure, 3) if isinstance(figure, float) else figure}")
    print(f"{judged.ms_per_episode:.2f} ms per episode")


def tell(kind: str, label: Label, findings: EpisodeFindings) -> None:
    """One line about an episode that came out wrong, and its detections."""
    outcome, named = value(findings, ProposedField.OUTCOME), value(findings, ProposedField.SUBCATEGORY)
    onset = findings.proposal.get(ProposedField.ONSET)
    wrong = []
    if outcome not in label.outcomes:
        wrong.append(f"outcome {outcome}, true {'|'.join(sorted(label.outcomes))}")
    if named not in label.subcategories:
        wrong.append(f"subcategory {named} ({findings.proposal[ProposedField.SUBCATEGORY].confidence:.2f})")
    elif onset is not None and (onset_error(onset, label) or 0) > ONSET_TOLERANCE:
        wrong.append(f"onset {onset.value}")
    if wrong:
        print(f"{label.episode_id} {kind} true {label.subcategory} at {label.onset_frame}: {'; '.join(wrong)}")
        for item in findings.detections:
            print(f"    {item.kind} {item.start_frame}-{item.end_frame} {item.confidence:.2f} {item.evidence}")
        for detector, reason in findings.not_judged.items():
            print(f"    {detector} not judged: {reason}")


if __name__ == "__main__":
    typer.run(main)
