"""Observations told in a few numbers, for networks that learn by trying."""
