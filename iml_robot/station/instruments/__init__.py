"""What the robot tells about itself, as dials under the picture of the world."""
