"""Results as JUnit XML: a test case for each gate and each entry."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from iml_robot.evaluation.reports.plain import outcomes_text

_NOT_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Mapping[str, Any]) -> str:
    """Return the XML of a report.

    A failed gate is a failure, one that is inconclusive is skipped, and an unfinished
    evaluation is an error.

    Args:
        report: What `plain` returned.
    """
    suite = ET.Element(
        "testsuite", name=f"iml-robot.{report['kind']}.{_suite_name(report)}"
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report).items():
        ET.SubElement(properties, "property", name=name, value=_clean(value))
    for gate in report["gates"]:
        _add_gate(suite, gate)
    for entry in report["evaluations"]:
        case = _case(suite, "maps", entry["name"])
        out = ET.SubElement(case, "system-out")
        out.text = _clean(
            f"{entry['successes']} of {entry['driven']} maps mastered "
            f"({outcomes_text(entry['outcomes'])})"
        )
    if report["verdict"] in ("error", "interrupted", "not_deterministic"):
        case = _case(suite, "evaluation", report["verdict"])
        message = "; ".join(report["reasons"])
        ET.SubElement(case, "error", message=_clean(message)).text = _clean(message)
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped",) * 2):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("time", f"{report['timing']['wall_s']:.3f}")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _add_gate(suite: ET.Element, gate: Mapping[str, Any]) -> None:
    case = _case(suite, "gates", gate["id"])
    message = _clean(f"{gate['metric']} {gate['rule']}: {gate['reason']}")
    tag = {"fail": "failure", "inconclusive": "skipped"}.get(gate["status"])
    if tag is not None and gate["on"] == "advisory":
        tag, message = "skipped", f"advisory: {message}"
    if tag is not None:
        ET.SubElement(case, tag, message=message)
    else:
        ET.SubElement(case, "system-out").text = message


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    family = f"{suite.get('name')}.{group}"
    return ET.SubElement(suite, "testcase", classname=family, name=_clean(name), time="0")


def _properties(report: Mapping[str, Any]) -> dict[str, str]:
    found = {
        "verdict": report["verdict"],
        "policy": report["policy"]["name"],
        "policy_sha256": report["policy"]["sha256"],
        "suite_sha256": report["suite"]["sha256"],
        "maps": str(report["suite"]["driven"]),
    }
    for name, metric in report["metrics"].items():
        found[name] = f"{metric['value']:.6g}"
        if metric["interval_95"] is not None:
            low, high = metric["interval_95"]
            found[f"{name}_ci_low"], found[f"{name}_ci_high"] = f"{low:.6g}", f"{high:.6g}"
    return found


def _suite_name(report: Mapping[str, Any]) -> str:
    return _clean(report["suite"]["name"])


def _clean(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
