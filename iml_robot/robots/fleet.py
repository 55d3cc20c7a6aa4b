"""Many robots of one kind, each in an episode of its own, stepped together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from iml_robot.core.outcome import outcome_of
from iml_robot.core.types import BoolArray, FloatArray
from iml_robot.robots.env_id import EnvId
from iml_robot.robots.environment import extra, make_env
from iml_robot.robots.reward_features import features_of


class Fleet(Protocol):
    """N robots.

    Attributes:
        observations: What they see, shape (N, obs_dim).
        rewards: What the last step was worth to each, shape (N,).
        outcomes: How each episode ended; "" while it runs.
        goal_distances: Ways to the goals [m], shape (N,); None if there are no goals.
        features: Reward features of the last step, shape (N, d), 0 for who made none;
            (N, 0) where the environment has none.
    """

    observations: FloatArray
    rewards: np.ndarray[tuple[int], np.dtype[np.float64]]
    outcomes: list[str]
    goal_distances: np.ndarray[tuple[int], np.dtype[np.float64]] | None
    features: FloatArray

    def start(self, seeds: Sequence[int], options: Sequence[Mapping[str, Any]]) -> None:
        """Start all robots, each with its own seed and reset options."""

    def restore(self, states: Sequence[bytes]) -> None:
        """Put all robots back to snapshots."""

    def step(self, actions: FloatArray, moving: BoolArray) -> None:
        """Drive those that move for one control period; none of them may have ended."""

    def close(self) -> None:
        """Let go of the simulators."""


def make_fleet(env_id: str, size: int, *, time_limit: bool = True) -> Fleet:
    """Return robots of an environment: batched if it offers that, else one by one.

    Args:
        env_id: Gymnasium id; "module:id" imports the module first.
        size: How many.
        time_limit: Whether episodes end after the registered number of steps.

    Raises:
        UsageError: If there is no such environment or it does not fit.
    """
    batched = _batched(env_id, size, time_limit=time_limit)
    return _Separate(env_id, size, time_limit=time_limit) if batched is None else batched


class _Batched:
    """Robots of a vector environment that can step some of them only."""

    def __init__(self, env: Any) -> None:
        self._env = env
        self.outcomes = [""] * env.num_envs
        self.rewards = np.zeros(env.num_envs)

    def start(self, seeds: Sequence[int], options: Sequence[Mapping[str, Any]]) -> None:
        names = {name for given in options for name in given}
        columns = {name: [given[name] for given in options] for name in names}
        seen, infos = self._env.reset(seed=list(seeds), options=columns)
        self.outcomes = [""] * self._env.num_envs
        self._note(seen, infos)

    def restore(self, states: Sequence[bytes]) -> None:
        seen, distances, features = [], [], []
        for place, state in enumerate(states):
            observation, info = self._env.set_state(place, state)
            seen.append(observation)
            distances.append(info.get("distance_to_goal"))
            features.append(features_of(info))
        self.outcomes = [""] * self._env.num_envs
        known = None not in distances
        infos = {"distance_to_goal": np.array(distances)} if known else {}
        self._note(np.stack(seen), infos | {"features": np.stack(features)})

    def step(self, actions: FloatArray, moving: BoolArray) -> None:
        seen, rewards, terminated, truncated, infos = self._env.step_only(actions, moving)
        self.rewards = rewards
        for place in np.flatnonzero((terminated | truncated) & moving).tolist():
            info = {"outcome": infos["outcome"][place]}
            self.outcomes[place] = outcome_of(
                info, terminated=bool(terminated[place]), truncated=bool(truncated[place])
            )
        self._note(seen, infos)

    def close(self) -> None:
        self._env.close()

    def _note(self, seen: Any, infos: Mapping[str, Any]) -> None:
        self.observations = np.asarray(seen, np.float32)
        self.goal_distances = infos.get("distance_to_goal")
        given = infos.get("features", ())
        self.features = np.asarray(given, np.float32).reshape(len(self.observations), -1)


class _Separate:
    """Robots of as many single environments."""

    def __init__(self, env_id: str, size: int, *, time_limit: bool) -> None:
        self._envs = [make_env(env_id, time_limit=time_limit) for _ in range(size)]
        self.outcomes = [""] * size
        self.rewards = np.zeros(size)
        self.features = np.zeros((size, 0), np.float32)

    def start(self, seeds: Sequence[int], options: Sequence[Mapping[str, Any]]) -> None:
        begun = [
            env.reset(seed=seed, options=dict(given))
            for env, seed, given in zip(self._envs, seeds, options, strict=True)
        ]
        self._begin(begun)

    def restore(self, states: Sequence[bytes]) -> None:
        pairs = zip(self._envs, states, strict=True)
        self._begin([extra(env, "set_state")(state) for env, state in pairs])

    def step(self, actions: FloatArray, moving: BoolArray) -> None:
        self.rewards = np.zeros(len(self._envs))
        features: dict[int, FloatArray] = {}
        for place in np.flatnonzero(moving).tolist():
            seen, reward, terminated, truncated, info = self._envs[place].step(
                actions[place]
            )
            self.observations[place] = seen
            self.rewards[place] = float(reward)
            self.outcomes[place] = outcome_of(
                info, terminated=terminated, truncated=truncated
            )
            features[place] = features_of(info)
            if self.goal_distances is not None:
                self.goal_distances[place] = info["distance_to_goal"]
        # Some environments speak of features only once a step has been made.
        width = max((len(row) for row in features.values()), default=0)
        width = max(width, self.features.shape[1])
        self.features = np.zeros((len(self._envs), width), np.float32)
        for place, row in features.items():
            self.features[place] = row

    def close(self) -> None:
        for env in self._envs:
            env.close()

    def _begin(self, begun: Sequence[tuple[Any, Mapping[str, Any]]]) -> None:
        self.outcomes = [""] * len(self._envs)
        self.observations = np.array([seen for seen, _ in begun], np.float32)
        ways = [info.get("distance_to_goal") for _, info in begun]
        self.goal_distances = None if None in ways else np.array(ways, np.float64)
        self.features = np.stack([features_of(info) for _, info in begun])


def _batched(env_id: str, size: int, *, time_limit: bool) -> _Batched | None:
    """Return robots of a vector environment; None if it cannot step some of them."""
    from gymnasium.envs import registration

    said = EnvId.parse(env_id)
    said.load()
    spec = registration.registry.get(said.name)
    if spec is None or spec.vector_entry_point is None or spec.additional_wrappers:
        return None
    make: Any = spec.vector_entry_point
    if isinstance(make, str):
        make = registration.load_env_creator(make)
    if not getattr(make, "steps_only_some", False):
        return None
    limit = spec.max_episode_steps if time_limit else None
    kwargs = {"num_envs": size, "threads": 1, "max_episode_steps": limit}
    made = make(**kwargs, autoreset_mode="Disabled")
    if not _fits(made.single_observation_space, made.single_action_space):
        # One by one they are rescaled and flattened.
        made.close()
        return None
    return _Batched(made)


def _fits(observation: Any, action: Any) -> bool:
    """Return whether an environment needs none of the wrappers of `make_env`."""
    from gymnasium.spaces import Box

    if not (isinstance(observation, Box) and isinstance(action, Box)):
        return False
    flat = len(observation.shape) == len(action.shape) == 1
    return flat and bool(np.all(action.low == -1) and np.all(action.high == 1))
