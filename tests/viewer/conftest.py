"""The real viewer for tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from failview.session.desk.viewer_port import ViewerState
from tests.viewer.desk import Desk


def started_desk(tmp_path_factory: pytest.TempPathFactory, **options: Any) -> Desk:
    """A desk whose viewer is up. Skips only where no Vulkan driver is installed."""
    desk = Desk(tmp_path_factory.mktemp("viewer"), **options)
    desk.start()
    if desk.status.state is ViewerState.GONE:
        desk.viewer.close()
        if "Vulkan" in desk.status.message:
            pytest.skip(desk.status.message)
        pytest.fail(desk.status.message)
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One viewer for all tests of a module."""
    found = started_desk(tmp_path_factory)
    yield found
    found.viewer.close()


@pytest.fixture
def own_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A viewer for one test that breaks it."""
    found = started_desk(tmp_path_factory)
    yield found
    found.viewer.close()
