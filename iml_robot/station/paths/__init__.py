"""Drawing a way for the robot on its map with the mouse."""
