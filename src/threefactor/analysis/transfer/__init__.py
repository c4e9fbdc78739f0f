"""Rules under other settings: how fast they are, and how far that is on the way to the ceiling."""
