"""From what a profile says to what the detectors go by."""

from dataclasses import replace
from typing import Any

from failview.loaders.profiles.profile import Profile
from failview.settings.thresholds import THRESHOLDS, DetectorSettings

_GOAL_DISTANCE = "success.goal_distance_m"


def settings_of(profile: Profile) -> DetectorSettings:
    """The settings in force for a dataset with this profile."""
    overrides = dict(profile.detectors.thresholds)
    if profile.success.distance_m is not None:
        overrides.setdefault(_GOAL_DISTANCE, profile.success.distance_m)
    success = replace(profile.success, distance_m=overrides.get(_GOAL_DISTANCE))
    return DetectorSettings(
        overrides=overrides,
        confidence=profile.detectors.confidence,
        joint_residual_nm=profile.detectors.joint_residual_nm,
        aperture_min_m=profile.gripper.aperture_min_m,
        aperture_max_m=profile.gripper.aperture_max_m,
        success=success,
    )


def settings_json(settings: DetectorSettings) -> dict[str, Any]:
    """The settings in force, as plain values: every threshold by name, and what else a profile can say."""
    success = settings.success
    return {
        "thresholds": {
            threshold.name: {
                "value": settings[threshold.name],
                "unit": threshold.unit,
                "source": "profile" if threshold.name in settings.overrides else threshold.source,
            }
            for threshold in THRESHOLDS
        },
        "confidence": {kind: list(pair) for kind, pair in settings.confidence.items()},
        "joint_residual_nm": list(settings.joint_residual_nm),
        "aperture_min_m": settings.aperture_min_m,
        "aperture_max_m": settings.aperture_max_m,
        "success": {
            "criterion": success.criterion,
            "distance_m": success.distance_m,
            "template": None if success.template is None else str(success.template),
            "onnx": None if success.onnx is None else str(success.onnx),
            "onnx_class": success.onnx_class,
            "camera": success.camera,
            "region": list(success.region),
            "min_score": success.min_score,
        },
    }
