"""What all learners that clone actions with an ensemble have in common."""
