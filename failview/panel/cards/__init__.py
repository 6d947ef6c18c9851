"""Cards that come and go: proposal, warnings, problems, contradictions, rest."""
