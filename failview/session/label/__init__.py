"""What a person says about the open episode, key by key."""
