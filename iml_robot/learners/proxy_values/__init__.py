"""Values that stand for what the operator would have: parts of the learner `pvp`."""
