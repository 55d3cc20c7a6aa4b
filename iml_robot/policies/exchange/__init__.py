"""Policies in the formats of other programs."""
