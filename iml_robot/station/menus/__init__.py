"""Screens that are walked through: lists of lines to choose from and to change."""
