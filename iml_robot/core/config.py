"""What one run consists of: YAML in, validated parts out.

An option exists once, as a keyword argument of the class that uses it; a configuration
names the plugin and its options, and the registry checks them when the part is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    NonNegativeInt,
    ValidationError,
    field_validator,
    model_validator,
)

from iml_robot.core.held_out import refuse_held_out
from iml_robot.core.overrides import apply_overrides
from iml_robot.core.resources import find_config
from iml_robot.core.section import Section
from iml_robot.core.validation import config_error
from iml_robot.core.yaml_loader import load_yaml, yaml_text


class PartConfig(BaseModel):
    """A plugin and its options, for example `{name: takeover, hold_time_s: 0.5}`.

    Attributes:
        name: Name of the plugin, or "package.module:Class".
    """

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, allow_inf_nan=False)
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    name: str = Field(min_length=1)

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments for the plugin: every key beside `name`."""
        return dict(self.__pydantic_extra__)

    @model_validator(mode="before")
    @classmethod
    def _accept_bare_name(cls, value: Any) -> Any:
        """Read "takeover" as {name: takeover}."""
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict) and "options" in value:
            raise ValueError(
                "options stand beside the name, as in {name: takeover, hold_time_s: 0.5}, "
                "not under a key 'options'"
            )
        return value


class EnvConfig(Section):
    """The environment of the corrected episodes.

    Attributes:
        id: Gymnasium id; "module:id" imports the module first. The neutral action becomes
            a part of it ("MountainCar-v0?neutral=1"), so that everybody who makes the
            environment again makes the same.
        options: Options given to `env.reset`.
        actions: Numbered actions by what presses them: a key by its place ("LEFT"), keys
            together ("LEFT+UP"), or a direction of any device ("forward", "-forward",
            "turn", "-turn").
        neutral: Number of the action that does nothing, where actions are numbered; None:
            what the environment says.
        names: What the parts of an action, or the numbered actions, are called; none: what
            the environment says.
    """

    id: str = Field(min_length=1)
    options: dict[str, JsonValue] = Field(default_factory=dict)
    actions: dict[str, NonNegativeInt] = Field(default_factory=dict)
    neutral: NonNegativeInt | None = None
    names: tuple[str, ...] = Field(default=(), strict=False)

    @model_validator(mode="before")
    @classmethod
    def _name_the_neutral_action(cls, value: Any) -> Any:
        """Put the neutral action into the id, replacing one that was there."""
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            return value
        neutral, plain = value.get("neutral"), value["id"].partition("?neutral=")[0]
        if not isinstance(neutral, int) or isinstance(neutral, bool):
            return value
        return {**value, "id": f"{plain}?neutral={neutral}"}


class ScheduleConfig(Section):
    """How long to go on.

    Attributes:
        episodes: Number of supervised episodes.
        seed: Root of every random stream.
    """

    episodes: int = Field(default=12, ge=0)
    seed: int = Field(default=0, ge=0)


class EvaluationConfig(Section):
    """One figure of the report: success of the policy alone on a set of maps.

    Attributes:
        name: Name in the report.
        options: Options given to `env.reset`; the map number is added as "index".
        maps: Number of maps.
    """

    name: str = Field(min_length=1)
    options: dict[str, JsonValue] = Field(default_factory=dict)
    maps: int = Field(default=100, ge=1)


class PretrainConfig(Section):
    """How the initial policy is made from demonstrations on familiar terrain.

    Attributes:
        options: Options given to `env.reset`.
        easiest: What is other in these options for the easiest ground, on which a
            policy that is only a little better must have lost nothing.
        episodes: Number of demonstrations.
        updates: Number of gradient steps.
        rehearsal: Number of demonstrated frames that the policy carries.
        network: Name of the network; "auto": the one that suits the observation.
    """

    network: str = "auto"
    options: dict[str, JsonValue] = Field(default_factory=dict)
    easiest: dict[str, JsonValue] = Field(default_factory=dict)
    episodes: int = Field(default=60, ge=1)
    updates: int = Field(default=2000, ge=1)
    rehearsal: int = Field(default=2000, ge=0)


class TrainerConfig(Section):
    """Who waits while the policy learns.

    Attributes:
        name: "blocking" (the operator waits; the same seed gives the same policy),
            "background" (a process of its own learns while the operator drives), or
            "auto": background where a person drives, else blocking.
        wait_s: Longest wait for the process at the end of an episode [s].
    """

    name: Literal["auto", "blocking", "background"] = "auto"
    wait_s: float = Field(default=0.5, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _accept_bare_name(cls, value: Any) -> Any:
        """Read "background" as {name: background}."""
        return {"name": value} if isinstance(value, str) else value


class RewindConfig(Section):
    """How far the operator can take an episode back.

    Attributes:
        back_s: How far at once [s]; 0: not at all.
        times: How often in an episode.
        patience_s: How long a person has to ask for it after a failure, and then to get
            ready [s].
    """

    back_s: float = Field(default=0.0, ge=0)
    times: int = Field(default=2, ge=1)
    patience_s: float = Field(default=3.0, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _accept_bare_time(cls, value: Any) -> Any:
        """Read 3.0 as {back_s: 3.0}."""
        bare = isinstance(value, int | float) and not isinstance(value, bool)
        return {"back_s": float(value)} if bare else value


class PreferencesConfig(Section):
    """How what people say makes a reward, and what the reward changes.

    Attributes:
        questions: Most questions in the break after an episode; 0: none are asked.
        moments: At how many moments of the recorded episodes, those at which the policy
            was least sure, it is then asked what is right.
        annotator: Who answers: "auto" (a person where one drives, else a simulated one) or
            the name of a simulated one.
        questioner: What is asked.
        segment_s: Length of what is shown [s].
        guidance: How strongly the learned weights change what a structured policy chooses;
            0: not at all.
    """

    questions: int = Field(default=0, ge=0)
    moments: int = Field(default=0, ge=0)
    annotator: PartConfig = PartConfig(name="auto")
    questioner: PartConfig = PartConfig(name="information")
    segment_s: float = Field(default=2.0, ge=0.5, le=5.0)
    guidance: float = Field(default=1.0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _accept_bare_number(cls, value: Any) -> Any:
        """Read 8 as {questions: 8}."""
        bare = isinstance(value, int) and not isinstance(value, bool)
        return {"questions": value} if bare else value


class RunConfig(Section):
    """One run, whole.

    Attributes:
        name: Name of the run; the name of the file where it is not given.
        env: The environment of the corrected episodes.
        policy: File or shipped name of the initial policy, or the name of a network that
            starts untrained; None: an untrained one that suits the observation.
        operator: Who supervises.
        arbiter: Whose action the robot executes.
        learner: How corrections change the policy.
        adaptation: What they change at once, until it has learned from them.
        asking: When the robot asks for help.
        trainer: Who waits while it does.
        rewind: How far the operator can take an episode back.
        preferences: How what people say makes a reward.
        schedule: How long to go on.
        evaluation: What is measured before and after; the first is the headline.
        pretrain: How the initial policy is made.
    """

    PARTS: ClassVar[tuple[str, ...]] = (
        "operator",
        "arbiter",
        "learner",
        "adaptation",
        "asking",
        "trainer",
    )

    name: str = Field(default="run", min_length=1)
    env: EnvConfig
    policy: str | None = None
    operator: PartConfig = PartConfig(name="simulated")
    arbiter: PartConfig = PartConfig(name="takeover")
    learner: PartConfig = PartConfig(name="hg_dagger")
    adaptation: PartConfig = PartConfig(name="none")
    asking: PartConfig = PartConfig(name="never")
    trainer: TrainerConfig = TrainerConfig()
    rewind: RewindConfig = RewindConfig()
    preferences: PreferencesConfig = PreferencesConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    evaluation: tuple[EvaluationConfig, ...] = Field(default=(), strict=False)
    pretrain: PretrainConfig | None = None

    @field_validator("env", "pretrain")
    @classmethod
    def _learns_from_maps_for_learning(
        cls, value: EnvConfig | PretrainConfig | None
    ) -> EnvConfig | PretrainConfig | None:
        if value is not None:
            easiest = value.easiest if isinstance(value, PretrainConfig) else {}
            refuse_held_out({**value.options, **easiest})
        return value

    @field_validator("name")
    @classmethod
    def _names_a_folder(cls, value: str) -> str:
        if "/" in value or "\\" in value or value.startswith("."):
            raise ValueError(
                f"must be usable as the name of a folder (no '/', no leading '.'), "
                f"got {value!r}"
            )
        return value

    @field_validator("evaluation")
    @classmethod
    def _names_differ(
        cls, value: tuple[EvaluationConfig, ...]
    ) -> tuple[EvaluationConfig, ...]:
        names = [evaluation.name for evaluation in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the name {name!r} is given twice; names must differ")
        return value

    def with_operator(self, name: str) -> RunConfig:
        """Return the configuration with another operator.

        The options of the configured operator are kept only where its name stays the
        same: they belong to its class.
        """
        if name == self.operator.name:
            return self
        return self.model_copy(update={"operator": PartConfig(name=name)})


def load_config(path_or_name: str | Path, overrides: Sequence[str] = ()) -> RunConfig:
    """Read and check a configuration.

    Args:
        path_or_name: A YAML file, or the name of a shipped configuration.
        overrides: Settings "a.b=value" that win over the file.

    Raises:
        ConfigError: If the file or an override is wrong; the message says where.
        UsageError: If there is no such file or name.
    """
    path = find_config(path_or_name)
    values, origins = apply_overrides(load_yaml(path), overrides, parts=RunConfig.PARTS)
    values.setdefault("name", path.stem)
    try:
        return RunConfig.model_validate(values)
    except ValidationError as error:
        raise config_error(error, RunConfig, origins=origins, source=str(path)) from error


def dump(config: RunConfig) -> str:
    """Return the YAML text that loads back as an equal configuration."""
    return yaml_text(config.model_dump(mode="json"))
