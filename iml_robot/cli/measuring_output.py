"""What `evaluate` and `compare` need of each other: checks before, results afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iml_robot.cli.console import progress, say
from iml_robot.cli.lines import percent
from iml_robot.cli.measuring_options import SuiteOptions
from iml_robot.cli.results_file import check_results_file, write_results
from iml_robot.core.errors import ImlRobotError, InfrastructureError, UsageError
from iml_robot.core.whole_files import replace_text
from iml_robot.evaluation import metrics
from iml_robot.evaluation.drivers import Source, find_source
from iml_robot.evaluation.lineage import refuse_learned_maps
from iml_robot.evaluation.measuring import Measurement
from iml_robot.evaluation.reports.junit import junit
from iml_robot.evaluation.reports.markdown import markdown
from iml_robot.evaluation.reports.plain import Findings, outcomes_text, plain, worst
from iml_robot.evaluation.rollouts import map_options
from iml_robot.evaluation.suites import Suite, load_suite
from iml_robot.evaluation.verdict import Judgement
from iml_robot.evaluation.workers import Crew, Workers
from iml_robot.robots.environment import make_env
from iml_robot.session.results import Count

_SAID = (
    "return",
    "time_to_goal",
    "path_efficiency",
    "action_change",
    "near_share",
    "mishap_rate",
    "nonfinite_actions",
    "policy_ms_p99",
)


def prepared_suite(options: SuiteOptions) -> Suite:
    """Return the suite, after checking everything that can be checked without driving.

    Raises:
        UsageError: If a file cannot be written, or the environment refuses the options.
    """
    for path in (options.json, options.junit, options.markdown):
        check_results_file(path)
    _check_pictures(options.pictures)
    suite = load_suite(options.suite, options.settings or ()).shortened(options.episodes)
    env = make_env(suite.task)
    try:
        for entry in suite.entries:
            env.reset(seed=0, options=map_options(entry.options, entry.maps - 1))
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{suite.name}: {suite.task}: {error}") from error
    finally:
        env.close()
    return suite


def prepared_measurement(policy: str, suite: Suite, options: SuiteOptions) -> Measurement:
    """Return what a policy has done so far, which is nothing; a wrong one is refused.

    Raises:
        ArtifactError: If it is refused or does not fit.
        UsageError: If there is no such policy.
    """
    source: Source = find_source(policy, trust_pickle=options.trust_pickle)
    # Refused here, with one line, and not in a process of its own.
    source.load(suite.task)
    refuse_learned_maps(source, suite)
    again = ["--suite", options.suite]
    if options.episodes is not None:
        again += ["--episodes", str(options.episodes)]
    for setting in options.settings or ():
        again += ["--set", setting]
    if options.trust_pickle:
        again.append("--trust-pickle")
    return Measurement(suite, source, options=tuple(again))


def crew_of(options: SuiteOptions) -> Crew:
    """Return who drives: processes here, or the machines of a Ray cluster.

    Raises:
        InfrastructureError: If the cluster cannot be reached.
    """
    if options.ray is None:
        return Workers(options.jobs, patience_s=options.patience)
    from iml_robot.evaluation.cluster import Cluster

    return Cluster(options.ray, options.jobs)


def drawn_worst(
    measurement: Measurement, crew: Crew, options: SuiteOptions
) -> dict[tuple[str, int], Path]:
    """Draw the worst maps if somebody wants them; return the files by entry and map."""
    if options.pictures is None or not worst(measurement):
        return {}
    from iml_robot.evaluation.strips import draw_worst

    with progress("pictures of the worst maps") as advance:
        return draw_worst(measurement, crew, options.pictures, on_progress=advance)


@contextmanager
def partial_results(measurement: Measurement, options: SuiteOptions) -> Iterator[None]:
    """Write what was driven, marked as unfinished, if driving is cut off."""
    try:
        yield
    except KeyboardInterrupt:
        _write_unfinished(measurement, options, "interrupted", 130, "interrupted")
        raise
    except Exception as error:
        cause: ImlRobotError = (
            error
            if isinstance(error, ImlRobotError)
            else InfrastructureError(f"driving stopped: {type(error).__name__}: {error}")
        )
        _write_unfinished(measurement, options, "error", cause.exit_code, str(cause))
        if cause is error:
            raise
        raise cause from error


def report(findings: Findings, options: SuiteOptions) -> int:
    """Say and write the results; return the exit code."""
    values = plain(findings)
    for judgement in findings.judgements:
        say(_gate_line(judgement))
    for reason in findings.reasons:
        say(reason)
    for row in values["worst"]:
        place = f"{row['entry']} {row['index']}, {row['outcome']}"
        say(f"failed: {place}: {row['replay']}")
    verdict, wall_s = findings.verdict.replace("_", " "), findings.measurement.wall_s
    driven = findings.measurement.driven
    say(f"verdict: {verdict} ({driven} maps in {wall_s:.0f} s)")
    _write(values, options)
    return findings.exit_code


def say_suite(suite: Suite, names: Sequence[str]) -> None:
    """Say what is about to be driven."""
    kind = "held-out " if all(entry.held_out for entry in suite.entries) else ""
    say(
        f"{' against '.join(names)} on {suite.name}: {suite.maps} {kind}maps, "
        f"sha256 {suite.digest[:12]}"
    )


def say_entries(measurement: Measurement) -> None:
    """Say how each entry went, and the figures of all."""
    for entry in measurement.suite.entries:
        records = measurement.records.get(entry.name, [])
        if records:
            outcomes: dict[str, int] = {}
            for record in records:
                outcomes[record.outcome] = outcomes.get(record.outcome, 0) + 1
            ordered = dict(sorted(outcomes.items(), key=lambda row: -row[1]))
            count = Count(outcomes.get("success", 0), len(records))
            say(f"{entry.name}: {percent(count)} ({outcomes_text(ordered)})")
    shown = []
    for name in _SAID:
        metric = metrics.METRICS[name]
        found = metrics.figure(measurement, metric)
        if found.value is not None:
            shown.append(f"{name} {found.value:.4g} {metric.unit}".rstrip())
    if shown:
        say(", ".join(shown))


def _check_pictures(folder: Path | None) -> None:
    """Refuse a folder for pictures that cannot be one, before anything is driven."""
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: pictures go to a folder, and this is a file")


def _gate_line(judgement: Judgement) -> str:
    gate = judgement.gate
    advisory = "" if gate.required else " (advisory)"
    return f"gate {gate.id}{advisory}: {judgement.status}, {judgement.reason}"


def _write_unfinished(
    measurement: Measurement, options: SuiteOptions, verdict: str, code: int, reason: str
) -> None:
    missing = measurement.missing()
    reasons = (reason, f"not driven: {missing}") if missing else (reason,)
    findings = Findings(measurement, verdict, code, reasons)
    _write(plain(findings), options)


def _write(values: dict[str, Any], options: SuiteOptions) -> None:
    if options.json is not None:
        write_results(options.json, values)
    if options.junit is not None:
        _write_text(options.junit, junit(values))
    if options.markdown is not None:
        _write_text(options.markdown, markdown(values, options.markdown.parent))


def _write_text(path: Path, text: str) -> None:
    try:
        if str(path) == os.environ.get("GITHUB_STEP_SUMMARY"):
            # Other commands of the step may have written there.
            with path.open("a", encoding="utf-8") as file:
                file.write(text)
        else:
            replace_text(path, text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: cannot write the results: {reason}") from error
