"""Score failview's detectors on episodes whose truth is known.

    python scripts/evaluate_detectors.py /data/clean.hdf5 /data/truth.json [--details] [--json]

The truth is a JSON file with `episodes`: outcome, failure_subcategory, failure_onset_frame, and optionally
outcome_acceptable and subcategory_acceptable (every answer that counts as right) and kind (for the table).
"""

import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from failview.detectors import catalogue
from failview.loaders.opening import open_dataset
from failview.model.detection import EpisodeFindings, ProposedField
from failview.proposals.detector_settings import settings_of

WITHIN_FRAMES = 5


def value(findings: EpisodeFindings, name: ProposedField) -> Any:
    """The proposed value of a field; None where nothing, or "none", is proposed."""
    proposed = findings.proposal.get(name)
    return None if proposed is None else proposed.value


def confidence(findings: EpisodeFindings, name: ProposedField) -> float:
    """Its confidence; 0 where nothing is proposed."""
    proposed = findings.proposal.get(name)
    return 0.0 if proposed is None else proposed.confidence


def area_under_curve(confident: np.ndarray, right: np.ndarray) -> float:
    """Chance that a right answer is given with more confidence than a wrong one; NaN when all are of one kind."""
    good, bad = confident[right], confident[~right]
    if not len(good) or not len(bad):
        return float("nan")
    return float((good[:, None] > bad[None, :]).mean() + 0.5 * (good[:, None] == bad[None, :]).mean())


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


def scores(found: dict[str, EpisodeFindings], truth: dict[str, Any]) -> dict[str, Any]:
    """All figures of one run."""
    outcome, named, confident, onset_errors = [], [], [], []
    for name, record in truth.items():
        findings = found[name]
        outcome.append(value(findings, ProposedField.OUTCOME) in record.get("outcome_acceptable", [record["outcome"]]))
        accepted = record.get("subcategory_acceptable", [record["failure_subcategory"]])
        named.append(value(findings, ProposedField.SUBCATEGORY) in accepted)
        confident.append(confidence(findings, ProposedField.SUBCATEGORY))
        onset, true_onset = value(findings, ProposedField.ONSET), record["failure_onset_frame"]
        if named[-1] and onset is not None and true_onset is not None:
            onset_errors.append(abs(onset - true_onset))
    right, sure, errors = np.array(named), np.array(confident), np.array(onset_errors)
    return {
        "episodes": len(truth),
        "outcome_right": float(np.mean(outcome)),
        "subcategory_right": float(right.mean()),
        "onset_within_5": float((errors <= WITHIN_FRAMES).mean()),
        "onset_mean_error": float(errors.mean()),
        "confidence_auc": area_under_curve(sure, right),
        "sure_share": float((sure > 0.9).mean()),
        "sure_right": float(right[sure > 0.9].mean()) if (sure > 0.9).any() else float("nan"),
        "false_alarms": false_alarms(found, truth),
    }


def main(
    dataset: Annotated[Path, typer.Argument(help="Dataset to judge.")],
    truth_file: Annotated[Path, typer.Argument(help="Its truth.")],
    details: Annotated[bool, typer.Option(help="A line per episode that came out wrong.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON alone.")] = False,
) -> None:
    """Run the detectors and print how often they were right."""
    opened = open_dataset(dataset)
    truth = json.loads(truth_file.read_text(encoding="utf-8"))["episodes"]
    settings = settings_of(opened.profile)
    episodes = [opened.open_episode(name) for name in truth]
    begin = time.perf_counter()
    looks = [catalogue.first_look(episode, settings) for episode in episodes]
    learnt = catalogue.learn(looks, settings)
    found = {look.episode_id: catalogue.conclude(look, learnt, settings) for look in looks}
    spent_ms = 1e3 * (time.perf_counter() - begin) / len(looks)
    result = scores(found, truth)
    if as_json:
        print(json.dumps(result, indent=1))
        return
    if details:
        for name, record in sorted(truth.items(), key=lambda item: str(item[1].get("kind"))):
            tell(name, record, found[name])
    kinds: dict[str, list[bool]] = defaultdict(list)
    for name, record in truth.items():
        accepted = record.get("subcategory_acceptable", [record["failure_subcategory"]])
        kinds[f"{record.get('kind')}/{record.get('variant')}"].append(
            value(found[name], ProposedField.SUBCATEGORY) in accepted
        )
    for kind, right in sorted(kinds.items()):
        print(f"{kind:45s} {sum(right):3d} of {len(right)}")
    for name, figure in result.items():
        print(f"{name:20s} {figure if isinstance(figure, dict) else round(figure, 3)}")
    print(f"{spent_ms:.2f} ms per episode")


def tell(name: str, record: dict[str, Any], findings: EpisodeFindings) -> None:
    """One line about an episode that came out wrong, and its detections."""
    outcome, named = value(findings, ProposedField.OUTCOME), value(findings, ProposedField.SUBCATEGORY)
    onset, true_onset = value(findings, ProposedField.ONSET), record["failure_onset_frame"]
    wrong = []
    if outcome not in record.get("outcome_acceptable", [record["outcome"]]):
        wrong.append(f"outcome {outcome}, true {record['outcome']}")
    if named not in record.get("subcategory_acceptable", [record["failure_subcategory"]]):
        wrong.append(f"subcategory {named} ({confidence(findings, ProposedField.SUBCATEGORY):.2f})")
    elif None not in {onset, true_onset} and abs(onset - true_onset) > WITHIN_FRAMES:
        wrong.append(f"onset {onset}")
    if wrong:
        print(f"{name} {record.get('kind')}/{record.get('variant')} true {record['failure_subcategory']} at "
              f"{record['failure_onset_frame']}: {'; '.join(wrong)}")  # fmt: skip
        for item in findings.detections:
            print(f"    {item.kind} {item.start_frame}-{item.end_frame} {item.confidence:.2f} {item.evidence}")
        for detector, reason in findings.not_judged.items():
            print(f"    {detector} not judged: {reason}")


if __name__ == "__main__":
    typer.run(main)
