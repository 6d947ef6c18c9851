"""The JSON of `failview inspect`. Its keys are relied on by other programs; new ones may be added."""

import math

from failview.cli.inspection import Inspection
from failview.loaders.dataset import EpisodeReport, StreamInfo
from failview.model.robot import Robot


def as_json_object(inspection: Inspection) -> dict[str, object]:
    """Format, episodes, streams, and why detectors cannot judge."""
    return {
        "format": inspection.format_name,
        "path": format(inspection.path),
        "profile": None if inspection.profile is None else str(inspection.profile),
        "warnings": list(inspection.warnings),
        "episodes": [
            _episode(report, inspection.not_judged_by_episode[report.entry.episode_id]) for report in inspection.reports
        ],
        "streams": [_stream(stream) for stream in inspection.streams()],
        "not_judged": inspection.not_judged(),
        "robot_advice": inspection.robot_advice,
    }


def _episode(report: EpisodeReport, not_judged: dict[str, str]) -> dict[str, object]:
    return {
        "episode_id": report.entry.episode_id,
        "num_frames": report.entry.num_frames,
        "rate_hz": report.entry.rate_hz,
        "duration_s": report.duration_s,
        "clock": report.clock_origin,
        "task": report.entry.task,
        "cameras": {name: list(size) for name, size in report.cameras.items()},
        "roles": {
            role.value: {
                "stream": assignment.stream,
                "columns": assignment.columns,
                "unit": assignment.unit,
                "guessed": assignment.guessed,
                "dead": assignment.dead,
                "rate_hz": report.role_rates_hz.get(role),
                "reason": assignment.reason,
            }
            for role, assignment in report.assignments.items()
        },
        "robot": None if report.robot is None else _robot(report.robot),
        "warnings": list(report.warnings),
        "not_judged": not_judged,
    }


def _robot(robot: Robot) -> dict[str, object]:
    """Limits in rad (m for a sliding joint); null where there is none."""
    limits = zip(robot.joint_names, robot.lower, robot.upper, strict=True)
    return {
        "model": str(robot.path),
        "ee_frame": robot.ee_frame,
        "guessed": robot.guessed or bool(robot.found),
        "found": robot.found,
        "joint_limits": {
            name: [float(end) if math.isfinite(end) else None for end in (low, high)]
            for name, low, high in limits
            if name
        },
    }


def _stream(stream: StreamInfo) -> dict[str, object]:
    return {
        "stream": stream.stream,
        "shape": list(stream.shape),
        "dtype": stream.dtype,
        "rate_hz": stream.rate_hz,
        "role": None if stream.role is None else stream.role.value,
        "note": stream.note,
    }
