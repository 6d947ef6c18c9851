"""Ways 3 and 4: the object is looked for in the last frames of one camera."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from failview.detectors.detector import Case
from failview.detectors.task_success.onnx_model import OnnxError, load_model
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
        if wanted.template is not None:
            yield _by_template(case, camera)
        if wanted.onnx is not None:
            yield _by_onnx(case, camera)
    except (FailviewError, _NoPicturesError) as error:
        yield NoVerdict(str(error))


class _NoPicturesError(Exception):
    """There is nothing to look at."""


def _camera(case: Case) -> Camera:
    cameras, name = case.conditioned.episode.cameras, case.settings.success.camera
    if not cameras:
        raise _NoPicturesError("the episode has no camera")
    if name and name not in cameras:
        raise _NoPicturesError(f"there is no camera {name} (success.camera)")
    return cameras[name] if name else next(iter(cameras.values()))


def _last_pictures(case: Case, camera: Camera) -> Iterator[Picture]:
    """The last picture, and then some before it; read as they are asked for."""
    clock = case.conditioned.clock
    count = min(camera.num_frames, len(clock.frame_times_s))
    if not count:
        raise _NoPicturesError(f"camera {camera.name} has no pictures")
    times_s = clock.frame_times_s[:count]
    frames = [int(np.searchsorted(times_s, times_s[-1] - before_s - 1e-6)) for before_s in _FRAMES_BEFORE_S]
    reader = camera.open_reader()
    try:
        for frame in dict.fromkeys(frames):
            yield reader.read(frame)
    finally:
        reader.close()


@dataclass(frozen=True)
class _Seen:
    """What a search says; `sure` from 0 to 1 tells how clear the pictures are."""

    way: Way
    score: float
    sure: float
    said: str
    centre: tuple[float, float] | None = None


def _by_template(case: Case, camera: Camera) -> Verdict | NoVerdict:
    wanted = case.settings.success
    assert wanted.template is not None
    least = wanted.min_score or case.settings["success.template_score"]
    where, score = f"{wanted.template.name} in the last frames of {camera.name}", 0.0
    try:
        template = read_template(wanted.template)
        for picture in _last_pictures(case, camera):
            match = find_template(picture, template)
            if match.score >= least:
                return _verdict(case, _template_seen(case, match, picture, where, least))
            score = max(score, match.score)
    except TemplateError as problem:
        return NoVerdict(f"{wanted.template.name}: {problem}")
    said = f"{where}: not found (score {score:.2f}, least {least:.2f})"
    return _verdict(case, _Seen(Way.TEMPLATE, score, (least - score) / least, said))


def _template_seen(case: Case, match: Match, picture: Picture, where: str, least: float) -> _Seen:
    said = f"{where}: found at {match.x:.0f}, {match.y:.0f} px with score {match.score:.2f}, least {least:.2f}"
    sure = (match.score - least) / max(1.0 - least, 1e-6)
    if match.score - match.runner_up < case.settings["success.template_lead"]:
        sure, said = 0.0, f"{said}; another place looks alike ({match.runner_up:.2f})"
    return _Seen(Way.TEMPLATE, match.score, sure, said, _share(match, picture))


def _by_onnx(case: Case, camera: Camera) -> Verdict | NoVerdict:
    wanted = case.settings.success
    assert wanted.onnx is not None
    least = wanted.min_score or case.settings["success.onnx_score"]
    where = f"{wanted.onnx.name}, {wanted.onnx_class or 'any object'}, in the last frames of {camera.name}"
    try:
        model = load_model(wanted.onnx)
        for picture in _last_pictures(case, camera):
            boxes = find_boxes(model, picture, least, wanted.onnx_class)
            if boxes:
                return _verdict(case, _box_seen(case, boxes, picture, where))
    except OnnxError as problem:
        return NoVerdict(f"{wanted.onnx.name}: {problem}")
    return _verdict(case, _Seen(Way.ONNX, 0.0, _NOTHING_FOUND, f"{where}: not found, least score {least:.2f}"))


def _box_seen(case: Case, boxes: list[Box], picture: Picture, where: str) -> _Seen:
    inside = [box for box in boxes if _in_region(case, _share(box, picture))]
    best = max(inside or boxes, key=lambda box: box.score)
    said = f"{where}: found at {best.x:.0f}, {best.y:.0f} px with score {best.score:.2f}"
    return _Seen(Way.ONNX, best.score, best.score, said, _share(best, picture))


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
