"""Why it failed: causes, attribution, the causal chain."""
