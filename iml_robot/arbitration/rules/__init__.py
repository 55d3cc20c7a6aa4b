"""What arbiters are made of: the table of transitions, the hands, the motion."""
