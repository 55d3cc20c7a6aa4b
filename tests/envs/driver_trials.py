"""Drivers tried on several maps at once."""

import numpy as np

from iml_robot_envs.maps import MapChoice
from iml_robot_envs.simulation import Simulation


def trial(task, level, indices, make_pilot, *, split="val", noise=0, steps):
    """Return a simulation in which drivers have gone over maps until the end or so long."""
    count = len(indices)
    simulation = Simulation(task, count)
    choices = [MapChoice(level, split, index, noise) for index in indices]
    simulation.start(np.arange(count), choices)
    pilots = [make_pilot() for _ in indices]
    for pilot in pilots:
        pilot.reset(seed=0)
    actions = np.zeros((count, len(task.action_names)))
    for _ in range(steps):
        running = np.array([k for k in range(count) if not simulation.outcomes[k]])
        if not running.size:
            break
        observations = simulation.observe()
        for robot in running.tolist():
            actions[robot] = pilots[robot].act(observations[robot])
        simulation.step(actions, running)
    return simulation
