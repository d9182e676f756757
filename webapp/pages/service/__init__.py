"""Use cases that reach over all areas: the demonstration."""
