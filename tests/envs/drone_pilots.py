"""Drivers of drones for the tests, and how their flights end."""

import numpy as np

from iml_robot_envs.maps import MapChoice
from iml_robot_envs.pilots.drone_pilot import Style
from iml_robot_envs.simulation import Simulation

RECKLESS = Style(
    room_m=0.35,
    comfort_m=0.2,
    look_m=4.0,
    speed_m_s=3.0,
    braking_m_s2=4.0,
    reaction_s=0.0,
    eagerness=0.0,
    caution=0.2,
    gives_up_s=0.0,
    heights_m=(2.0,),
)
"""Flies well where there is room: fast, close, at one height, without a memory."""


def part(task, observation, name):
    """Return a part of the state by its name."""
    state = task.senses.layout["state"]
    return observation[..., state["start"] + state["names"].index(name)]


def map_of(task, level, index, split="val"):
    """Return a map of a level."""
    return task.fields[level].build(MapChoice(level, split, index).generator(task.name))


def flights(task, level, indices, make_pilot, *, split="val", steps=900):
    """Return how a driver's flights over some maps end; "" if time is up."""
    count = len(indices)
    simulation = Simulation(task, count)
    choices = [MapChoice(level, split, index) for index in indices]
    simulation.start(np.arange(count), choices)
    pilots = [make_pilot() for _ in indices]
    actions = np.zeros((count, 4))
    for _ in range(steps):
        running = np.array([k for k in range(count) if not simulation.outcomes[k]])
        if not running.size:
            break
        observations = simulation.observe()
        for robot in running.tolist():
            actions[robot] = pilots[robot].act(observations[robot])
        simulation.step(actions, running)
    return simulation.outcomes
