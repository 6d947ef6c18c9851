"""Ways 3 and 4: the object is looked for in the last frames of one camera."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from failview.detectors.detector import Case
from failview.detectors.task_success.onnx_model import OnnxError, OnnxModel, load_model
from failview.detectors.task_success.release import last_hold
from failview.detectors.task_success.template_search import Match, TemplateError, find_template, read_template
from failview.detectors.task_success.verdict import NoVerdict, Verdict, Way
from failview.detectors.task_success.yolo_boxes import Box, find_boxes
from failview.errors import FailviewError
from failview.model.camera import Camera, Picture

_FRAMES_BEFORE_S = (0.0, 0.5, 1.0)
"""The last picture, and two before it in case something hides the object in the last one."""
_SUREST = 0.92
_UNSURE = 0.55
_NOTHING_FOUND = 0.5
_ANYWHERE = 0.6
"""Without a region, an object that is in the picture at all says little about where it should be."""


def judge_pictures(case: Case) -> Iterator[Verdict | NoVerdict]:
    """Verdicts of the visual criteria that the profile names."""
    wanted = case.settings.success
    try:
        camera = _camera(case)
        pictures = _last_pictures(case, camera)
    except FailviewError as error:
        yield NoVerdict(str(error))
        return
    except _NoPicturesError as error:
        yield NoVerdict(str(error))
        return
    if wanted.template is not None:
        yield _by_template(case, camera.name, pictures)
    if wanted.onnx is not None:
        yield _by_onnx(case, camera.name, pictures)


class _NoPicturesError(Exception):
    """There is nothing to look at."""


def _camera(case: Case) -> Camera:
    cameras, name = case.conditioned.episode.cameras, case.settings.success.camera
    if not cameras:
        raise _NoPicturesError("the episode has no camera")
    if name and name not in cameras:
        raise _NoPicturesError(f"there is no camera {name} (success.camera)")
    return cameras[name] if name else next(iter(cameras.values()))


def _last_pictures(case: Case, camera: Camera) -> list[Picture]:
    """The last picture and some before it, last first."""
    clock = case.conditioned.clock
    count = min(camera.num_frames, len(clock.frame_times_s))
    if not count:
        raise _NoPicturesError(f"camera {camera.name} has no pictures")
    times_s = clock.frame_times_s[:count]
    frames = [int(np.searchsorted(times_s, times_s[-1] - before_s - 1e-6)) for before_s in _FRAMES_BEFORE_S]
    reader = camera.open_reader()
    try:
        taken = {frame: reader.read(frame) for frame in sorted(set(frames))}
    finally:
        reader.close()
    return [taken[frame] for frame in dict.fromkeys(frames)]


@dataclass(frozen=True)
class _Seen:
    """What a search says; `sure` from 0 to 1 tells how clear the pictures are."""

    way: Way
    score: float
    sure: float
    said: str
    centre: tuple[float, float] | None = None


def _by_template(case: Case, camera: str, pictures: list[Picture]) -> Verdict | NoVerdict:
    wanted = case.settings.success
    assert wanted.template is not None
    least = wanted.min_score or case.settings["success.template_score"]
    try:
        template = read_template(wanted.template)
        matches = [find_template(picture, template) for picture in pictures]
    except TemplateError as problem:
        return NoVerdict(f"{wanted.template.name}: {problem}")
    found = [match for match in matches if match.score >= least]
    where = f"{wanted.template.name} in the last frames of {camera}"
    if not found:
        score = max(match.score for match in matches)
        said = f"{where}: not found (score {score:.2f}, least {least:.2f})"
        return _verdict(case, _Seen(Way.TEMPLATE, score, (least - score) / least, said))
    last = found[0]
    said = f"{where}: found at {last.x:.0f}, {last.y:.0f} px with score {last.score:.2f}, least {least:.2f}"
    sure = (last.score - least) / max(1.0 - least, 1e-6)
    if last.score - last.runner_up < case.settings["success.template_lead"]:
        sure, said = 0.0, f"{said}; another place looks alike ({last.runner_up:.2f})"
    return _verdict(case, _Seen(Way.TEMPLATE, last.score, sure, said, _share(last, pictures[0])))


def _by_onnx(case: Case, camera: str, pictures: list[Picture]) -> Verdict | NoVerdict:
    wanted = case.settings.success
    assert wanted.onnx is not None
    least = wanted.min_score or case.settings["success.onnx_score"]
    try:
        model = load_model(wanted.onnx)
        boxes = _last_boxes(model, pictures, least, wanted.onnx_class)
    except OnnxError as problem:
        return NoVerdict(f"{wanted.onnx.name}: {problem}")
    where = f"{wanted.onnx.name}, {wanted.onnx_class or 'any object'}, in the last frames of {camera}"
    if not boxes:
        return _verdict(case, _Seen(Way.ONNX, 0.0, _NOTHING_FOUND, f"{where}: not found, least score {least:.2f}"))
    inside = [box for box in boxes if _in_region(case, _share(box, pictures[0]))]
    best = max(inside or boxes, key=lambda box: box.score)
    said = f"{where}: found at {best.x:.0f}, {best.y:.0f} px with score {best.score:.2f}"
    return _verdict(case, _Seen(Way.ONNX, best.score, best.score, said, _share(best, pictures[0])))


def _last_boxes(model: OnnxModel, pictures: list[Picture], least: float, wanted_class: str) -> list[Box]:
    """What is found in the last picture in which anything is found."""
    for picture in pictures:
        boxes = find_boxes(model, picture, least, wanted_class)
        if boxes:
            return boxes
    return []


def _share(found: Match | Box, picture: Picture) -> tuple[float, float]:
    """Centre of what was found as shares of the picture's width and height."""
    height, width = picture.shape[:2]
    return found.x / width, found.y / height


def _in_region(case: Case, centre: tuple[float, float]) -> bool:
    region = case.settings.success.region
    if not region:
        return True
    left, top, right, bottom = region
    return left <= centre[0] <= right and top <= centre[1] <= bottom


def _verdict(case: Case, seen: _Seen) -> Verdict:
    region, said = case.settings.success.region, seen.said
    reached = seen.centre is not None and _in_region(case, seen.centre)
    confidence = _UNSURE + (_SUREST - _UNSURE) * min(max(seen.sure, 0.0), 1.0)
    if seen.centre is not None and region:
        said += f", {'inside' if reached else 'outside'} the goal's region"
    elif seen.centre is not None:
        said, confidence = f"{said}; no region is given", min(confidence, _ANYWHERE)
    attempt = last_hold(case.story)
    last = case.conditioned.rows - 1
    start = last if attempt is None else min(attempt.end_row, last)
    return Verdict(seen.way, reached, confidence, said, start, None, {"score": seen.score})
