"""Which stream plays which role, in which unit, and why."""
