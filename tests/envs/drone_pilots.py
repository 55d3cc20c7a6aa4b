"""Drivers of drones for the tests, and how their flights end."""

import numpy as np
from driver_trials import trial

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
    return trial(task, level, indices, make_pilot, split=split, steps=steps).outcomes


def swing(step, count):
    """Return smooth actions, other ones for each robot."""
    robots, parts = np.indices((count, 4))
    actions = 0.5 * np.sin(step / 11 + 1.7 * parts + 0.4 * robots)
    actions[:, 0] += 0.3
    return np.clip(actions, -1, 1)


def differences_from_flying_alone(task, *, steps):
    """Return after which steps a robot among many differs in any bit from one alone."""
    choices = [MapChoice(level, "val", 5 + level, 3) for level in (0, 2, 4, 3)]
    count = len(choices)
    many = Simulation(task, count, threads=2)
    many.start(np.arange(count), choices)
    alone = [Simulation(task, 1) for _ in choices]
    for simulation, choice in zip(alone, choices, strict=True):
        simulation.start(np.array([0]), [choice])
    different = []
    for step in range(steps):
        actions = swing(step, count)
        rewards, observations = many.step(actions), many.observe()
        for robot, simulation in enumerate(alone):
            reward = simulation.step(actions[robot : robot + 1])
            same = simulation.observe().tobytes() == observations[robot].tobytes()
            same &= reward.total[0] == rewards.total[robot]
            if not same or simulation.outcomes[0] != many.outcomes[robot]:
                different.append((step, robot))
    return different


def future(simulation, first, steps):
    """Return everything that is seen and paid for while flying on, as bytes."""
    seen = []
    for step in range(first, first + steps):
        rewards = simulation.step(swing(step, 1))
        seen.append(simulation.observe().tobytes() + rewards.total.tobytes())
    return seen, list(simulation.outcomes)


def futures_of_a_snapshot(task):
    """Return the future after a snapshot and the one of its copy in another simulation."""
    simulation, other = Simulation(task, 1), Simulation(task, 1)
    simulation.start(np.array([0]), [MapChoice(4, "val", 2, 1)])
    other.start(np.array([0]), [MapChoice(0, "val", 9, 0)])
    future(simulation, 0, 25)
    other.set_state(0, simulation.get_state(0))
    return future(simulation, 25, 40), future(other, 25, 40)
