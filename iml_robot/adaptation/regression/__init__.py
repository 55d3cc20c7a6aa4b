"""Regression that is solved at once, without gradient steps."""
