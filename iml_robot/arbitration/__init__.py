"""Who may move the robot; one arbiter a file."""
