"""A look back at an episode that has just ended."""
