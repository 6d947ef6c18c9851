"""Why it failed: reference clips, and what the signals say against a label."""
