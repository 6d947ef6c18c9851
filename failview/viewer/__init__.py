"""The native Rerun viewer as a child process."""
