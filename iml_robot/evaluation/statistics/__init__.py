"""What can be concluded from a number of maps, and how surely."""
