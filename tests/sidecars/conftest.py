"""What the sidecar tests share: the taxonomy, a container dataset, and records made in one line."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failview.model.annotation import Annotation, AnnotationRecord, Outcome
from failview.model.taxonomy import Taxonomy
from failview.sidecars.location import SidecarLocation
from failview.sidecars.taxonomy_file import load_default_taxonomy
from tests.sidecar_places import container_location

NUM_FRAMES = 120

FAILURE = Annotation(
    outcome=Outcome.FAILURE,
    failure_category="grasp",
    failure_subcategory="slip_during_lift",
    failure_onset_frame=60,
    failure_obvious_frame=70,
    recovery_attempted=False,
    root_cause="The grip force was too low for the wet bottle and it slid out during the lift.",
    annotator_confidence=0.8,
)

MakeRecord = Callable[..., AnnotationRecord]


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_default_taxonomy()


@pytest.fixture(scope="session")
def make_record(taxonomy: Taxonomy) -> MakeRecord:
    """A finished failure of demo_0 by anna, with fields of the label changed by keyword."""

    def make(episode_id: str = "demo_0", annotator: str = "anna", **label: Any) -> AnnotationRecord:
        return AnnotationRecord(
            episode_id,
            annotator,
            taxonomy.id,
            taxonomy.version,
            replace(FAILURE, **label),
            source_path="data.hdf5",
            source_format="robomimic HDF5",
            source_fingerprint="sha256:0",
            num_frames=NUM_FRAMES,
            saved_at="2025-01-01T00:00:00.000+00:00",
        )

    return make


@pytest.fixture
def container(tmp_path: Path) -> Path:
    path = tmp_path / "data.hdf5"
    path.write_bytes(b"not read by any of these tests")
    return path


@pytest.fixture
def location(container: Path, tmp_path: Path) -> SidecarLocation:
    return container_location(container, user_root=tmp_path / "user")
