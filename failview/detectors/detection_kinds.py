"""What detections can be, as the taxonomy's `detector_kinds` name it."""

DETECTION_KINDS = frozenset(
    {
        "collision.contact",
        "grasp.drop",
        "grasp.missed",
        "grasp.oscillation",
        "grasp.slip",
        "grasp.unstable",
        "motion.jerk",
        "motion.stop",
        "task.not_reached",
        "task.reached",
        "tracking.error",
        "workspace.depth_invalid",
        "workspace.joint_limit",
        "workspace.knocked_over",
        "workspace.stalled",
        "workspace.tipped",
    }
)
