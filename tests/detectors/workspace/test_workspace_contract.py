"""The workspace detector keeps what every detector promises."""

import pytest

from failview.detectors.workspace.workspace import WorkspaceDetector
from failview.model.episode import Episode
from tests.contracts.detector_contract import DetectorContract
from tests.detectors.gripper_story import Recording, Story, recorded
from tests.detectors.pick_stories import success


def toppled_and_stalled() -> Story:
    story = success().turn_object(90.0, 0.5).wait(0.5)
    return story.command_ahead(0.08, 0.5).wait(1.5)


class TestWorkspaceDetector(DetectorContract):
    @pytest.fixture
    def detector(self) -> WorkspaceDetector:
        return WorkspaceDetector()

    @pytest.fixture
    def episode(self) -> Episode:
        return recorded(toppled_and_stalled(), Recording(flips=True, pose_noise_m=0.0005))
