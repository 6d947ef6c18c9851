"""Turns a fitted layout into a Rerun blueprint."""

import rerun as rr
import rerun.blueprint as rrb

from failview.viewer import entity_paths as paths
from failview.viewer.blueprint_file import (
    FRAME_NUMBER,
    GRID_M,
    LABEL,
    LANES,
    MISSING,
    OTHER,
    PLOTS,
    SCENE,
    Box,
    Layout,
    Part,
    ViewPart,
)
from failview.viewer.findings_log import ARRAY_PLOTS
from failview.viewer.scene_log import Eye

_BACKGROUND = (15, 18, 20)
_GRID = (60, 68, 75, 90)

_WORD_PATHS = {FRAME_NUMBER: paths.FRAME_NUMBER, MISSING: paths.MISSING, LABEL: paths.LABEL}
_PLOT_PATHS = {"wrist_force": paths.WRENCH_FORCE, "wrist_torque": paths.WRENCH_TORQUE}


def send_blueprint(stream: rr.RecordingStream, layout: Layout) -> None:
    """Make this the layout of every recording with the stream's application id."""
    stream.send_blueprint(
        rrb.Blueprint(
            rrb.Vertical() if layout.root is None else _build(layout.root, layout),
            rrb.TimePanel(state="collapsed", timeline=layout.timeline, play_state="paused", fps=layout.fps),
            rrb.TopPanel(state="hidden"),
            rrb.BlueprintPanel(state="hidden"),
            rrb.SelectionPanel(state="hidden"),
            auto_layout=False,
            auto_views=False,
        )
    )


def _build(part: Part, layout: Layout) -> rrb.Container | rrb.View:
    if isinstance(part, ViewPart):
        return _scene(part, layout.eye) if part.view == SCENE else _view(part, _time_axis(layout))
    return _box(part, layout)


def _time_axis(layout: Layout) -> rrb.TimeAxis:
    if layout.linked:
        return rrb.TimeAxis(link="LinkToGlobal")
    everything = rr.TimeRange(start=rr.TimeRangeBoundary.infinite(), end=rr.TimeRangeBoundary.infinite())
    return rrb.TimeAxis(link="Independent", view_range=everything)


def _box(box: Box, layout: Layout) -> rrb.Container:
    contents = [_build(part, layout) for part in box.parts]
    shares = [part.share for part in box.parts]
    if box.kind == "row":
        return rrb.Horizontal(contents=contents, column_shares=shares)
    if box.kind == "column":
        return rrb.Vertical(contents=contents, row_shares=shares)
    return rrb.Tabs(contents=contents)


def _scene(part: ViewPart, eye: Eye | None) -> rrb.View:
    controls = None if eye is None else rrb.EyeControls3D(position=eye.position_m, look_target=eye.target_m)
    return rrb.Spatial3DView(
        origin=paths.SCENE,
        name=part.title,
        background=_BACKGROUND,
        line_grid=rrb.LineGrid3D(color=_GRID, spacing=GRID_M),
        eye_controls=controls,
    )


def _view(part: ViewPart, time_axis: rrb.TimeAxis) -> rrb.View:
    if part.view == LANES:
        return rrb.StateTimelineView(
            origin="/",
            contents=list(paths.LANES),
            name=part.title,
            time_view=time_axis,
        )
    if part.view in _WORD_PATHS:
        return rrb.TextDocumentView(origin=_WORD_PATHS[part.view], name=part.title)
    if part.view in PLOTS or part.view in ARRAY_PLOTS or part.view == OTHER:
        return rrb.TimeSeriesView(
            origin=_plot_origin(part),
            name=part.title,
            axis_x=time_axis,
            plot_legend=rrb.PlotLegend(visible=part.legend, corner="LeftTop"),
        )
    return rrb.Spatial2DView(origin=paths.camera_path(part.camera), name=part.title)


def _plot_origin(part: ViewPart) -> str:
    if part.view == OTHER:
        return paths.other_path(part.stream)
    if part.view in ARRAY_PLOTS:
        return paths.array_path(part.view)
    return _PLOT_PATHS.get(part.view) or paths.plot_path(PLOTS[part.view])
