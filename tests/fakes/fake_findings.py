"""Findings without detectors: what a test says was found, when it says so."""

import threading
from collections.abc import Mapping

from failview.errors import DatasetError
from failview.model.detection import Detection, EpisodeFindings, FieldProposal, ProposedField
from failview.model.episode import Episode

SLIP = Detection("grasp", "grasp.slip", 20, 24, 0.86, "force peaked at 4.3 N at frame 18, fell to 0.1 N by 24", 24)
MISSED = Detection("task_success", "task.not_reached", 30, 39, 0.98, "object 24.6 cm from the goal at the end")


def slip_proposal() -> dict[ProposedField, FieldProposal]:
    """A slip with everything that can be proposed but a recovery."""
    values: dict[ProposedField, tuple[str | int | bool, float]] = {
        ProposedField.OUTCOME: ("failure", 0.98),
        ProposedField.CATEGORY: ("grasp", 0.86),
        ProposedField.SUBCATEGORY: ("slip_during_lift", 0.86),
        ProposedField.ONSET: (20, 0.77),
        ProposedField.OBVIOUS: (24, 0.77),
        ProposedField.RECOVERY_ATTEMPTED: (False, 0.86),
        ProposedField.RECOVERY_OUTCOME: ("no_attempt", 0.86),
        ProposedField.ATTRIBUTION: ("robot_failure", 0.65),
    }
    return {
        field: FieldProposal(value, confidence, SLIP.evidence, "grasp") for field, (value, confidence) in values.items()
    }


def success_proposal() -> dict[ProposedField, FieldProposal]:
    """A success."""
    why = "object 0.8 cm from the goal at the end"
    return {
        ProposedField.OUTCOME: FieldProposal("success", 0.97, why, "task_success"),
        ProposedField.CATEGORY: FieldProposal(None, 0.97, why, "task_success"),
        ProposedField.SUBCATEGORY: FieldProposal(None, 0.97, why, "task_success"),
    }


def slip_findings(episode_id: str) -> EpisodeFindings:
    """What is found in an episode with a slip, when two detectors lack their signals."""
    reasons = {"collision": "needs external_torque or wrench", "tracking": "needs ee_position with ee_command"}
    return EpisodeFindings(episode_id, (SLIP, MISSED), slip_proposal(), reasons)


class FakeFindings:
    """Keeps the promises of FindingsSource.

    Args:
        findings: By episode id; an episode that is not there cannot be judged.

    Attributes:
        gates: By episode id; an episode with a gate is judged once it is set.
        begun: Ids of the episodes whose judging began, in order.
    """

    def __init__(self, findings: Mapping[str, EpisodeFindings]) -> None:
        self._findings = dict(findings)
        self.gates: dict[str, threading.Event] = {}
        self._gates_of_known: dict[str, threading.Event] = {}
        self.begun: list[str] = []

    def judge_now(self, episode: Episode) -> EpisodeFindings:
        self.begun.append(episode.episode_id)
        if gate := self.gates.get(episode.episode_id):
            gate.wait()
        if episode.episode_id not in self._findings:
            raise DatasetError("the detectors stumbled", where=episode.episode_id)
        return self._findings[episode.episode_id]

    def known(self, episode: Episode) -> EpisodeFindings | None:
        if gate := self._gates_of_known.get(episode.episode_id):
            gate.wait()
        return self._findings.get(episode.episode_id)

    def change(self, episode_id: str, findings: EpisodeFindings | None) -> None:
        """Say something else from now on; None for an episode that is not judged any more."""
        if findings is None:
            del self._findings[episode_id]
        else:
            self._findings[episode_id] = findings

    def gate_known(self, episode_id: str) -> threading.Event:
        """Hold back what is known of an episode until the event is set."""
        return self._gates_of_known.setdefault(episode_id, threading.Event())

    def close(self) -> None:
        for gate in (*self.gates.values(), *self._gates_of_known.values()):
            gate.set()
