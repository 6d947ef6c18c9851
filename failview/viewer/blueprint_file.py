"""Reads the layout of a stage from its TOML file and fits it to the data of an episode."""

import hashlib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from failview.detectors.requirements import REQUIREMENTS, not_judged
from failview.errors import ViewerError
from failview.model.clock import Clock
from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Signal
from failview.viewer.entity_paths import TIME_TIMELINE
from failview.viewer.findings_log import ARRAY_PLOTS
from failview.viewer.other_streams import streams_drawn
from failview.viewer.scene_log import Eye, has_scene
from failview.viewer.words_log import what_is_missing

CAMERAS, SCENE, LANES = "cameras", "scene", "lanes"
OTHER, FRAME_NUMBER, MISSING = "other_streams", "frame_number", "missing"
LABEL = "label"
"""The label in words; not for layout files, because the panel shows it."""
PLOTS: Mapping[str, Role] = {
    "aperture": Role.GRIPPER_APERTURE,
    "grip_force": Role.GRIPPER_FORCE,
    "wrist_force": Role.WRENCH,
    "wrist_torque": Role.WRENCH,
    "joint_torque": Role.JOINT_TORQUE,
    "external_torque": Role.EXTERNAL_TORQUE,
    "joint_velocity": Role.JOINT_VELOCITY,
    "joint_position": Role.JOINT_POSITION,
    "action": Role.ACTION,
}
"""View of a layout file → role that it draws."""

MAX_LEGEND = 8
"""More names would cover the curves; the viewer shows the name of the curve under the mouse."""

GRID_M = 0.1
"""Between two lines of the scene's grid; Rerun leaves out all but every tenth when one looks from far away."""

MAX_FPS = 1000
"""For a clock whose stamps are hardly seconds."""

LINKED_UP_TO_FRAMES, LINKED_UP_TO_S = 1900, 58.0
"""Linked time axes show at most 2000 frames or 60 s around the cursor at first, and no call changes that (Rerun 0.41,
measured). In a longer episode each axis stands alone, and shows all of it."""

_KINDS = ("row", "column", "tabs")


@dataclass(frozen=True)
class ViewPart:
    """One view.

    Attributes:
        view: Its name in the layout file; "camera" for one camera.
        title: What stands above it.
        legend: Whether its curves need names.
        camera: Which camera, for a camera.
        stream: Which stream, for one without a role.
        share: Its part of the room.
    """

    view: str
    title: str
    legend: bool = False
    camera: str = ""
    stream: str = ""
    share: float = 1.0


@dataclass(frozen=True)
class Box:
    """Several parts in a row, a column, or as tabs.

    Attributes:
        kind: "row", "column" or "tabs".
        parts: What is in it.
        share: Its part of the room.
    """

    kind: str
    parts: "tuple[Part, ...]"
    share: float = 1.0


Part = ViewPart | Box


@dataclass(frozen=True)
class Layout:
    """A layout fitted to an episode. Equal layouts look the same, so episodes that share one share its adjustments.

    Attributes:
        root: The parts; None when the episode has nothing to show.
        timeline: The timeline to show first.
        fps: Frames per second when somebody presses play in the viewer.
        eye: Viewpoint of the scene; None leaves it to Rerun.
        linked: Whether zooming into one time axis zooms into all.
    """

    root: Part | None
    timeline: str
    fps: int
    eye: Eye | None = None
    linked: bool = True

    @property
    def key(self) -> str:
        """Short name that equal layouts share."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


def read_layout_file(path: Path) -> Mapping[str, Any]:
    """The layout of a stage as written.

    Raises:
        ViewerError: It cannot be read, or names a view that does not exist.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise ViewerError(f"the layout cannot be read ({error.strerror})", where=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ViewerError(f"the layout is not valid TOML: {error}", where=path) from error
    if unknown := set(content) - {"layout"}:
        what, pattern = f"unknown key {min(unknown)!r} beside [layout]", rf"^\s*\[?{re.escape(min(unknown))}\b"
        raise ViewerError(what, where=_place(path, text, pattern))
    layout = content.get("layout")
    if not isinstance(layout, dict):
        raise ViewerError("the layout has no [layout] table", where=path)
    _check(layout, path, text)
    return layout


def _check(part: object, path: Path, text: str) -> None:
    names = (*_KINDS, "view")
    if not isinstance(part, dict):
        raise ViewerError(f"{part!r} in the layout is not a part", where=path, hint='Write { view = "lanes" }')
    if unknown := set(part) - {*names, "share"}:
        what, where = f"unknown key {min(unknown)!r} in the layout", _place(path, text, rf"\b{min(unknown)}\s*=")
        raise ViewerError(what, where=where, hint=f"Known keys: {', '.join((*names, 'share'))}.")
    if sum(name in part for name in names) != 1:
        raise ViewerError(f"a part of the layout needs exactly one of {', '.join(names)}", where=path)
    share = part.get("share", 1)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < math.inf:
        what, where = (
            f"share = {share!r} in the layout is not a number above 0",
            _place(path, text, rf"share\s*=\s*{share}"),
        )
        raise ViewerError(what, where=where)
    if "view" in part:
        _check_view(part["view"], path, text)
        return
    children = part[_kind(part)]
    if not isinstance(children, list) or not children:
        raise ViewerError(
            f"{_kind(part)} in the layout is not a list of parts", where=_place(path, text, rf"\b{_kind(part)}\s*=")
        )
    for child in children:
        _check(child, path, text)


def _check_view(view: object, path: Path, text: str) -> None:
    known = (CAMERAS, SCENE, *PLOTS, *ARRAY_PLOTS, OTHER, MISSING, LANES, FRAME_NUMBER)
    if view not in known:
        where = _place(path, text, rf"""view\s*=\s*["']?{re.escape(str(view))}\b""")
        raise ViewerError(f"unknown view {view!r}", where=where, hint=f"Known views: {', '.join(known)}.")


def _place(path: Path, text: str, pattern: str) -> str:
    """The file, and the first line that holds what a pattern tells."""
    found = re.search(pattern, text, re.MULTILINE)
    return str(path) if found is None else f"{path}:{text.count(chr(10), 0, found.start()) + 1}"


def _kind(part: Mapping[str, Any]) -> str:
    return next(kind for kind in _KINDS if kind in part)


def common_key(layouts: Iterable[Layout]) -> str:
    """Short name that episodes share whose layouts are equal in every stage."""
    return hashlib.sha256("".join(layout.key for layout in layouts).encode()).hexdigest()[:12]


def fit(written: Mapping[str, Any], episode: Episode, timeline: str, eye: Eye | None = None) -> Layout:
    """The layout with only the views that this episode has data for."""
    parts = list(_fit_part(written, episode, timeline))
    fps = max(1, min(MAX_FPS, round(episode.clock.pace_hz)))
    return Layout(parts[0] if parts else None, timeline, fps, eye, linked=_fits_linked_axes(episode.clock, timeline))


def _fits_linked_axes(clock: Clock, timeline: str) -> bool:
    duration_s = clock.duration_s
    if timeline == TIME_TIMELINE and duration_s is not None:
        return duration_s <= LINKED_UP_TO_S
    return clock.num_frames <= LINKED_UP_TO_FRAMES


def _fit_part(part: Mapping[str, Any], episode: Episode, timeline: str) -> Iterable[Part]:
    share = float(part.get("share", 1))
    if "view" in part:
        if part["view"] != FRAME_NUMBER or timeline == TIME_TIMELINE:
            yield from _views(part["view"], share, episode)
        return
    kind, written = _kind(part), part[_kind(part)]
    children = [fitted for child in written for fitted in _fit_part(child, episode, timeline)]
    if not children:
        return
    if kind == "column":
        free = sum(float(child.get("share", 1)) for child in written if not list(_fit_part(child, episode, timeline)))
        heir = next((place for place, child in enumerate(children) if not _holds_words(child)), 0)
        children[heir] = replace(children[heir], share=children[heir].share + free)
    yield Box(kind, tuple(children), share)


def _holds_words(part: Part) -> bool:
    """Whether a part is the lanes or a text, which more room does not make clearer."""
    if isinstance(part, Box):
        return _holds_words(part.parts[0])
    return part.view in (LANES, MISSING, FRAME_NUMBER)


def _views(name: str, share: float, episode: Episode) -> Iterable[ViewPart]:
    if name == CAMERAS:
        for camera in episode.cameras.values():
            yield ViewPart("camera", camera.name, camera=camera.name, share=share * camera.width / camera.height)
    elif name == OTHER:
        for stream, signal in streams_drawn(episode).items():
            yield ViewPart(OTHER, stream, legend=_needs_legend(len(signal.labels)), stream=stream, share=share)
    elif name in ARRAY_PLOTS:
        yield from _array_views(name, share, episode)
    elif name in PLOTS:
        yield from _role_views(name, share, episode)
    elif title := _words_above(name, episode):
        yield ViewPart(name, title, share=share * (4 / 3 if name == SCENE else 1))


def _has_events(episode: Episode) -> bool:
    return Role.PHASE in episode.signals or bool(_detectors_that_can_judge(episode))


def _role_views(name: str, share: float, episode: Episode) -> Iterable[ViewPart]:
    if _has_plot(name, episode):
        columns = episode.signals[PLOTS[name]].values.shape[1] if PLOTS[name] is not Role.WRENCH else 3
        yield ViewPart(name, _plot_title(name, episode), legend=_needs_legend(columns), share=share)


def _array_views(name: str, share: float, episode: Episode) -> Iterable[ViewPart]:
    """A raw array comes later than the layout, if its detector has what it needs."""
    plot = ARRAY_PLOTS[name]
    enough = [*plot.needs]
    if plot.needs_with_model is not None and episode.robot is not None:
        enough.append(plot.needs_with_model)
    if plot.detector in _detectors_that_can_judge(episode) and any(roles <= _alive(episode) for roles in enough):
        title = f"{plot.title} ({plot.unit})" if plot.unit else plot.title
        named = None if plot.joints_of is None else episode.signals.get(plot.joints_of)
        columns = 1 if named is None else named.values.shape[1]
        yield ViewPart(name, title, legend=_needs_legend(columns), share=share)


def _alive(episode: Episode) -> frozenset[Role]:
    return frozenset(episode.signals) - {role for role, item in episode.assignments.items() if item.dead}


def _detectors_that_can_judge(episode: Episode) -> set[str]:
    alive = _alive(episode)
    cannot = not_judged(alive, frozenset(episode.signals) - alive, has_robot_model=episode.robot is not None)
    return {requirement.detector for requirement in REQUIREMENTS} - set(cannot)


def _words_above(name: str, episode: Episode) -> str:
    """Title of a view that an episode has once at most; empty when it has none."""
    if name == SCENE:
        return f"End effector (grid {GRID_M:g} m)" if has_scene(episode) else ""
    if name == MISSING:
        return "Not shown" if what_is_missing(episode) else ""
    if name == LANES:
        return "Annotation and events" if _has_events(episode) else "Annotation"
    return "Frame"


def _needs_legend(num_curves: int) -> bool:
    return 1 < num_curves <= MAX_LEGEND


def _plot_title(name: str, episode: Episode) -> str:
    role = PLOTS[name]
    unit = _unit(name, episode.signals[role])
    title = name.replace("_", " ").capitalize() + (f" ({unit})" if unit else "")
    assignment = episode.assignments.get(role)
    return f"{title}, never changes" if assignment is not None and assignment.dead else title


def _unit(name: str, signal: Signal) -> str:
    """Unit on the screen: apertures in mm, a wrench split into its two quantities, a question mark behind a guess."""
    if signal.unit == ARBITRARY_UNIT:
        return "file's own scale"
    if name == "aperture" and signal.unit == "m":
        unit = "mm"
    else:
        unit = {"wrist_force": "N", "wrist_torque": "Nm"}.get(name, signal.unit)
    return f"{unit}?" if unit and signal.guessed_unit else unit


def _has_plot(name: str, episode: Episode) -> bool:
    signal = episode.signals.get(PLOTS[name])
    return signal is not None and (name != "wrist_torque" or signal.values.shape[1] > 3)
