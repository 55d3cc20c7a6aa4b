"""Driving along a path that somebody drew, instead of steering."""
