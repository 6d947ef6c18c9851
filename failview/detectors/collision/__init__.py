"""Finds contacts of the arm in torques, and at its wrist."""
