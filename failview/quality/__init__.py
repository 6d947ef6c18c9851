"""Whether labels can be trusted: agreement, consistency with the signals, distribution, practice and exam."""
