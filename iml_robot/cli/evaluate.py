"""`iml-robot evaluate`: how well a policy does alone, and whether that is enough."""

from __future__ import annotations

import json
from dataclasses import asdict

from iml_robot.cli.console import progress, say
from iml_robot.cli.measuring_options import EvaluateOptions
from iml_robot.cli.measuring_output import (
    crew_of,
    partial_results,
    prepared_measurement,
    prepared_suite,
    report,
    say_entries,
    say_suite,
)
from iml_robot.core.errors import UsageError
from iml_robot.evaluation.determinism import Determinism, check_determinism
from iml_robot.evaluation.gates import GateList, load_gates
from iml_robot.evaluation.measuring import (
    Measurement,
    drive_parts,
    measure,
    parts_of,
)
from iml_robot.evaluation.meter import Abilities
from iml_robot.evaluation.reports.plain import Findings
from iml_robot.evaluation.suites import Suite
from iml_robot.evaluation.verdict import EXIT_CODES, judge, overall
from iml_robot.evaluation.workers import Workers

NOT_DETERMINISTIC = 6


def evaluate(policy: str, options: EvaluateOptions) -> int:
    """Measure a policy on every map of a suite; returns the exit code."""
    suite = prepared_suite(options)
    gates = None if options.gates is None else load_gates(options.gates, suite)
    if gates is not None:
        _refuse_comparisons(gates)
    measurement = prepared_measurement(policy, suite, options)
    if options.only is not None:
        return _drive_again(measurement, options.only)
    say_suite(suite, [policy])
    label = f"{suite.name}, {suite.maps} maps without help"
    workers = crew_of(options)
    jobs = workers.size
    with partial_results(measurement, options):
        with progress(label) as advance:
            measure(measurement, workers, on_progress=advance)
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
    return report(_findings(measurement, gates, determinism), options)


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
        entry, index = determinism.mismatches[0]
        reasons.append(
            f"{len(determinism.mismatches)} of {determinism.checked} maps went another way "
            f"when they were driven again, first {entry} {index}"
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


def _drive_again(measurement: Measurement, only: str) -> int:
    """Drive one map again and say everything about it.

    The maps beside it are driven with it: what a policy answers may depend, in the last
    bit, on how many robots it answers for.
    """
    entry, index = _place(measurement.suite, only)
    abilities = Abilities.of(measurement.suite.task)
    found = measurement.suite.entry(entry)
    assert found is not None
    part = next(
        part
        for part in parts_of(measurement.source, found, abilities)
        if index in part.indices
    )
    workers = Workers(1)
    with progress(f"{entry} {index}") as advance:
        for _, result in drive_parts(workers, [part], on_progress=advance):
            measurement.add(result)
    workers.close()
    record = next(r for r in measurement.records[entry] if r.index == index)
    say(json.dumps({"entry": entry, **asdict(record)}, indent=2, allow_nan=False))
    return 0


def _place(suite: Suite, only: str) -> tuple[str, int]:
    """Return the entry and the map that "ENTRY:MAP" names."""
    name, _, number = only.rpartition(":")
    entry = suite.entry(name)
    if entry is None or not number.isdecimal() or int(number) >= entry.maps:
        known = ", ".join(f"{e.name}:0 to {e.name}:{e.maps - 1}" for e in suite.entries)
        raise UsageError(f"--only {only}: there is no such map (known: {known})")
    return name, int(number)
