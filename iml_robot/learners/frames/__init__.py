"""Which recorded frames are learned from, and how much each counts."""
