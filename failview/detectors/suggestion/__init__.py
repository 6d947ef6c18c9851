"""Turns detections into the proposed annotation."""
