"""What `info` says about a robot."""

from __future__ import annotations

from typing import Any

from iml_robot_envs.simulation import Rewards, Simulation


def describe(simulation: Simulation, robot: int, rewards: Rewards) -> dict[str, Any]:
    """Return the `info` of one robot; see `RobotEnv` for the keys.

    Args:
        simulation: Where the robot is.
        robot: Its number.
        rewards: What the step was worth; at a reset, `Simulation.nothing`.
    """
    motion, choice = simulation.robots.motion, simulation.choices[robot]
    assert choice is not None
    outcome = simulation.outcomes[robot]
    x, y, z = motion.position[robot].tolist()
    steps = int(simulation.trails.counts[robot]) - 1
    return {
        "outcome": outcome,
        "success": outcome == "success",
        "speed": motion.speed.item(robot),
        "yaw_rate": motion.yaw_rate.item(robot),
        "roll": motion.roll.item(robot),
        "pitch": motion.pitch.item(robot),
        "heading": motion.heading.item(robot),
        "position": (x, y),
        "altitude": z,
        "distance_to_goal": simulation.goal_distance_m.item(robot),
        "level": choice.level,
        "split": choice.split,
        "index": choice.index,
        "noise": choice.noise,
        "sim_time": steps * simulation.task.control_dt,
        "reward_terms": {name: term.item(robot) for name, term in rewards.terms.items()},
        "features": rewards.features[robot],
    }
