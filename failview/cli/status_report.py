"""Gathers what `failview status` says, before anything is printed."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from failview.cli.progress_bar import progress_bar
from failview.loaders.dataset import Dataset
from failview.loaders.index_cache import IndexCache
from failview.proposals.judged_episodes import findings_files
from failview.proposals.short_proposals import REMEMBERED_AS as PROPOSALS_REMEMBERED_AS
from failview.proposals.short_proposals import short_proposals
from failview.session.work.work_board import WorkBoard
from failview.session.work.work_progress import WorkProgress, progress_of
from failview.settings.work_rules import WorkRules
from failview.sidecars.location import SidecarLocation
from failview.sidecars.migration_run import SidecarRemark
from failview.sidecars.work_done import REMEMBERED_AS, find_work


@dataclass(frozen=True)
class StatusRequest:
    """What is asked.

    Attributes:
        dataset: The dataset, as the user named it.
        profile: Profile in place of the one beside the data.
        annotator: Only this one; None for everybody.
        me: Whose annotations `failview open` takes up when nobody is named.
        rules: How the work is shared out.
    """

    dataset: Path
    profile: Path | None
    annotator: str | None
    me: str
    rules: WorkRules = field(default_factory=WorkRules)


@dataclass(frozen=True)
class StatusReport:
    """How far the work on a dataset is.

    Attributes:
        request: What was asked.
        num_episodes: Episodes of the dataset.
        num_judged: Of these, those with findings of the detectors.
        annotators: Everybody who was asked for, by name; of nobody's sidecars one who has not begun.
        others: Who else has sidecars here.
        not_counted: Sidecars that cannot be read, or are of no episode here.
    """

    request: StatusRequest
    num_episodes: int
    num_judged: int
    annotators: Sequence[WorkProgress]
    others: Sequence[str]
    not_counted: Sequence[SidecarRemark]

    @property
    def detect_command(self) -> str:
        """What makes the proposals that are missing."""
        return self._command("detect")

    def next_command(self, progress: WorkProgress) -> str:
        """What an annotator does next: proposals first, then stage by stage, then the check of it all."""
        stage = progress.next_stage
        if stage is None:
            return self._command("qa")
        if not self.num_judged:
            return self.detect_command
        whose = () if progress.annotator == self.request.me else ("--annotator", progress.annotator)
        return self._command("open", "--stage", stage.value, *whose)

    def _command(self, name: str, *options: str) -> str:
        profile = () if self.request.profile is None else ("--profile", str(self.request.profile))
        return shlex.join(("failview", name, str(self.request.dataset), *options, *profile))


def status_of(dataset: Dataset, request: StatusRequest) -> StatusReport:
    """How far the work is; reads sidecars, and no episode.

    Raises:
        SidecarError: A folder of sidecars cannot be listed.
    """
    places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    location = SidecarLocation(dataset.path, places)
    found = find_work(location, IndexCache(dataset.path, REMEMBERED_AS), progress_bar)
    everybody = found.annotators
    asked = [request.annotator] if request.annotator is not None else everybody or [request.me]
    known = IndexCache(dataset.path, PROPOSALS_REMEMBERED_AS)
    proposals = short_proposals(location, places, known, progress_bar)
    return StatusReport(
        request,
        num_episodes=len(dataset.entries),
        num_judged=len(findings_files(location, places)),
        annotators=[
            progress_of(name, WorkBoard(dataset.entries, name, found.works, proposals, request.rules)) for name in asked
        ],
        others=[name for name in everybody if name not in asked],
        not_counted=found.not_counted,
    )
