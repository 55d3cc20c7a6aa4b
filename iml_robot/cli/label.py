"""`iml-robot label`: questions about the recorded segments of a session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iml_robot.cli.console import say, say_table
from iml_robot.core.config import PartConfig, RunConfig, load_config
from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import WeightEdit
from iml_robot.session.folder import SessionFolder
from iml_robot.session.parts import build_env
from iml_robot.session.preferences.building import build_preferences
from iml_robot.session.preferences.preferences import Preferences

if TYPE_CHECKING:
    from iml_robot.cli.crews.asking import AskingCrew
    from iml_robot.core.station_settings import StationSettings
    from iml_robot.data.store import SessionStore


def label(
    session: Path,
    *,
    annotator: str,
    questions: int,
    edits: Sequence[str],
    overrides: Sequence[str],
) -> int:
    """Ask about a session's segments, take edits of weights; say what that changed.

    Args:
        session: Folder of the session.
        annotator: "human", the name of a simulated one, or "auto".
        questions: Most questions.
        edits: Weights, as "feature=value"; "feature=" takes an edit back.
        overrides: Settings "a.b=value" that win over the session's configuration.
    """
    from iml_robot.data.store import SessionStore

    folder = SessionFolder.resume(session)
    settings = load_config(str(folder.config), overrides)
    if annotator == "auto":
        annotator = _who_is_there()
    settings = _asking(settings, annotator)
    with (
        SessionStore.resume(folder.database) as store,
        closing(build_env(settings)) as env,
        _crew(annotator, settings, env) as crew,
    ):
        preferences = build_preferences(
            settings,
            env,
            folder=folder.path,
            store=store,
            annotator_for=None if crew is None else crew.annotator_for,
        )
        assert isinstance(preferences, Preferences)
        episodes = store.episodes()
        if questions and not any(e.features.shape[1] for e in episodes):
            raise UsageError(
                f"{session}: no episode was recorded with reward features, so there "
                "is nothing to ask about; drive some with iml-robot run"
            )
        preferences.resume(episodes)
        _edit(preferences, edits)
        lines: tuple[str, ...] = ()
        if questions:
            lines = preferences.hold_break(episodes, most=questions)
        if crew is not None:
            crew.turn_knobs(preferences.learning)
        preferences.save()
        _report(preferences, lines)
        _keep(preferences, folder, store)
    return 0


def _who_is_there() -> str:
    from iml_robot.cli.run import who_is_there

    return who_is_there("annotator")


@contextmanager
def _crew(annotator: str, settings: RunConfig, env: Any) -> Iterator[AskingCrew | None]:
    """Yield a person at a window; None: a simulated annotator answers."""
    if annotator != "human":
        yield None
        return
    from iml_robot.cli.crews.asking import AskingCrew
    from iml_robot.core.station_settings import settings_path
    from iml_robot.devices import DEVICES
    from iml_robot.devices.input.pump import EventPump
    from iml_robot.robots.environment import extra
    from iml_robot.station.kept_settings import KeptSettings
    from iml_robot.station.settings.broken import settled
    from iml_robot.station.stage import Stage

    features = extra(env, "reward_features", {})
    pump, kept = EventPump(), KeptSettings()
    stage = Stage(pump, kept=kept)
    if not settled(stage, kept, settings_path()):
        stage.close()
        raise KeyboardInterrupt
    # Buttons of a pad only arrive while somebody holds on to it.
    options = pad_options(settings, kept.now)
    gamepad = DEVICES.build("gamepad", pump, options=options)
    crew = AskingCrew(stage, settings.env.id, features)
    gamepad.open()
    try:
        yield crew
    finally:
        crew.close()
        gamepad.close()
        stage.close()


def pad_options(settings: RunConfig, liked: StationSettings) -> dict[str, Any]:
    """Return how the gamepad is set up: by the person, and by the session before that.

    Args:
        settings: The session.
        liked: What the person likes.
    """
    from iml_robot.station.window_keys import for_devices

    usual = {"settings": for_devices(liked.controls), "rumble": liked.feedback.rumble}
    if settings.operator.name != "human":
        return usual
    options: dict[str, Any] = settings.operator.options.get("device_options", {})
    return {**usual, **options.get("gamepad", {})}


def _asking(settings: RunConfig, annotator: str) -> RunConfig:
    """Return the configuration with this annotator, asking at all."""
    wanted = settings.preferences
    update: dict[str, Any] = {"questions": max(1, wanted.questions)}
    if annotator not in ("human", "simulated", wanted.annotator.name):
        update["annotator"] = PartConfig(name=annotator)
    asked = wanted.model_copy(update=update)
    return settings.model_copy(update={"preferences": asked})


def _edit(preferences: Preferences, edits: Sequence[str]) -> None:
    """Take edits as they were typed."""
    held = {edit.feature: edit for edit in preferences.learning.edits}
    for text in edits:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--edit {text!r}: write feature=weight, or feature= for none")
        held.pop(name, None)
        if value:
            try:
                held[name] = WeightEdit(name, float(value))
            except ValueError as error:
                raise UsageError(f"--edit {text!r}: {error}") from error
    if edits:
        preferences.learning.edit(list(held.values()))


def _report(preferences: Preferences, lines: Sequence[str]) -> None:
    for line in lines:
        say(line)
    learning = preferences.learning
    posterior = learning.model.posterior
    rows = zip(
        learning.scale.names,
        learning.shipped.mean,
        posterior.mean,
        posterior.std,
        strict=True,
    )
    say_table(
        [
            ("feature", "shipped", "now", "95 %"),
            *(
                (name, f"{a:+.2f}", f"{b:+.2f}", f"+-{1.96 * s:.2f}")
                for name, a, b, s in rows
            ),
        ]
    )


def _keep(preferences: Preferences, folder: SessionFolder, store: SessionStore) -> None:
    """Write the session's last policy as it drives with this reward."""
    version = int(store.value("progress", {"policy_version": 0})["policy_version"])
    path = folder.policy(version)
    if path.is_file():
        kept = preferences.keep(path)
        if kept != path:
            say(f"policy {version} as it drives with this reward: {kept}")
