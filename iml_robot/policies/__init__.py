"""From observations to actions, and their files."""
