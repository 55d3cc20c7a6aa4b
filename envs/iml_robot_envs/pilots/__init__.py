"""Scripted drivers that see no more than the observation; they stand in for people."""
