"""`iml-robot compare`: whether a policy is not worse than another, on the same maps."""

from __future__ import annotations

from iml_robot.cli.console import progress, say
from iml_robot.cli.measuring_options import SuiteOptions
from iml_robot.cli.measuring_output import (
    crew_of,
    drawn_worst,
    partial_results,
    prepared_measurement,
    prepared_suite,
    report,
    say_entries,
    say_suite,
)
from iml_robot.core.errors import UsageError
from iml_robot.evaluation.comparison import Comparison
from iml_robot.evaluation.comparison import compare as drive_pairs
from iml_robot.evaluation.gates import USUAL_COMPARISON, GateList, load_gates
from iml_robot.evaluation.reports.plain import Findings
from iml_robot.evaluation.suites import Suite
from iml_robot.evaluation.verdict import EXIT_CODES, overall


def compare(candidate: str, baseline: str, options: SuiteOptions) -> int:
    """Compare two policies on the maps of a suite; returns the exit code."""
    suite = prepared_suite(options)
    gates = _gates(options, suite)
    comparison = Comparison(
        prepared_measurement(candidate, suite, options),
        prepared_measurement(baseline, suite, options),
    )
    say_suite(suite, [candidate, baseline])
    workers = crew_of(options)
    label = f"{suite.name}, at most {suite.maps} pairs"
    with partial_results(comparison.candidate, options):
        with progress(label) as advance:
            drive_pairs(comparison, gates, workers, on_progress=advance)
        pictures = drawn_worst(comparison.candidate, workers, options)
        workers.close()
    say(f"{candidate}:")
    say_entries(comparison.candidate)
    say(f"{baseline}:")
    say_entries(comparison.baseline)
    if comparison.stopped_early:
        say(f"stopped early: {len(comparison.pairs)} of {suite.maps} pairs were enough")
    verdict = overall(comparison.judgements)
    findings = Findings(
        comparison.candidate, verdict, EXIT_CODES[verdict],
        judgements=comparison.judgements, comparison=comparison, alpha=gates.alpha,
        pictures=pictures,
    )  # fmt: skip
    return report(findings, options)


def _gates(options: SuiteOptions, suite: Suite) -> GateList:
    """Return what is asked for; nothing makes up for harm, so that is always asked."""
    if options.gates is None:
        return USUAL_COMPARISON
    gates = load_gates(options.gates, suite)
    if all(gate.test is None for gate in gates.gates):
        raise UsageError(
            f"{options.gates}: no gate compares; add one with test: paired_eprocess, or "
            "use iml-robot evaluate"
        )
    if any(g.required and g.about.safety and g.test is not None for g in gates.gates):
        return gates
    usual = next(gate for gate in USUAL_COMPARISON.gates if gate.about.safety)
    added = usual.model_copy(update={"id": "mishaps (always asked)"})
    return gates.model_copy(update={"gates": (*gates.gates, added)})
