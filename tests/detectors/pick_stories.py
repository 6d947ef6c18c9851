"""The picks and places that the tests of several rooms tell."""

from failview.model.roles import Role
from tests.detectors.gripper_story import Story

WITHOUT_POSES = frozenset({Role.OBJECT_POSITION, Role.OBJECT_ORIENTATION})
WITHOUT_FORCE = frozenset({Role.GRIPPER_FORCE})
WITHOUT_APERTURE = frozenset({Role.GRIPPER_APERTURE})

TURN_RULE_DEG = 3.0


def held(width_m: float = 0.04, grip_n: float = 8.0, story: Story | None = None) -> Story:
    """Gripped and lifted."""
    return (story or Story()).wait(0.8).reach(0.6).close(width_m, grip_n).wait(0.2).lift()


def placed(story: Story, by_m: float = 0.2, *, higher_m: float = 0.0) -> Story:
    """Carried aside, set down, let go, left."""
    story.carry((0.0, by_m, 0.0)).carry((0.0, 0.0, higher_m - 0.15), 0.6).wait(0.1)
    return story.release(support_m=0.02 + higher_m).carry((0.0, 0.0, 0.15), 0.6).wait(0.5)


def success(width_m: float = 0.04, grip_n: float = 8.0) -> Story:
    return placed(held(width_m, grip_n))


def miss() -> Story:
    return Story().wait(0.8).reach(0.6).close(0.0005).wait(0.2).carry((0.0, 0.0, 0.15), 0.8).wait(0.5)


def slip() -> Story:
    return held().lose().wait(1.0)


def drop() -> Story:
    story = held().carry((0.0, 0.15, 0.0), 0.7).lose(grip_n=3.0)
    return story.carry((0.0, 0.1, 0.0), 0.5).wait(1.0)


def opened_early() -> Story:
    story = held().carry((0.0, 0.15, 0.0), 0.7).release()
    return story.carry((0.0, 0.1, 0.0), 0.5).wait(1.0)


def turned(deg: float = 25.0, seconds: float = 0.5) -> Story:
    return placed(held().turn_object(deg, seconds))


def slid_and_gripped_again() -> Story:
    story = held().lose().wait(0.4).release().carry((0.0, 0.0, -0.15), 0.6)
    return placed(story.reach(0.1).close(0.04, 8.0).wait(0.2).lift())
