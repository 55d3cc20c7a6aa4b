"""What every policy must do, whatever its network is."""

import functools

import gymnasium as gym
import numpy as np
import pytest
import torch

from iml_robot.core.errors import UsageError
from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.files import (
    copy_policy,
    load_policy,
    new_policy,
    save_policy,
)
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.policy import EnsemblePolicy

SEED = 4


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


ROBOTS = {
    "directions": "iml/DroneForest-v0",
    "hill_paths": "iml/RoverHills-v0",
    "post_paths": "iml/RoverIce-v0",
}
"""The environment for which a network is made; the others drive a rover among rocks."""


STRUCTURED = ["trajectory", "hill_paths", "post_paths", "directions"]


STEP_SIZES = {"td3": 1e-3, "post_paths": 3e-3}
"""For networks that need smaller steps than 0.01."""


@functools.cache
def experience(env_id):
    """Spaces of a robot and what it sees while it moves about."""
    env = gym.make(f"iml_robot_envs:{env_id}", disable_env_checker=True)
    rng = np.random.default_rng(2)
    seen = []
    for index in range(3):
        options = {"level": 2, "split": "train", "index": index}
        observation, _ = env.reset(seed=index, options=options)
        for step in range(60):
            if step % 10 == 0:
                action = rng.uniform(-1, 1, env.action_space.shape).astype(np.float32)
                action[0] = max(action[0], -0.2)
            seen.append(observation)
            observation, _, terminated, _, _ = env.step(action)
            if terminated:
                break
    layout = env.get_wrapper_attr("observation_layout")
    spaces = Spaces(env.observation_space.shape[0], env.action_space.shape[0], layout)
    env.close()
    return spaces, np.stack(seen)


@pytest.fixture(params=POLICIES.names())
def name(request):
    return request.param


@pytest.fixture
def robot(name):
    return experience(ROBOTS.get(name, "iml/RoverRocks-v0"))


@pytest.fixture
def spaces(robot):
    return robot[0]


@pytest.fixture
def observations(robot):
    return robot[1].copy()


@pytest.fixture
def network(name, spaces):
    return POLICIES.build(name, spaces, SEED)


def shaken(network, *, scale, seed=0):
    """Move all weights by random amounts, as training may."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.add_(scale * noise)
    return network


def mirrored(observations, layout):
    """What the robot would see in a world seen through a mirror, left being right."""
    result = observations.copy()
    state = layout["state"]
    if "scan" in layout:
        rows, columns = layout["scan"]["shape"]
        planes = 1 + len(layout["scan"].get("colours", ()))
        first = layout["scan"]["start"]
        cells = slice(first, first + planes * rows * columns)
        image = observations[:, cells].reshape(-1, planes, rows, columns)
        result[:, cells] = image[..., ::-1].reshape(len(result), -1)
    if "rays" in layout:
        layers, rays = layout["rays"]["shape"]
        cells = slice(layout["rays"]["start"], layout["rays"]["start"] + layers * rays)
        circle = observations[:, cells].reshape(-1, layers, rays)
        result[:, cells] = circle[..., -np.arange(rays)].reshape(len(result), -1)
    place = {n: state["start"] + i for i, n in enumerate(state["names"])}
    for name in state["mirror_negative"]:
        result[:, place[name]] *= -1
    for left, right in state.get("mirror_swap", ()):
        result[:, place[left]] = observations[:, place[right]]
        result[:, place[right]] = observations[:, place[left]]
    return result


def test_a_batch_gives_an_action_and_a_disagreement_each(network, spaces, observations):
    batch = torch.from_numpy(observations[:7])
    actions, disagreement = network(batch)
    assert actions.shape == (7, spaces.action_size)
    assert disagreement.shape == (7,)
    assert (disagreement >= 0).all()
    labels = torch.zeros(7, spaces.action_size)
    assert network.loss(batch, labels).shape == (network.members, 7)


def test_every_input_and_weight_gives_an_action_within_bounds(network, spaces):
    rng = np.random.default_rng(0)
    shape = (50, spaces.observation_size)
    for scale in (0.0, 1.0, 1e3, 1e6):
        wild = (scale * rng.normal(size=shape)).astype(np.float32)
        for moved in (0.0, 3.0):
            actions = EnsemblePolicy(shaken(network, scale=moved)).act_batch(wild)
            assert np.isfinite(actions).all()
            assert np.abs(actions).max() <= 1.0


def test_the_same_observation_gives_the_same_action(network, observations):
    policy = EnsemblePolicy(network)
    first = policy.act_batch(observations)
    policy.act_batch(observations[::-1])
    np.testing.assert_array_equal(policy.act_batch(observations), first)


def test_one_observation_is_a_batch_of_one(network, spaces, observations):
    policy = EnsemblePolicy(shaken(network, scale=0.2))
    together = policy.act_batch(observations)
    for row, observation in enumerate(observations[::5]):
        action = policy.act(observation)
        assert action.shape == (spaces.action_size,)
        assert action.dtype == np.float32
        np.testing.assert_allclose(action, together[5 * row], atol=1e-5)


def test_no_observations_give_no_actions(network, spaces):
    nothing = np.zeros((0, spaces.observation_size), np.float32)
    assert EnsemblePolicy(network).act_batch(nothing).shape == (0, spaces.action_size)


@pytest.mark.parametrize("kind", ["float64", "read-only", "backwards", "every second"])
def test_the_memory_of_an_observation_does_not_matter(network, observations, kind):
    policy = EnsemblePolicy(network)
    expected = policy.act_batch(observations)
    if kind == "float64":
        given = observations.astype(np.float64)
    elif kind == "read-only":
        given = observations
        given.setflags(write=False)
    elif kind == "backwards":
        given = observations[::-1].copy()[::-1]
    else:
        given = np.repeat(observations, 2, axis=1)[:, ::2]
    np.testing.assert_allclose(policy.act_batch(given), expected, atol=1e-6)


def test_moments_of_one_drive_have_features_nearer_than_those_of_another(
    network, observations
):
    features = EnsemblePolicy(network).features(observations)
    assert len(features) == len(observations)
    assert np.isfinite(features).all()
    half = len(features) // 2
    following = np.linalg.norm(features[1:] - features[:-1], axis=1)
    elsewhere = np.linalg.norm(features[half:] - features[: len(features) - half], axis=1)
    assert np.median(following) < 0.5 * np.median(elsewhere)


def test_acting_does_not_change_the_observation(network, observations):
    before = observations.copy()
    EnsemblePolicy(network).act_batch(observations)
    np.testing.assert_array_equal(observations, before)


def test_the_seed_alone_decides_the_initial_weights(name, spaces):
    def weights(seed):
        return torch.nn.utils.parameters_to_vector(
            POLICIES.build(name, spaces, seed).parameters()
        )

    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    first = weights(3)
    np.testing.assert_array_equal(torch.rand(3), expected)
    torch.manual_seed(2)
    assert torch.equal(weights(3), first)
    assert not torch.equal(weights(4), first)


def test_a_policy_learns_to_drive_where_the_goal_is(name, network, spaces, observations):
    """Speed falls with the sharpness of the turn, which is the goal's bearing."""
    state = spaces.layout["state"]
    place = {n: state["start"] + i for i, n in enumerate(state["names"])}
    rng = np.random.default_rng(7)
    bearing = rng.uniform(-1, 1, len(observations)).astype(np.float32)
    observations[:, place["goal_left"]] = np.sin(bearing)
    observations[:, place["goal_forward"]] = np.cos(bearing)
    observations[:, place["goal_distance"]] = 0.5
    names = spaces.layout["action"]["names"]
    wanted = {
        "speed": 0.8 - 0.3 * np.abs(bearing),
        "yaw_rate": 0.8 * bearing,
        "forward": 0.8 * np.cos(bearing),
        "left": 0.8 * np.sin(bearing),
        "up": 0.0 * bearing,
    }
    labels = np.stack([wanted[name] for name in names], axis=1)
    inputs, targets = torch.from_numpy(observations), torch.from_numpy(labels)
    half = len(inputs) // 2

    def errors():
        with torch.no_grad():
            squares = (network(inputs)[0] - targets).square().sum(-1)
        return squares[:half].mean().item(), squares[half:].mean().item()

    network.fit_normaliser(inputs[:half])
    assert network.normaliser_fitted
    before, unseen_before = errors()
    optimiser = torch.optim.Adam(network.parameters(), lr=STEP_SIZES.get(name, 1e-2))
    losses = []
    for step in range(50):
        batch = slice(30 * (step % 3), 30 * (step % 3 + 1))
        optimiser.zero_grad()
        losses.append(network.loss(inputs[batch], targets[batch]).mean())
        losses[-1].backward()
        optimiser.step()
    after, unseen_after = errors()
    assert sum(losses[-3:]) < sum(losses[:3])
    assert after < 0.5 * before
    assert unseen_after < unseen_before


def test_a_saved_policy_comes_back_to_the_last_bit(name, spaces, observations, tmp_path):
    policy = new_policy(name, spaces, SEED)
    shaken(policy.network, scale=0.3)
    policy.network.fit_normaliser(torch.from_numpy(observations))
    save_policy(policy, tmp_path / "policy.safetensors")
    loaded = load_policy(tmp_path / "policy.safetensors", spaces)
    assert (loaded.name, dict(loaded.options)) == (name, {})
    weights = loaded.network.state_dict()
    assert weights.keys() == policy.network.state_dict().keys()
    for key, value in policy.network.state_dict().items():
        assert torch.equal(weights[key], value), key
    np.testing.assert_array_equal(
        EnsemblePolicy(loaded.network).act_batch(observations),
        EnsemblePolicy(policy.network).act_batch(observations),
    )


def test_the_same_policy_gives_the_same_file(name, spaces, tmp_path):
    paths = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    hashes = {save_policy(new_policy(name, spaces, SEED), path) for path in paths}
    assert len(hashes) == 1
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_copy_has_the_same_weights_but_does_not_share_them(name, spaces, observations):
    original = new_policy(name, spaces, SEED)
    shaken(original.network, scale=0.3)
    before = EnsemblePolicy(original.network).act_batch(observations)
    copy = copy_policy(original)
    np.testing.assert_array_equal(
        EnsemblePolicy(copy.network).act_batch(observations), before
    )
    shaken(copy.network, scale=0.3)
    np.testing.assert_array_equal(
        EnsemblePolicy(original.network).act_batch(observations), before
    )


@pytest.mark.parametrize("members", [0, -1, "five", 2.5])
def test_an_impossible_number_of_members_is_refused(name, spaces, members):
    with pytest.raises(UsageError):
        POLICIES.build(name, spaces, SEED, options={"members": members})


@pytest.mark.parametrize("name", STRUCTURED)
@pytest.mark.parametrize("scale", [0.0, 0.3])
def test_a_structured_policy_treats_left_and_right_alike(name, robot, scale):
    spaces, observations = robot
    network = POLICIES.build(name, spaces, SEED)
    policy = EnsemblePolicy(shaken(network, scale=scale))
    actions = policy.act_batch(observations)
    reflected = policy.act_batch(mirrored(observations, spaces.layout))
    names = spaces.layout["action"]["names"]
    turned = [n in spaces.layout["action"]["mirror_negative"] for n in names]
    assert np.abs(actions[:, turned]).max() > 0.1
    sign = np.where(turned, -1.0, 1.0)
    np.testing.assert_allclose(reflected * sign, actions, atol=1e-4)


@pytest.mark.parametrize("name", STRUCTURED)
def test_a_mirrored_mirror_image_is_the_original(robot):
    spaces, observations = robot
    image = mirrored(observations, spaces.layout)
    assert not np.array_equal(image, observations)
    np.testing.assert_array_equal(mirrored(image, spaces.layout), observations)
