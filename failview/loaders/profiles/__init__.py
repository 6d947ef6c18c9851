"""The profile: the user's word on a dataset."""
