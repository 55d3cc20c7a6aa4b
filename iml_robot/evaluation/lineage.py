"""Refuses to judge a policy on maps that it says itself it learned from."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

from iml_robot.core.errors import ArtifactError
from iml_robot.evaluation.drivers import ONNX, OURS, FileSource, Source
from iml_robot.evaluation.suites import Suite
from iml_robot.policies.exchange.learned_maps import learned_among


def refuse_learned_maps(source: Source, suite: Suite) -> None:
    """Refuse a policy that learned from maps of a suite.

    A suite that allows such maps says so in its reports instead.

    Args:
        source: A policy that can be loaded.
        suite: What it is to be judged on.

    Raises:
        ArtifactError: If it learned from any of the maps.
    """
    if suite.allow_training_maps:
        return
    lineage = lineage_of(source)
    for entry in suite.entries:
        try:
            found = learned_among(lineage, entry.task, entry.options, entry.maps)
        except ValueError as error:
            raise ArtifactError(f"{source.name}: damaged: {error}") from error
        if found:
            raise ArtifactError(
                f"{source.name} learned from maps of the suite {suite.name!r}: entry "
                f"{entry.name!r}, {found}; judge it on others"
            )


def lineage_of(source: Source) -> Mapping[str, Any]:
    """Return what a policy says it was made from; empty where it says nothing.

    Args:
        source: A policy that can be loaded.
    """
    if not isinstance(source, FileSource):
        return {}
    if source.format == OURS:
        # Its tensors, which need a library of their own, are not read for that.
        safetensors: Any = importlib.import_module("safetensors")
        with safetensors.safe_open(source.path, framework="numpy") as file:
            return _lineage(file.metadata()["iml_robot"])
    if source.format == ONNX:
        from iml_robot.evaluation.onnx_source import metadata_of

        return _lineage(metadata_of(source.path))
    return {}


def _lineage(header: str) -> Mapping[str, Any]:
    found = json.loads(header).get("lineage", {})
    return found if isinstance(found, dict) else {}
