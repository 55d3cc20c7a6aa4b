"""What the dials of a person at the controls show beyond `info`.

It is worked out when somebody asks, so that robots nobody looks at pay nothing for it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from iml_robot_envs.altitude import ground_under
from iml_robot_envs.collisions import AboveCeiling, TooHigh
from iml_robot_envs.drone import Drones
from iml_robot_envs.outcomes import OutOfBounds
from iml_robot_envs.simulation import Simulation

REACTION_S = 1.0
"""Within this time who watches lets go of the stick: reflex stops of attentive operators
take 0.5 to 1 s."""
ROVER_BRAKING_M_S2 = 4.9
DRONE_BRAKING_M_S2 = 2.5
"""Mean deceleration after the command 0 at full speed: rovers on dirt stop within 0.10 m
from 0.98 m/s, drones within 1.77 m from 2.97 m/s; both measured on these models."""


def instruments(simulation: Simulation, robot: int) -> dict[str, Any]:
    """Return what the instruments of one robot show; see `RobotEnv.instruments`.

    Args:
        simulation: Where the robot is.
        robot: Its number; its episode was started.
    """
    motion, grounds = simulation.robots.motion, simulation.grounds
    x, y, z = motion.position[robot].tolist()
    east, north = (grounds.goals[robot] - (x, y)).tolist()
    bearing = math.atan2(north, east) - motion.heading.item(robot)
    flies = isinstance(simulation.robots, Drones)
    speed = float(np.hypot(*motion.velocity[robot, :2]))
    braking = DRONE_BRAKING_M_S2 if flies else ROVER_BRAKING_M_S2
    shown: dict[str, Any] = {
        "goal_bearing": math.remainder(bearing, math.tau),
        "stopping_distance": speed * REACTION_S + speed**2 / (2 * braking),
    }
    rules = simulation.task.rules.values()
    for rule in rules:
        if isinstance(rule, OutOfBounds):
            room = grounds.half_extent_m[robot] - np.abs((x, y)) - rule.margin_m
            shown["edge_distance"] = max(0.0, float(room.min()))
    if motion.wheel_speeds.shape[1]:
        shown["wheel_speed"] = float(motion.wheel_speeds[robot].mean())
    if not isinstance(simulation.robots, Drones):
        return shown
    ground = float(ground_under(grounds, motion.position)[robot])
    shown["height"] = z - ground
    for rule in rules:
        if isinstance(rule, TooHigh):
            shown["ceiling"] = rule.ceiling_m
        elif isinstance(rule, AboveCeiling):
            shown["ceiling"] = rule.altitude_m - ground
    shown["wind"] = tuple(simulation.robots.wind(grounds)[robot].tolist())
    return shown
