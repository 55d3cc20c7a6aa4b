"""The commands and their options; each imports what it needs when it is called."""

from __future__ import annotations

import importlib
import logging
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import iml_robot
from iml_robot.cli.measuring_options import (
    EvaluateOptions,
    Given,
    SuiteOptions,
    with_options,
)
from iml_robot.core.errors import UsageError

# Help without rich: it opens in a quarter of the time and is plain everywhere.
app = typer.Typer(
    name="iml-robot",
    help=f"{iml_robot.__doc__}",
    epilog="To choose in a window instead: iml-robot station.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Setting = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Override a.b=value of the configuration."
    ),
]
Config = Annotated[str, typer.Argument(help="Shipped name or YAML file.")]


class Listed(StrEnum):
    """What `iml-robot list` can list."""

    ENVS = "envs"
    DEVICES = "devices"
    OPERATORS = "operators"
    ARBITERS = "arbiters"
    ASKERS = "askers"
    LEARNERS = "learners"
    ADAPTATIONS = "adaptations"
    POLICIES = "policies"
    CONFIGS = "configs"
    STUDIES = "studies"
    SUITES = "suites"


class Target(StrEnum):
    """What `iml-robot export` can write."""

    ONNX = "onnx"


class Bench(StrEnum):
    """What `iml-robot bench` can measure."""

    SIM = "sim"
    LOOP = "loop"
    LEARNER = "learner"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"iml-robot {iml_robot.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks and every log line.")
    ] = False,
) -> None:
    # `main` takes --debug out before; here it only stands in the help.
    logging.getLogger(__name__).debug("version=%s debug=%s", version, debug)


@app.command()
def run(
    config: Annotated[
        str | None, typer.Argument(help="Shipped name or YAML file; not with --resume.")
    ] = None,
    *,
    operator: Annotated[
        str | None,
        typer.Option(help="auto, human or simulated [default: what CONFIG says]."),
    ] = None,
    episodes: Annotated[int | None, typer.Option(min=0, help="Number of episodes.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Root of all randomness.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the session [default: runs/NAME-TIME].")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Folder of a session to go on with.")
    ] = None,
    settings: Setting = None,
) -> Any:
    """Drive, take over, correct; the policy learns between episodes."""
    if resume is not None and out is not None:
        raise UsageError("give either --out for a new session or --resume for an old one")
    if resume is not None and config is not None:
        raise UsageError(
            f"--resume goes on with the configuration of the session; leave {config!r} out"
        )
    if config is None:
        if resume is None:
            raise UsageError(
                "give the name or file of a configuration, for example: "
                "iml-robot run quickstart"
            )
        config = _stored_config(resume)
    return _call(
        "run",
        config,
        operator=operator,
        episodes=episodes,
        seed=seed,
        out=out,
        resume=resume,
        overrides=settings or [],
    )


@app.command()
def station() -> Any:
    """Choose in a window what to run, check devices and policy, and run it."""
    return _call("station")


@app.command()
def pretrain(
    config: Config,
    *,
    out: Annotated[Path | None, typer.Option(help="Policy file to write.")] = None,
    settings: Setting = None,
) -> Any:
    """Make the initial policy from demonstrations on familiar terrain."""
    return _call("pretrain", config, out=out, overrides=settings or [])


@app.command()
def label(
    session: Annotated[Path, typer.Argument(help="Folder of a session.")],
    *,
    annotator: Annotated[
        str, typer.Option(help="auto, human, or the name of a simulated annotator.")
    ] = "auto",
    questions: Annotated[int, typer.Option(min=0, help="Most questions.")] = 12,
    edit: Annotated[
        list[str] | None,
        typer.Option(metavar="FEATURE=WEIGHT", help="Set a weight; FEATURE= frees it."),
    ] = None,
    settings: Setting = None,
) -> Any:
    """Answer which of two segments is better, and turn the weights of the reward."""
    return _call(
        "label",
        session,
        annotator=annotator,
        questions=questions,
        edits=edit or [],
        overrides=settings or [],
    )


@app.command()
@with_options(EvaluateOptions)
def evaluate(policy: Given, options: EvaluateOptions) -> Any:
    """Measure how well a policy does alone, and judge it by gates."""
    return _call("evaluate", policy, options)


@app.command()
@with_options(SuiteOptions)
def compare(candidate: Given, baseline: Given, options: SuiteOptions) -> Any:
    """Judge whether a policy is not worse than another, on the same maps."""
    return _call("compare", candidate, baseline, options)


@app.command()
def export(
    policy: Annotated[str, typer.Argument(help="Shipped name or policy file.")],
    *,
    to: Annotated[Target, typer.Option(help="Format.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    env: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Scale actions to this environment's own bounds."),
    ] = None,
) -> int:
    """Write a policy as a file that other programs run."""
    from iml_robot.cli.export_policy import export_policy

    del to  # There is one format so far, which the option parser has checked.
    return export_policy(policy, out=out, env=env)


@app.command()
def study(
    study: Annotated[
        str | None,
        typer.Argument(help="Shipped name or YAML file; not needed with --resume."),
    ] = None,
    *,
    jobs: Annotated[int, typer.Option(min=1, help="Rows driven at a time.")] = 2,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the study [default: runs/study-NAME-TIME]."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Folder of a study to go on with.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="File for the results.")] = None,
    settings: Setting = None,
) -> Any:
    """Compare methods on tasks and seeds by learning curves."""
    return _call(
        "study",
        study,
        jobs=jobs,
        out=out,
        resume=resume,
        json=json,
        overrides=settings or [],
    )


@app.command()
def check(config: Config, settings: Setting = None) -> None:
    """Check a configuration and show it with every default and setting in it."""
    from iml_robot.cli.check import check_parts
    from iml_robot.cli.console import say
    from iml_robot.cli.environment_check import check_environment
    from iml_robot.core.config import dump, load_config

    checked = load_config(config, settings or [])
    check_parts(checked)
    check_environment(checked)
    say(dump(checked).rstrip())


@app.command("list")
def list_(what: Annotated[Listed, typer.Argument(help="What to list.")]) -> None:
    """List what can be named in a configuration."""
    from iml_robot.cli.console import say_table
    from iml_robot.cli.listing import listing

    say_table(listing(what.value))


@app.command()
def doctor() -> int:
    """Say what works on this machine: versions, display, devices, disk."""
    from iml_robot.cli.console import say_table
    from iml_robot.cli.doctor import diagnose, exit_code

    findings = diagnose(Path.cwd())
    say_table([(f.state.value, f.name, f.text) for f in findings])
    return exit_code(findings)


@app.command()
def bench(
    what: Annotated[Bench, typer.Argument(help="What to measure.")],
    json: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
    episodes: Annotated[
        int | None, typer.Option(min=1, help="Episodes of the loop, 3 if not given.")
    ] = None,
) -> None:
    """Measure the speed of the simulators, the control loop or the learner."""
    from iml_robot.cli.console import say_table
    from iml_robot.cli.results_file import check_results_file, write_results

    if episodes is not None and what is not Bench.LOOP:
        raise UsageError(
            f"--episodes belongs to 'bench loop', 'bench {what.value}' drives none; "
            "leave it out"
        )
    check_results_file(json)
    module = importlib.import_module("iml_robot.cli.benchmarks")
    options = {} if episodes is None else {"episodes": episodes}
    figures: dict[str, Any] = dict(getattr(module, f"bench_{what.value}")(**options))
    say_table([(name, f"{value}") for name, value in figures.items()])
    if json is not None:
        write_results(json, figures)


def _call(command: str, /, *arguments: Any, **options: Any) -> Any:
    """Import the module of a command and call its function of the same name."""
    module = importlib.import_module(f"iml_robot.cli.{command}")
    return getattr(module, command)(*arguments, **options)


def _stored_config(session: Path) -> str:
    """Return the configuration that a session folder keeps."""
    path = session / "config.yaml"
    if not path.is_file():
        raise UsageError(
            f"{session}: there is no session to resume here (no config.yaml); give the "
            "folder of an earlier run"
        )
    return str(path)
