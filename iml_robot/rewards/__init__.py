"""Reward models learned from feedback."""
