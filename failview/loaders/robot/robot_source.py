"""The robot's model of a dataset: the one that its profile names, else one that lies beside the data and fits."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.profiles.profile import Profile
from failview.loaders.robot.kinematics import Kinematics
from failview.loaders.robot.model_fit import agreement_of, fit_model
from failview.loaders.robot.robot_signals import warned, with_robot
from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role


class RobotSource:
    """The robot's model: the one that a profile names, else one beside the data that fits. Thread-safe.

    Models are read when the first episode needs them.

    Args:
        profile: What a person says.
        nearby: Finds models beside the data.
        example: An episode without a robot, by which they are judged; None when there is none.
    """

    def __init__(
        self, profile: Profile, nearby: Callable[[], Sequence[Path]], example: Callable[[], Episode | None]
    ) -> None:
        self._profile = profile
        self._nearby = nearby
        self._example = example
        self._lock = threading.Lock()
        self._chosen: _Chosen | None = None

    @property
    def path(self) -> Path | None:
        """The model in use."""
        return self._known().profile.robot.path

    @property
    def advice(self) -> str:
        """About models beside the data that are not used; empty for none."""
        return self._known().advice

    def fitted_to(self, episode: Episode) -> Episode:
        """The episode with the robot; with a warning in its place when the model does not fit."""
        chosen = self._known()
        if chosen.problem:
            return warned(episode, f"profile, robot.model: {chosen.problem}")
        if chosen.kinematics is None:
            return episode
        return with_robot(episode, chosen.kinematics, chosen.profile, found=chosen.found, likely=chosen.frame)

    def _known(self) -> "_Chosen":
        with self._lock:
            if self._chosen is None:
                self._chosen = self._choose()
            return self._chosen

    def _choose(self) -> "_Chosen":
        robot = self._profile.robot
        if robot.path is not None:
            try:
                return _Chosen(self._profile, Kinematics(robot.path, robot.base))
            except DatasetError as error:
                return _Chosen(self._profile, problem=str(error))
        models = () if robot.none_wanted else self._nearby()
        example = self._example() if models else None
        if example is None:
            return _Chosen(self._profile)
        return _guess(self._profile, models, example)


@dataclass(frozen=True, eq=False)
class _Chosen:
    """What was decided about the robot's model.

    Attributes:
        profile: The profile, with a model beside the data in it when that is used.
        kinematics: The model; None without.
        found: Why a model beside the data is used; empty when the profile names one.
        frame: Frame of a model beside the data that was found to be the end effector's.
        problem: Why the model that the profile names cannot be used.
        advice: About models beside the data that are not used.
    """

    profile: Profile
    kinematics: Kinematics | None = None
    found: str = ""
    frame: str = ""
    problem: str = ""
    advice: str = ""


def _guess(profile: Profile, models: Sequence[Path], example: Episode) -> _Chosen:
    """The model beside the data that fits an episode, when it is the only one."""
    fitting, reasons = [], []
    for path in models:
        chosen = _tried(profile, path, example)
        if isinstance(chosen, str):
            reasons.append(f"{path.name}: {chosen}")
        else:
            fitting.append(chosen)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(str(item.profile.robot.path.name) for item in fitting if item.profile.robot.path)
        return _Chosen(profile, advice=f"{len(fitting)} robot models beside the data fit ({names}): name one")
    return _Chosen(profile, advice=f"robot models beside the data do not fit ({'; '.join(reasons)})")


def _tried(profile: Profile, path: Path, example: Episode) -> "_Chosen | str":
    """A model as the profile could name it; why it does not fit an episode, in words."""
    joints = example.signals.get(Role.JOINT_POSITION)
    if joints is None or joints.unit == ARBITRARY_UNIT or example.assignments[Role.JOINT_POSITION].dead:
        return "no joint positions in rad to compare with"
    try:
        kinematics = Kinematics(path, profile.robot.base)
    except DatasetError as error:
        return error.what
    fit = fit_model(example, joints, kinematics, profile.robot.ee_frame)
    if isinstance(fit, str):
        return fit
    agreement = agreement_of(example, fit)
    fits_by_place = agreement.agrees or agreement.frame != fit.frame or bool(agreement.base)
    is_recorded = Role.EE_POSITION in example.signals and example.signals[Role.EE_POSITION].unit != ARBITRARY_UNIT
    if is_recorded and not fits_by_place:
        return "it puts the end effector elsewhere than recorded"
    if not is_recorded and fit.match.guessed:
        return "only the number of joints agrees, and no end effector is recorded to compare with"
    base = profile.robot.base or agreement.base
    how = [f"its joints put {agreement.frame} where the end effector is recorded"] if is_recorded else []
    how += [] if fit.match.guessed else ["joints by name"]
    robot = replace(profile.robot, path=path, base=base)
    if base != profile.robot.base:
        kinematics = Kinematics(path, base)
    found = f"lies beside the data: {', '.join(how)}"
    return _Chosen(replace(profile, robot=robot), kinematics, found, agreement.frame)
