"""Writes a profile with what was detected, so that a person can correct it line by line."""

import json
from collections.abc import Iterator, Sequence

from failview.errors import DatasetError
from failview.loaders.assembled_dataset import AssembledDataset
from failview.loaders.assembly import AssembledEpisode
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.profiles.detector_lines import detector_lines, success_lines
from failview.loaders.profiles.profile import Profile, RobotModel, allowed_units
from failview.loaders.roles.role_candidates import Part
from failview.loaders.roles.role_names import Combine
from failview.loaders.roles.stream_roles import RoleChoice
from failview.model.roles import ARBITRARY_UNIT, ROLE_SPECS, Role

_HEAD = """\
# Profile of {name} ({format}), written by: failview inspect --write-profile
# What stands here counts more than what failview finds by itself. Remove a line, or put # before it, and failview
# finds out again. A role is switched off with stream = "". Where a line says guessed = true, nobody has confirmed it:
# correct the table if need be, then remove that line."""


def write_profile(dataset: AssembledDataset) -> str:
    """The text of a profile with what was detected; reading it back gives the same roles.

    Raises:
        DatasetError: No episode can be read.
    """
    assembled = _first_readable(dataset)
    lines = [_HEAD.format(name=_one_line(dataset.path.name), format=dataset.format_name), ""]
    lines += _dataset_lines(dataset, assembled)
    lines += _templates(assembled, dataset.profile)
    for choice in assembled.choices.values():
        lines += ["", *_role_lines(choice, assembled)]
    missing = [role for role in Role if role not in assembled.choices]
    if missing:
        lines += ["", "# Not found; to name the stream of one, remove the # of its lines:"]
        lines += [line for role in missing for line in _missing_lines(role)]
    return "\n".join(lines) + "\n"


def _first_readable(dataset: AssembledDataset) -> AssembledEpisode:
    problem: DatasetError | None = None
    for entry in dataset.entries:
        try:
            return dataset.assembled(entry.episode_id)
        except DatasetError as error:
            problem = problem or error
    raise problem or DatasetError("no episodes", where=dataset.path)


def _dataset_lines(dataset: AssembledDataset, assembled: AssembledEpisode) -> Iterator[str]:
    clock = assembled.episode.clock
    tasks = list(dict.fromkeys(entry.task for entry in dataset.entries if entry.task))
    yield "[dataset]"
    yield from _task_lines(tasks, dataset.entries)
    if dataset.profile.object_name:
        yield f"object = {_text(dataset.profile.object_name)}  # as the profile before said"
    else:
        yield '# object = "cube"  # name of the manipulated object; no file says it'
    if dataset.profile.rate_hz:
        yield f"rate_hz = {dataset.profile.rate_hz!r}  # as the profile before said"
    else:
        rate_hz = round(clock.rate_hz or 30.0, 4)
        yield f"# rate_hz = {rate_hz!r}  # times come from {clock.origin}; set this only to replace them"
    cameras = ", ".join(_text(name) for name in assembled.episode.cameras)
    if cameras:
        yield f"cameras = [{cameras}]  # the order on the screen"
        order, given = dataset.profile.channel_order or assembled.raw.channel_order, dataset.profile.channel_order
        yield f'{"" if given else "# "}channel_order = "{order}"  # "bgr" or "rgb": how the file stores its pictures'


def _task_lines(tasks: Sequence[str], entries: Sequence[EpisodeEntry]) -> Iterator[str]:
    if len(tasks) == 1 and all(entry.task for entry in entries):
        yield f"task = {_text(tasks[0])}  # as the file says; replace it with better words"
    elif tasks:
        yield f"# task = {_text(tasks[0])}  # the file has {len(tasks)} tasks; a line here replaces all of them"
    else:
        yield '# task = "put the cube into the bowl"  # the file does not say'


def _templates(assembled: AssembledEpisode, profile: Profile) -> Iterator[str]:
    aperture = assembled.episode.signals.get(Role.GRIPPER_APERTURE)
    lowest, highest, seen = 0.0, 0.08, ""
    if aperture is not None and aperture.unit == "m" and aperture.num_samples:
        lowest, highest = (abs(round(float(value), 4)) for value in (aperture.values.min(), aperture.values.max()))
        seen = f"; seen in {assembled.episode.episode_id}"
    yield ""
    yield "[gripper]"
    limits = profile.gripper
    yield _number_line("aperture_min_m", limits.aperture_min_m, lowest, f"closed on nothing{seen}")
    yield _number_line("aperture_max_m", limits.aperture_max_m, highest, f"wide open{seen}")
    yield _number_line("force_max_n", limits.force_max_n, 40.0, "the largest force it can hold with")
    yield ""
    yield from _robot_lines(profile.robot, assembled)
    yield from _transform_lines(assembled)
    yield ""
    yield from success_lines(profile.success)
    yield ""
    yield from detector_lines(profile.detectors)


def _number_line(key: str, given: float | None, example: float, about: str) -> str:
    """A line in force with what the profile before said, else one to be uncommented."""
    return f"# {key} = {example!r}  # {about}" if given is None else f"{key} = {given!r}  # as the profile before said"


def _robot_lines(robot: RobotModel, assembled: AssembledEpisode) -> Iterator[str]:
    """The robot of the profile before; its path in full, for the new profile may lie elsewhere."""
    yield "[robot]"
    yield _model_line(robot, assembled)
    fitted = assembled.episode.robot
    frame = robot.ee_frame or (fitted.ee_frame if fitted else "tool0")
    yield f"{'' if robot.ee_frame else '# '}ee_frame = {_text(frame)}  # frame of the end effector in the model"
    base = robot.base or (0.0, 0.0, 0.0)
    where = "x, y, z in m of the model's origin among the recorded positions; qx, qy, qz, qw may follow"
    yield f"{'' if robot.base else '# '}base = {list(base)!r}  # {where}"
    always = "true: the end effector is computed from the joints even where one is recorded"
    yield f"{'' if robot.ee_from_joints else '# '}ee_from_joints = true  # {always}"


def _model_line(robot: RobotModel, assembled: AssembledEpisode) -> str:
    about = "URDF or MJCF, relative to this file: pose, joint limits and collisions come from it"
    fitted = assembled.episode.robot
    if robot.none_wanted:
        return 'model = ""  # none, as the profile before said'
    if robot.path is not None:
        return f"model = {_text(str(robot.path.resolve()))}  # {about}"
    if fitted is not None and fitted.found:
        why = f'guessed: it {fitted.found}; remove the # to confirm it, or write model = "" to do without'
        return f"# model = {_text(str(fitted.path.resolve()))}  # {_one_line(why)}"
    return f'# model = "robot.urdf"  # {about}'


def _transform_lines(assembled: AssembledEpisode) -> Iterator[str]:
    transforms = assembled.raw.transforms
    if transforms is None:
        return
    parent, child = assembled.chain or ("base_link", "tool0")
    mark = "" if assembled.chain else "# "
    yield ""
    yield "[tf]  # recorded transforms give the end effector's pose"
    yield f"# frames: {_one_line(', '.join(transforms.frames))}"
    yield f"{mark}parent = {_text(parent)}  # frame in which the pose is given"
    yield f"{mark}child = {_text(child)}  # frame at the tool"


def _role_lines(choice: RoleChoice, assembled: AssembledEpisode) -> Iterator[str]:
    spec = ROLE_SPECS[choice.role]
    yield f"[roles.{choice.role.value}]  # {spec.meaning}"
    streams = list(dict.fromkeys(part.stream for part in choice.parts))
    shown = _text(streams[0]) if len(streams) == 1 else f"[{', '.join(_text(name) for name in streams)}]"
    yield f"stream = {shown}  # {_one_line(choice.reason)}"
    widths = {stream.name: stream.width for stream in assembled.raw.streams}
    columns = _columns(choice.parts, streams, widths)
    labels = {stream.name: stream.labels for stream in assembled.raw.streams}
    if columns is not None:
        yield f"columns = {columns}  # {_column_names(choice.parts, labels)}"
    if choice.combine is not Combine.NONE:
        yield f'combine = "{choice.combine.value}"  # "sum_of_absolutes" or "mean": the columns become one'
    units = allowed_units(choice.role)
    if len(units) > 1 or choice.unit == ARBITRARY_UNIT:
        yield f'unit = "{choice.unit}"  # one of {", ".join(units)}'
    if choice.scale != 1.0:
        yield f"scale = {choice.scale!r}  # factor to the unit above"
    if choice.guessed:
        yield "guessed = true  # nobody has confirmed this table; remove this line when you have checked it"


def _columns(parts: Sequence[Part], streams: Sequence[str], widths: dict[str, int]) -> str | None:
    """Columns counted over all streams side by side; None when they are all taken in order."""
    starts, start = {}, 0
    for name in streams:
        starts[name] = start
        start += widths[name]
    taken = [starts[part.stream] + column for part in parts for column in part.columns]
    if taken == list(range(start)):
        return None
    if len(taken) > 2 and taken == list(range(taken[0], taken[-1] + 1)):
        return f'"{taken[0]}:{taken[-1] + 1}"'
    return f"[{', '.join(map(str, taken))}]"


def _column_names(parts: Sequence[Part], labels: dict[str, tuple[str, ...]]) -> str:
    names = [labels[part.stream][column] for part in parts if labels[part.stream] for column in part.columns]
    return _one_line(", ".join(names)) or 'indices from 0, or a range "0:7" (7 not included)'


def _missing_lines(role: Role) -> Iterator[str]:
    spec = ROLE_SPECS[role]
    columns = " or ".join(map(str, spec.widths))
    widths = f", {columns} column{'' if columns == '1' else 's'}" if columns else ""
    yield "#"
    yield f"# [roles.{role.value}]  # {spec.meaning}{widths}"
    yield '# stream = ""'
    units = allowed_units(role)
    if len(units) > 1:
        yield f'# unit = "{spec.unit}"  # one of {", ".join(units)}'


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _text(words: str) -> str:
    """A TOML basic string: JSON's escapes are valid in it."""
    return json.dumps(words, ensure_ascii=True)
