"""Drives the Rerun viewer. The only place that knows Rerun."""

import os

# The SDK writes an error to the terminal for each stream whose viewer died, which failview notices and mends by itself.
# It reads this variable once, when it is imported.
os.environ.setdefault("RUST_LOG", "off")
