"""The timeline: cursor, lanes, marks that can be dragged."""
