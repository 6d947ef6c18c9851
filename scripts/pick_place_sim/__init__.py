"""Simulated Panda pick and place with physical failures: makes the bundled demo dataset and sets for evaluation."""

import os

# MuJoCo reads this when it is first imported; Mesa's software EGL draws without a display.
os.environ.setdefault("MUJOCO_GL", "egl")
os.environ.setdefault("SVT_LOG", "1")  # the AV1 encoder: errors only
