"""What a person can do while the robot stands still in the middle of an episode."""
