"""Label Studio: videos, configuration and tasks for people without Rerun, and their annotations back into sidecars."""
