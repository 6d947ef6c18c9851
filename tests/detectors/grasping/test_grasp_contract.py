"""The grasp detector keeps what every detector promises."""

import pytest

from failview.detectors.grasping.grasp import GraspDetector
from failview.model.episode import Episode
from tests.contracts.detector_contract import DetectorContract
from tests.detectors.gripper_story import Recording, recorded
from tests.detectors.pick_stories import drop, miss, slid_and_gripped_again, turned


class TestGraspDetector(DetectorContract):
    @pytest.fixture
    def detector(self) -> GraspDetector:
        return GraspDetector()

    @pytest.fixture(params=[miss, drop, turned, slid_and_gripped_again], ids=lambda told: told.__name__)
    def episode(self, request: pytest.FixtureRequest) -> Episode:
        return recorded(request.param(), Recording(repeats=0.01, aperture_step_m=0.0005, force_noise_n=0.1, bias_n=0.5))
