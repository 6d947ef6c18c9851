"""What the detectors found, in the real viewer: lanes at their frames, raw arrays among the plots."""

from dataclasses import replace

import numpy as np

from failview.model.annotation import Annotation
from failview.model.detection import Detection, EpisodeFindings
from failview.model.roles import Role
from failview.viewer.findings_log import lane_changes
from tests.episodes.synthetic import make_episode
from tests.viewer.desk import Desk
from tests.viewer.test_lost_viewer import kill

ROLES = frozenset({Role.GRIPPER_APERTURE, Role.GRIPPER_FORCE})
LANES = "Annotation and events"


def event(kind: str, start: int, end: int, confidence: float = 0.9) -> Detection:
    return Detection(kind.partition(".")[0], kind, start, end, confidence, "why")


def findings(*events: Detection, **arrays: np.ndarray) -> EpisodeFindings:
    return EpisodeFindings("x", events, {}, {}, (), {name.replace("__", "."): item for name, item in arrays.items()})


def entities(desk: Desk) -> set[str]:
    """What the viewer itself says is in the recording on its screen."""
    person = desk.person()
    shown = person.get_state().active_recording
    schema = person.get_recording_schema(shown, max_entities=1000, paths_only=True)
    return {item.entity_path for item in schema.entities}


def teal_share(desk: Desk, title: str = LANES) -> tuple[float, float] | None:
    """Where in the width (0 to 1) the first broad teal bar begins and ends."""
    picture = desk.look_at(title).astype(int)
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    columns = np.flatnonzero(((green > 100) & (blue > 100) & (2 * red < green)).sum(axis=0) >= 10)
    return None if columns.size == 0 else (columns[0] / picture.shape[1], columns[-1] / picture.shape[1])


def test_a_lane_shows_the_event_that_began_last_and_gaps_between_events() -> None:
    slip, drop, late = event("grasp.slip", 10, 30), event("grasp.drop", 20, 25), event("grasp.missed", 39, 60)
    assert lane_changes([slip, drop, late], 40) == {
        0: "",
        10: "grasp.slip",
        20: "grasp.drop",
        26: "grasp.slip",
        31: "",
        39: "grasp.missed",
    }
    assert lane_changes([event("task.reached", 0, 99)], 40) == {0: "task.reached"}
    assert lane_changes([event("task.reached", 5, 9, 0.6), event("task.not_reached", 5, 9, 0.9)], 40)[5] == (
        "task.not_reached"
    )


def test_findings_that_come_late_get_their_lane_and_their_curves(desk: Desk) -> None:
    episode = make_episode(101, cameras=(), episode_id="late findings", roles=ROLES)
    desk.show(episode, 7)
    assert teal_share(desk) is None
    states = np.repeat([0.0, 2.0, 4.0], [30, 50, 21])
    found = findings(event("grasp.slip", 40, 59), grasp__tared_force_n=np.linspace(0, 3, 101))
    desk.viewer.show_findings(episode, found)
    desk.wait(lambda: teal_share(desk) is not None)
    begin, end = teal_share(desk) or (0.0, 0.0)
    assert abs(begin - 0.40) < 0.02
    assert abs(end - 0.60) < 0.02
    assert {"/detectors/grasp", "/plots/gripper_force/tared"} <= entities(desk)
    assert desk.viewer.shown_frame() == 7

    desk.viewer.show_findings(episode, findings(event("grasp.slip", 0, 9), grasp__state=states))
    desk.seek(9)
    assert "/grasp_state" not in entities(desk), "what was found does not change"


def test_findings_of_an_episode_loaded_ahead_are_there_when_it_is_shown(desk: Desk) -> None:
    here, ahead = (make_episode(101, cameras=(), episode_id=name, roles=ROLES) for name in ("first one", "second one"))
    desk.show(here)
    desk.viewer.preload(ahead, Annotation())
    desk.viewer.show_findings(ahead, findings(event("grasp.slip", 20, 39)))
    desk.viewer.show_findings(make_episode(10, episode_id="never shown"), findings(event("grasp.slip", 0, 3)))
    desk.seek(5)
    assert "/detectors/grasp" not in entities(desk)
    desk.show(ahead)
    desk.wait(lambda: abs((teal_share(desk) or (9, 9))[0] - 0.20) < 0.02)


def test_arrays_on_a_clock_of_their_own_reach_from_end_to_end(desk: Desk) -> None:
    roles = frozenset({Role.OBJECT_POSITION, Role.GOAL_POSITION})
    episode = make_episode(60, cameras=(), rate_hz=20.0, episode_id="fine", roles=roles)
    desk.show(episode)
    times_ns = np.linspace(0, 59 / 20 * 1e9, 600).astype(np.int64)
    distance_m = np.where(np.arange(600) % 100 < 50, 0.3, 0.1)
    found = replace(findings(task_success__distance_m=distance_m), array_times_ns=times_ns)
    desk.viewer.show_findings(episode, found)
    desk.wait(lambda: "/plots/detectors/goal_distance" in entities(desk))

    def seen() -> bool:
        picture = desk.look_at("Object to goal (mm)").astype(int)
        curve = (picture[..., 2] > 180) & (picture[..., 0] < 130)
        columns = np.flatnonzero(curve.any(axis=0))
        return columns.size > 0.5 * picture.shape[1] and columns[-1] > 0.9 * picture.shape[1]

    desk.wait(seen)


def test_arrays_that_make_no_sense_are_told_and_harm_nothing(desk: Desk) -> None:
    episode = make_episode(40, cameras=(), episode_id="senseless", roles=ROLES)
    desk.show(episode)
    wrong = replace(findings(grasp__state=np.zeros(7)), array_times_ns=np.zeros(3, dtype=np.int64))
    desk.viewer.show_findings(episode, wrong)
    desk.wait(lambda: "cannot be shown in full" in desk.status.message)
    desk.seek(11)


def test_findings_come_back_with_a_viewer_that_was_killed(own_desk: Desk) -> None:
    episode = make_episode(101, cameras=(), episode_id="killed findings", roles=ROLES)
    own_desk.show(episode, 10)
    own_desk.viewer.show_findings(episode, findings(event("grasp.slip", 50, 69)))
    own_desk.wait(lambda: teal_share(own_desk) is not None)
    old = kill(own_desk)
    own_desk.wait(lambda: own_desk.viewer.pid not in {None, old} and own_desk.viewer.shown_frame() == 10)
    own_desk.wait(lambda: abs((teal_share(own_desk) or (9, 9))[0] - 0.50) < 0.02)
