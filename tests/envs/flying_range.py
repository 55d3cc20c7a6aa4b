"""Air and drones for tests of flight."""

import numpy as np

from iml_robot_envs.drone import Drones
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Terrain, Wind
from iml_robot_envs.weather import draw_weather, still_air

CONTROL_DT = 0.05
GRAVITY = 9.81
CALM = Wind()


class Flight:
    """A batch of drones over flat ground at 0.4 m height."""

    def __init__(self, count=1, *, wind=CALM, heading=0.0, exposure=None, threads=1):
        self.grounds = Grounds(count, margin_m=1.0)
        terrain = Terrain(
            np.full((60, 60), 0.4),
            1.0,
            np.array([2.0, -1.0, heading]),
            np.array([9.0, 0.0]),
            wind=wind,
            exposure=exposure,
        )
        for robot in range(count):
            weather = still_air()
            if wind.gust_m_s:
                rng = np.random.default_rng(robot)
                weather = draw_weather(wind, rng, control_dt=CONTROL_DT, channels=1)
            self.grounds.put(robot, terrain, weather)
        self.drones = Drones(count, control_dt=CONTROL_DT, threads=threads)
        self.drones.place(np.arange(count), self.grounds)
        batch = self.drones.batch
        self.qpos, self.qvel = batch.bind("qpos"), batch.bind("qvel")
        self.thrusts = batch.bind("act")

    @property
    def motion(self):
        """The first drone's motion in plain numbers."""
        return Motion(*(part[0] for part in self.drones.motion))

    def fly(self, action, seconds):
        """Return the first drone's motions under a constant action for all, (n, ...)."""
        actions = np.tile(np.array(action, float), (self.grounds.count, 1))
        motions = []
        for _ in range(round(seconds / CONTROL_DT)):
            self.drones.drive(actions, self.grounds, None)
            motions.append(self.motion)
        return Motion(*(np.array(part) for part in zip(*motions, strict=True)))


def random_actions(steps, count, seed=0):
    """Return smooth actions in [-1, 1], shape (steps, count, 4)."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-1, 1, (steps // 20 + 2, count, 4))
    at = np.arange(steps) / 20
    low = at.astype(int)
    share = (at - low)[:, None, None]
    return corners[low] * (1 - share) + corners[low + 1] * share
