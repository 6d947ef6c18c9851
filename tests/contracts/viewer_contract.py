"""What every ViewerPort promises. The fake and the real viewer inherit these tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from failview.model.annotation import Annotation, Stage
from failview.session.desk.viewer_port import ViewerPort, ViewerState, ViewerStatus
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_findings import slip_findings

SMALL = (160, 120)


class ViewerDesk(Protocol):
    """A viewer on a test's desk, and a person who may touch its window."""

    viewer: ViewerPort
    moves: list[tuple[str, int]]
    statuses: list[ViewerStatus]
    saved: list[tuple[Path, str]]
    folder: Path

    def wait(self, condition: Callable[[], bool]) -> None: ...
    def drag_cursor(self, frame: int) -> None: ...


class ViewerContract:
    """Inherit and provide the fixture `desk`, started."""

    def test_shown_and_sought_frames_are_told(self, desk: ViewerDesk) -> None:
        viewer = desk.viewer
        viewer.show(make_episode(50, size=SMALL, episode_id="contract_seek"), Annotation(), 7)
        desk.wait(lambda: viewer.shown_frame() == 7)
        viewer.seek(31)
        desk.wait(lambda: viewer.shown_frame() == 31)
        viewer.seek(5000)
        desk.wait(lambda: viewer.shown_frame() == 49)

    def test_only_a_person_moves_the_panel(self, desk: ViewerDesk) -> None:
        desk.viewer.show(make_episode(50, size=SMALL, episode_id="contract_move"), Annotation(), 3)
        desk.wait(lambda: desk.viewer.shown_frame() == 3)
        desk.moves.clear()
        desk.viewer.seek(20)
        desk.wait(lambda: desk.viewer.shown_frame() == 20)
        desk.drag_cursor(40)
        desk.wait(lambda: desk.moves != [])
        assert desk.moves == [("contract_move", 40)]
        assert desk.viewer.shown_frame() == 40

    def test_the_status_ends_ready_with_all_of_the_episode(self, desk: ViewerDesk) -> None:
        desk.viewer.preload(make_episode(30, size=SMALL, episode_id="contract_ahead"), Annotation())
        desk.viewer.show(make_episode(30, size=SMALL, episode_id="contract_status"), Annotation(), 0)
        wanted = ViewerStatus(ViewerState.READY, "contract_status", 1.0)
        desk.wait(lambda: desk.statuses[-1] == wanted)

    def test_findings_move_nothing_and_those_of_an_unknown_episode_are_ignored(self, desk: ViewerDesk) -> None:
        here = make_episode(50, size=SMALL, episode_id="contract_found")
        desk.viewer.show(here, Annotation(), 7)
        desk.wait(lambda: desk.viewer.shown_frame() == 7)
        desk.moves.clear()
        desk.viewer.show_findings(here, slip_findings("contract_found"))
        desk.viewer.show_findings(make_episode(50, episode_id="contract_unknown"), slip_findings("contract_unknown"))
        desk.viewer.seek(9)
        desk.wait(lambda: desk.viewer.shown_frame() == 9)
        desk.wait(lambda: desk.statuses[-1] == ViewerStatus(ViewerState.READY, "contract_found", 1.0))
        assert desk.moves == []

    def test_another_layout_and_the_readings_leave_the_cursor_where_it_is(self, desk: ViewerDesk) -> None:
        here = make_episode(50, size=SMALL, episode_id="contract_look")
        desk.viewer.show(here, Annotation(), 7)
        desk.wait(lambda: desk.viewer.shown_frame() == 7)
        desk.moves.clear()
        for stage, shown in ((Stage.TRIAGE, False), (Stage.REVIEW, True), (Stage.DETAIL, True)):
            desk.viewer.set_stage(stage)
            desk.viewer.show_readings(shown)
            assert desk.viewer.shown_frame() == 7
        desk.viewer.seek(9)
        desk.wait(lambda: desk.viewer.shown_frame() == 9)
        desk.wait(lambda: desk.statuses[-1] == ViewerStatus(ViewerState.READY, "contract_look", 1.0))
        assert desk.moves == []

    def test_a_screenshot_is_a_png_or_a_reason(self, desk: ViewerDesk) -> None:
        desk.viewer.show(make_episode(20, size=SMALL, episode_id="contract_shot"), Annotation(), 0)
        good, bad = desk.folder / "contract.png", desk.folder / "missing" / "contract.png"
        for path in (good, bad):
            desk.viewer.save_screenshot(path)
        desk.wait(lambda: {path for path, _ in desk.saved} >= {good, bad})
        reasons = dict(desk.saved)
        assert reasons[good] == ""
        assert good.read_bytes().startswith(b"\x89PNG")
        assert reasons[bad] != ""
