"""The work itself, without a screen: current episode, draft, undo, queue, clock, actions."""
