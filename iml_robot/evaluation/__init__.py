"""Judging a policy without help."""
