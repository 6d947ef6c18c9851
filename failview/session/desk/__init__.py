"""The episode on the desk: read, judged, written down, kept safe; what the session wants from a viewer."""
