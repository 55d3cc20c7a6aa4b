"""Options of the commands that measure policies, written once for all of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

Options = TypeVar("Options")
Given = Annotated[
    str,
    typer.Argument(
        help="Shipped name, policy file, ONNX file, module:function, or a "
        "Stable-Baselines3 zip."
    ),
]


@dataclass(frozen=True, kw_only=True)
class SuiteOptions:
    """What is driven, what is asked for, and where the results go."""

    suite: Annotated[
        str,
        typer.Option(help="Suite (`iml-robot list suites`), suite file or configuration."),
    ] = "quickstart"
    episodes: Annotated[int | None, typer.Option(min=1, help="Maps of each entry.")] = None
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Ray cluster: host:port, auto, or local with --jobs."
        ),
    ] = None
    patience: Annotated[
        float,
        typer.Option(min=1.0, metavar="SECONDS", help="Longest time without any step."),
    ] = 60.0
    gates: Annotated[
        Path | None, typer.Option(help="File of what the policy must fulfil.")
    ] = None
    json: Annotated[Path | None, typer.Option(help="File for the results.")] = None
    junit: Annotated[Path | None, typer.Option(help="File for CI servers.")] = None
    markdown: Annotated[
        Path | None, typer.Option(help="File for a summary, as of GitHub.")
    ] = None
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder for strips of the worst maps."),
    ] = None
    trust_pickle: Annotated[
        bool, typer.Option("--trust-pickle", help="Read pickles, which runs their code.")
    ] = False
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a.b=value of the suite."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(SuiteOptions):
    """What `evaluate` can do beside."""

    check_determinism: Annotated[
        bool,
        typer.Option(
            "--check-determinism", help="Drive some maps again; all must be equal."
        ),
    ] = False
    only: Annotated[
        str | None,
        typer.Option(metavar="ENTRY:MAP", help="Drive one map again, as it was driven."),
    ] = None
    watch: Annotated[
        bool, typer.Option("--watch", help="Show the map of --only in a window.")
    ] = False


def with_options(
    options: type[Options],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command the options of a dataclass.

    The command is called with its own arguments and, last, an object of the dataclass.

    Args:
        options: Dataclass whose fields are annotated options with defaults.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        own = dict(list(inspect.signature(command).parameters.items())[:-1])
        hints = get_type_hints(command, include_extras=True)
        taken = get_type_hints(options, include_extras=True)

        def call(**given: Any) -> Any:
            arguments = [given.pop(name) for name in own]
            return command(*arguments, options(**given))

        parameters = [
            parameter.replace(annotation=hints[name]) for name, parameter in own.items()
        ]
        for field in fields(options):  # type: ignore[arg-type]
            default = field.default
            assert default is not MISSING
            parameters.append(
                inspect.Parameter(
                    field.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=default,
                    annotation=taken[field.name],
                )
            )
        call.__name__, call.__doc__ = command.__name__, command.__doc__
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {p.name: p.annotation for p in parameters}
        return call

    return decorate
