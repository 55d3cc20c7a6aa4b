"""One task a file; importing the package registers them all."""

import gymnasium as gym

gym.register(
    "iml/RoverRocks-v0",
    entry_point="iml_robot_envs.tasks.rover_rocks:RoverRocks",
    max_episode_steps=1200,
)
gym.register(
    "iml/Point-v0",
    entry_point="iml_robot_envs.tasks.point:Point",
    max_episode_steps=200,
)
