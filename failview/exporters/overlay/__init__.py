"""Overlay videos: the camera's picture beside the signals, with what is labelled drawn over both."""
