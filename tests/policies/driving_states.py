"""What observations of rovers say of their driving, in the tests of their policies."""

DRIVING_STATES = [
    "goal_forward",
    "goal_left",
    "goal_distance",
    "speed",
    "yaw_rate",
    "roll",
    "pitch",
]
