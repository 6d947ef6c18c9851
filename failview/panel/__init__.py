"""The Qt side panel."""
