"""`iml-robot export`: a policy as a file that other programs run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iml_robot.cli.console import say
from iml_robot.cli.results_file import check_results_file
from iml_robot.core.errors import UsageError
from iml_robot.core.resources import find_policy
from iml_robot.core.whole_files import replace_bytes

if TYPE_CHECKING:
    from iml_robot.policies.ensemble.files import PolicyFile
    from iml_robot.policies.exchange.onnx_format import Scale


def export_policy(policy: str, *, out: Path, env: str | None) -> int:
    """Write a policy as ONNX, compared with the original; returns the exit code.

    Args:
        policy: Shipped name or policy file.
        out: File to write; it ends with ".onnx".
        env: Environment whose own bounds the actions shall have; None: -1 to 1.

    Raises:
        UsageError: If a name is wrong or the file cannot be written.
        ArtifactError: If the policy is damaged, does not fit or cannot be written so.
        InfrastructureError: If the packages for it are not installed.
    """
    check_results_file(out)
    if out.suffix != ".onnx":
        raise UsageError(f"{out}: ONNX files end with .onnx; choose another name")
    from iml_robot.policies.ensemble.policy import use_one_thread
    from iml_robot.policies.exchange.onnx_graph import Origin, as_onnx

    use_one_thread()
    path = find_policy(policy)
    file, scale = _loaded(path, env)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    say(f"{policy}: {file.name}, sha256 {sha256[:12]}; tracing it takes some seconds")
    told: dict[str, Any] = {} if env is None else {"env": env}
    made = as_onnx(file, Origin(sha256, told), scale)
    try:
        replace_bytes(out, made.content)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{out}: cannot write the policy: {reason}") from error
    spaces = file.network.spaces
    say(
        f"{out}: {len(made.content) / 1024:.0f} KiB, observation (n, "
        f"{spaces.observation_size}) to action (n, {spaces.action_size}), "
        f"{'actions from -1 to 1' if scale is None else scale.meaning}"
    )
    say(
        f"compared on {made.observations} observations: largest difference "
        f"{made.difference:.1e}"
    )
    return 0


def _loaded(path: Path, env_id: str | None) -> tuple[PolicyFile, Scale | None]:
    """Return the policy, checked against the environment, and the scale of its actions."""
    from iml_robot.policies.ensemble.files import load_policy
    from iml_robot.policies.ensemble.spaces import spaces_of
    from iml_robot.policies.exchange.onnx_format import Scale
    from iml_robot.robots.environment import make_env

    if env_id is None:
        return load_policy(path), None
    env = make_env(env_id)
    try:
        file, own = load_policy(path, spaces_of(env)), env.unwrapped.action_space
    finally:
        env.close()
    if not hasattr(own, "low"):
        raise UsageError(
            f"--env {env_id}: its actions are {own}, which have no bounds to scale to; "
            "leave --env away to get a score for each action"
        )
    return file, Scale(
        own.low.astype("float32"), own.high.astype("float32"), f"bounds of {env_id}"
    )
