"""Teach robots by hand: steer, take over, correct; the policy learns between episodes."""

__version__ = "0.1.0"
