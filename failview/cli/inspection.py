"""Gathers what `failview inspect` says, before anything is printed."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from failview.detectors.requirements import REQUIREMENTS, not_judged
from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry, EpisodeReport, StreamInfo
from failview.loaders.opening import OpenedDataset
from failview.model.roles import Role


@dataclass(frozen=True)
class Inspection:
    """Everything there is to say about a dataset.

    Attributes:
        path: The dataset.
        format_name: Its format.
        profile: The profile in use, if there is one.
        reports: One per episode, in order.
        unreadable: Why an episode cannot be read, by id.
        warnings: About the dataset as a whole.
        not_judged_by_episode: Detector and reason per episode.
        robot_advice: About robot models beside the data that are not used; empty for none.
    """

    path: Path
    format_name: str
    profile: Path | None
    reports: Sequence[EpisodeReport]
    unreadable: dict[str, str]
    warnings: Sequence[str]
    not_judged_by_episode: dict[str, dict[str, str]]
    robot_advice: str = ""

    @property
    def typical(self) -> EpisodeReport | None:
        """The episode that stands for the others: the first one that can be read."""
        return next((report for report in self.reports if report.entry.episode_id not in self.unreadable), None)

    def streams(self) -> list[StreamInfo]:
        """Every stream of any episode, as in the first episode that has it."""
        found: dict[str, StreamInfo] = {}
        for report in self.reports:
            for stream in report.streams:
                found.setdefault(stream.stream, stream)
        return list(found.values())

    def roles_of(self, stream: str) -> list[str]:
        """The roles that a stream plays in any episode; its columns may play several."""
        roles = [
            role
            for report in self.reports
            for role, assignment in report.assignments.items()
            if assignment.stream == stream
        ]
        return [role.value for role in dict.fromkeys(roles)]

    def kinds(self) -> list[list[EpisodeReport]]:
        """The readable episodes, those together in which the same streams play the same roles; most episodes first."""
        found: dict[frozenset[tuple[Role, str, str, str]], list[EpisodeReport]] = {}
        for report in self.reports:
            if report.entry.episode_id in self.unreadable:
                continue
            roles = report.assignments.items()
            key = frozenset((role, given.stream, given.columns, given.unit) for role, given in roles)
            found.setdefault(key, []).append(report)
        return sorted(found.values(), key=len, reverse=True)

    def not_judged(self) -> dict[str, str]:
        """Detector and reason for the dataset; says in how many episodes when it is not in all."""
        total = len(self.not_judged_by_episode)
        summary = {}
        for requirement in REQUIREMENTS:
            given = [
                by[requirement.detector] for by in self.not_judged_by_episode.values() if requirement.detector in by
            ]
            if given:
                reason = Counter(given).most_common(1)[0][0]
                part = "" if len(given) == total else f"in {len(given)} of {total} episodes: "
                summary[requirement.detector] = part + reason
        return summary


def inspect_dataset(
    dataset: OpenedDataset, progress: Callable[[Sequence[EpisodeEntry]], Iterable[EpisodeEntry]]
) -> Inspection:
    """Read the numbers of every episode; no picture is decoded."""
    reports, unreadable, reasons = [], {}, {}
    for entry in progress(dataset.entries):
        try:
            report = dataset.report(entry.episode_id)
        except Exception as error:  # noqa: BLE001 - one broken episode does not hide the others
            why = str(error) if isinstance(error, DatasetError) else f"{type(error).__name__}: {error}"
            unreadable[entry.episode_id] = why
            report = EpisodeReport(entry, None, {}, {}, {}, warnings=(f"cannot be read: {why}",))
        reports.append(report)
        dead = {role for role, assignment in report.assignments.items() if assignment.dead}
        alive = set(report.assignments) - dead
        has_model = report.robot is not None or dataset.profile.robot.path is not None
        reasons[entry.episode_id] = not_judged(alive, dead, has_robot_model=has_model)
    return Inspection(
        dataset.path,
        dataset.format_name,
        dataset.profile.path,
        reports,
        unreadable,
        dataset.warnings,
        reasons,
        next((part.robot.advice for part in dataset.parts if part.robot.advice), ""),
    )
