"""`iml-robot evaluate`: how well a policy does alone, and whether that is enough."""

from __future__ import annotations

from dataclasses import replace

from iml_robot.cli.console import progress, say
from iml_robot.cli.measuring_options import EvaluateOptions
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
from iml_robot.cli.measuring_replay import drive_again, watch
from iml_robot.core.errors import UsageError
from iml_robot.evaluation.determinism import Determinism, check_determinism
from iml_robot.evaluation.gates import GateList, load_gates
from iml_robot.evaluation.measuring import (
    Measurement,
    measure,
)
from iml_robot.evaluation.reports.plain import Findings
from iml_robot.evaluation.verdict import EXIT_CODES, judge, overall

NOT_DETERMINISTIC = 6


def evaluate(policy: str, options: EvaluateOptions) -> int:
    """Measure a policy on every map of a suite; returns the exit code."""
    suite = prepared_suite(options)
    if options.watch and options.only is None:
        raise UsageError("--watch shows one map; say which with --only ENTRY:MAP")
    gates = None if options.gates is None else load_gates(options.gates, suite)
    if gates is not None:
        _refuse_comparisons(gates)
    measurement = prepared_measurement(policy, suite, options)
    if options.only is not None:
        again = watch if options.watch else drive_again
        return again(measurement, options.only)
    say_suite(suite, [policy])
    label = f"{suite.name}, {suite.maps} maps without help"
    workers = crew_of(options)
    jobs = workers.size
    with partial_results(measurement, options):
        with progress(label) as advance:
            measure(measurement, workers, on_progress=advance)
        pictures = drawn_worst(measurement, workers, options)
        workers.close()
    say_entries(measurement)
    determinism = None
    if options.check_determinism:
        with (
            partial_results(measurement, options),
            progress("the same maps again") as advance,
        ):
            determinism = check_determinism(measurement, jobs, on_progress=advance)
        say(_determinism_line(determinism))
    findings = replace(_findings(measurement, gates, determinism), pictures=pictures)
    return report(findings, options)


def _findings(
    measurement: Measurement, gates: GateList | None, determinism: Determinism | None
) -> Findings:
    """Return the verdict; a policy that cannot be measured has none of its gates."""
    judgements = [] if gates is None else judge(gates, measurement)
    verdict, code, reasons = "measured", 0, []
    if judgements:
        verdict = overall(judgements)
        code = EXIT_CODES[overall(judgements)]
    if determinism is not None and determinism.mismatches:
        verdict, code = "not_deterministic", NOT_DETERMINISTIC
        first = determinism.mismatches[0]
        reasons.append(
            f"{len(determinism.mismatches)} of {determinism.checked} maps went another way "
            f"when they were driven again, first {first.entry} {first.index} "
            f"from step {first.step} on ({first.field})"
        )
    return Findings(
        measurement, verdict, code, reasons, judgements, determinism=determinism,
        alpha=0.05 if gates is None else gates.alpha,
    )  # fmt: skip


def _refuse_comparisons(gates: GateList) -> None:
    compared = next((gate for gate in gates.gates if gate.test is not None), None)
    if compared is not None:
        raise UsageError(
            f"gate {compared.id!r} needs a baseline (test: {compared.test}); use "
            "iml-robot compare, or gates with rules only"
        )


def _determinism_line(found: Determinism) -> str:
    first, second = found.jobs
    if found.mismatches:
        return f"not deterministic: {len(found.mismatches)} of {found.checked} maps differ"
    return (
        f"deterministic: {found.checked} maps driven again went the same way to the bit "
        f"({first} and {second} processes)"
    )
