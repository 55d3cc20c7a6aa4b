"""Opens the wizard that measures a pad, and keeps what it found."""

from __future__ import annotations

from collections.abc import Sequence

from iml_robot.core.errors import ImlRobotError
from iml_robot.devices.input.plain import PlainPad, calibration_of, plain_pads
from iml_robot.station.calibration.screen import CalibrationScreen
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import MenuScreen
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.stage import Stage


def calibrate_a_pad(
    stage: Stage, kept: KeptSettings, pads: LivePads, *, layout: str = "drone"
) -> str:
    """Let the person calibrate a pad; return what to say about it.

    Args:
        stage: The window.
        kept: The settings, which take in what was found.
        pads: The pads that are there; they are looked at anew after it.
        layout: "rover" or "drone"; a drone needs both sticks, so that what was measured
            for one drives a rover as well.
    """
    pad = _chosen(stage, pads, plain_pads())
    if pad is None:
        return "Nothing was calibrated: pads that SDL knows need no calibration."
    controls = kept.now.controls
    try:
        calibration = calibration_of(pad, controls, layout=layout)
        found = CalibrationScreen(stage).calibrate(pad, calibration)
        if found is None:
            return "The calibration was left; nothing was changed."
        known = controls.model_dump()["pads"]
        kept.change("controls", {"pads": {**known, pad.guid: found.model_dump()}})
    except ImlRobotError as error:
        return f"Not kept: {error}."
    finally:
        pads.close()
        pads.open(dict(kept.now.controls.pads))
    return f"{pad.name[:24]} is calibrated."


def _chosen(stage: Stage, pads: LivePads, there: Sequence[PlainPad]) -> PlainPad | None:
    """Return the pad to calibrate; None: there is none, or the person went back."""
    if len(there) < 2:
        return there[0] if there else None
    lines = [Item(str(place), pad.name) for place, pad in enumerate(there)]
    choice = MenuScreen(
        stage, "Which one?", lambda: lines, watch=lambda: pads.look(stage.events)
    ).wait()
    return there[int(choice.key)] if choice.action == "choose" else None
