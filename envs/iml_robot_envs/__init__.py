"""Simulated rovers and drones as Gymnasium environments; importing registers them."""

from iml_robot_envs import tasks

__all__ = ["tasks"]
