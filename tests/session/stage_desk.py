"""A session with everything around it, in any stage; background results arrive when `run_until` is called."""

import json
import queue
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from failview.model.annotation import Annotation, Stage
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.proposals.short_proposals import in_short
from failview.session.actions import action
from failview.session.desk.safe import Safe, SaveState
from failview.session.desk.workplace import Workplace
from failview.session.session import Session
from failview.settings.work_rules import WorkRules
from failview.sidecars.store import SidecarStore
from failview.sidecars.taxonomy_file import load_default_taxonomy
from failview.sidecars.writer import SidecarWriter
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_dataset import FakeDataset
from tests.fakes.fake_findings import FakeFindings
from tests.fakes.fake_viewer import FakeViewer
from tests.sidecar_places import location_of

PATIENCE_S = 20.0
PLAIN = WorkRules(review_share=0.0, blind_share=0.0)
"""No sample is drawn."""


class StageDesk:
    """One sitting of one annotator on a dataset of `count` episodes, demo_0 and so on.

    Args:
        folder: The same for several sittings on the same data.
        stage: To begin with.
        findings: What the detectors say, by episode id.
        annotator: Who sits here.
        count: Episodes.
        rules: How the work is shared out.
        episodes: In place of `count` made ones.
    """

    def __init__(
        self,
        folder: Path,
        stage: Stage | None,
        findings: Mapping[str, EpisodeFindings] | None = None,
        *,
        annotator: str = "anna",
        count: int = 4,
        rules: WorkRules = PLAIN,
        episodes: Sequence[Episode] = (),
    ) -> None:
        findings = findings or {}
        self.posted: queue.Queue[Callable[[], None]] = queue.Queue()
        episodes = list(episodes) or [
            make_episode(40, cameras=(), episode_id=f"demo_{number}") for number in range(count)
        ]
        self.dataset = dataset = FakeDataset(folder / "set.hdf5", episodes)
        self.annotator = annotator
        self.location = location_of(dataset)
        self.viewer = FakeViewer(self.posted.put)
        self.source = FakeFindings(findings)
        store = SidecarStore(self.location, annotator)
        known = {key: in_short(item.proposal) for key, item in findings.items()}
        proposals = {key: item for key, item in known.items() if item is not None}
        place = Workplace(dataset, load_default_taxonomy(), annotator, stage, self.source, proposals, rules)
        safe = Safe(store, SidecarWriter(store, self.posted.put))
        self.session = Session(place, safe, self.viewer, self.posted.put)
        self.notices: list[str] = []
        self.session.notice.connect(self.notices.append)

    def run_until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            self.posted.get(timeout=PATIENCE_S)()

    def begin(self) -> None:
        """Open the first episode of the queue."""
        first = self.session.queue.first_open()
        assert first is not None
        self.open(first.episode_id)

    def open(self, episode_id: str) -> None:
        self.session.go_to(episode_id)
        self.wait_for(episode_id)

    def wait_for(self, episode_id: str) -> None:
        """Wait until an episode is open and judged."""
        self.run_until(lambda: self.open_id == episode_id)
        self.run_until(lambda: self.session.judging.of(self.session.open_episode.episode).state != "judging")

    def breaks(self, episode_id: str, reason: str) -> None:
        """From now on an episode cannot be opened."""
        self.dataset.breaks(episode_id, reason)

    def do(self, *action_ids: str) -> None:
        """Do what keys do."""
        for action_id in action_ids:
            action(action_id).run(self.session)

    @property
    def open_id(self) -> str:
        opened = self.session.open_episode
        return "" if opened is None else opened.episode.episode_id

    @property
    def label(self) -> Annotation:
        assert self.session.open_episode is not None
        return self.session.open_episode.annotation

    @property
    def order(self) -> list[str]:
        return [entry.episode_id for entry in self.session.queue.entries]

    def close(self) -> None:
        """End the sitting; everything is on disk then."""
        assert self.session.close()

    def stored(self, episode_id: str) -> dict[str, Any]:
        return json.loads(self.location.path(episode_id, self.annotator).read_text(encoding="utf-8"))

    def wait_until_saved(self) -> None:
        self.run_until(lambda: self.session.safe.state[0] is SaveState.SAVED)
