"""What one person likes about the window: looks, sounds, controls, pauses.

Kept in one YAML file for this person on this machine, beside all sessions; what belongs
to a task is in its configuration. Every key has a default, and a file that is wrong is
refused as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field, ValidationError

from iml_robot.core.errors import InfrastructureError
from iml_robot.core.overrides import apply_overrides
from iml_robot.core.section import Section
from iml_robot.core.validation import config_error
from iml_robot.core.whole_files import replace_text
from iml_robot.core.yaml_loader import load_yaml, yaml_text

PLACE = "IML_ROBOT_STATION"
"""Environment variable with the path of another file."""

Names: TypeAlias = list[str]


class DisplaySettings(Section):
    """How things look.

    Attributes:
        theme: Colours; every pair that stands on each other has a contrast of 4.5 to 1,
            of "contrast" 7 to 1.
        scale: Size of letters and lines.
        view: What of the world is shown: the map from above, what the robot sees, or both.
        calm: Whether nothing moves that need not.
    """

    theme: Literal["dark", "light", "contrast"] = "dark"
    scale: float = Field(default=1.0, ge=1.0, le=2.0)
    view: Literal["map", "first_person", "both"] = "both"
    calm: bool = False


class FeedbackSettings(Section):
    """What can be heard and felt.

    Attributes:
        sounds: Whether there are sounds.
        volume: Their loudness.
        captions: Whether each sound is also said in words.
        rumble: Whether pads shake.
    """

    sounds: bool = True
    volume: float = Field(default=0.5, ge=0, le=1)
    captions: bool = True
    rumble: bool = True


class CurveSettings(Section):
    """From the travel of a stick to a command.

    Attributes:
        dead_zone: Travel around the centre that counts as rest.
        saturation: Travel below 1 that counts as full.
        expo: Share of the cubic curve, which makes small corrections finer.
        most: Greatest command.
    """

    dead_zone: float = Field(default=0.10, ge=0, le=0.30)
    saturation: float = Field(default=0.02, ge=0, le=0.30)
    expo: float = Field(default=0.30, ge=0, le=1)
    most: float = Field(default=1.0, ge=0.1, le=1)


class AxisRange(Section):
    """Where an axis of a plain joystick or transmitter ends and rests.

    Attributes:
        source: The axis in SDL's notation, for example "a2".
        low: Value at one end.
        centre: Value at rest.
        high: Value at the other end.
        reversed: Whether `high` is left, down or released.
    """

    source: str = Field(min_length=2)
    low: float = -1.0
    centre: float = 0.0
    high: float = 1.0
    reversed: bool = False


class PadSettings(Section):
    """What was found out about one kind of pad, transmitter or joystick.

    Attributes:
        name: What it calls itself.
        axes: Calibrated axes by the name of the control, for example "leftx".
        buttons: Sources of buttons by the name of the control, for example {"a": "b0"}.
        curve: Its curve; None: that of all.
    """

    name: str = ""
    axes: dict[str, AxisRange] = Field(default_factory=dict)
    buttons: dict[str, str] = Field(default_factory=dict)
    curve: CurveSettings | None = None


class ControlSettings(Section):
    """What does what.

    Attributes:
        hands: Preset of keys and buttons: both hands, or one alone.
        keys: Other keys by layout ("rover", "drone") and action.
        buttons: Other pad buttons by action.
        stick_mode: 1 to 4 as transmitters have it; drones only.
        grip: Whether the dead-man control is held, or pressed once and once again.
        curve: Curve of all sticks.
        pads: What is known about pads, by their GUID.
    """

    hands: Literal["both", "left", "right"] = "both"
    keys: dict[Literal["rover", "drone"], dict[str, Names]] = Field(default_factory=dict)
    buttons: dict[str, Names] = Field(default_factory=dict)
    stick_mode: int = Field(default=2, ge=1, le=4)
    grip: Literal["hold", "toggle"] = "hold"
    curve: CurveSettings = CurveSettings()
    pads: dict[str, PadSettings] = Field(default_factory=dict)


class WorkloadSettings(Section):
    """How the station looks after its operator.

    Attributes:
        breaks: Whether breaks are suggested.
        break_after_min: Watching without a break before one is suggested [min].
        presence: Whether somebody who has done nothing for long is asked to press a key.
        ask_load: Whether six questions about the workload are asked at the end.
        review: Whether each episode is looked at again for some seconds.
    """

    breaks: bool = True
    break_after_min: float = Field(default=20.0, ge=1, le=240)
    presence: bool = True
    ask_load: bool = True
    review: bool = True


class StationSettings(Section):
    """All of it.

    Attributes:
        display: How things look.
        feedback: What can be heard and felt.
        controls: What does what.
        workload: How the station looks after its operator.
    """

    display: DisplaySettings = DisplaySettings()
    feedback: FeedbackSettings = FeedbackSettings()
    controls: ControlSettings = ControlSettings()
    workload: WorkloadSettings = WorkloadSettings()


def settings_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the settings of this person are kept, whether they exist or not.

    Args:
        environment: Environment variables.
    """
    if environment.get(PLACE):
        return Path(environment[PLACE])
    if os.name == "nt" and environment.get("APPDATA"):
        folder = Path(environment["APPDATA"])
    elif environment.get("XDG_CONFIG_HOME"):
        folder = Path(environment["XDG_CONFIG_HOME"])
    else:
        folder = Path.home() / ".config"
    return folder / "iml-robot" / "station.yaml"


def load_station_settings(path: Path) -> StationSettings:
    """Read the settings; the defaults where there is no file.

    Raises:
        ConfigError: If the file is wrong; the message says where.
    """
    if not path.exists():
        return StationSettings()
    document = load_yaml(path)
    values, origins = apply_overrides(document, (), parts=())
    try:
        return StationSettings.model_validate(values)
    except ValidationError as error:
        raise config_error(
            error, StationSettings, origins=origins, source=str(path)
        ) from error


def save_station_settings(settings: StationSettings, path: Path) -> None:
    """Write the settings as a whole or not at all, only what differs from the defaults.

    Raises:
        InfrastructureError: If they cannot be written.
    """
    values = settings.model_dump(mode="json", exclude_defaults=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, yaml_text(values))
    except OSError as error:
        raise InfrastructureError(
            f"{path}: cannot keep the settings: {error.strerror or error}"
        ) from error
