"""`iml-robot station`: a window to choose what to run, check it, and run it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pygame

from iml_robot.cli.console import say
from iml_robot.core.config import RunConfig, load_config
from iml_robot.core.errors import ImlRobotError, InfrastructureError, UsageError
from iml_robot.core.registry import option_names
from iml_robot.core.resources import find_policy
from iml_robot.core.station_settings import settings_path
from iml_robot.devices import DEVICES
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.input.reading import InputDevice
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.launcher.catalog import Offer, offer_of, offers
from iml_robot.station.launcher.draft import Draft
from iml_robot.station.launcher.launch import Launch
from iml_robot.station.launcher.preview import Previews, cache_folder
from iml_robot.station.launcher.remembered import Remembered, recall, remember
from iml_robot.station.launcher.screen import LauncherScreen
from iml_robot.station.launcher.sessions import stored_sessions
from iml_robot.station.launcher.waiting import WaitingScreen
from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import MenuScreen
from iml_robot.station.preflight.checks import Checked
from iml_robot.station.preflight.policy_facts import UNTRAINED, PolicyFacts, facts_of
from iml_robot.station.preflight.screen import PreflightScreen, Subject
from iml_robot.station.screens import Page, draw_page
from iml_robot.station.settings.broken import settled
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.settings.paragraph import draw_paragraph
from iml_robot.station.settings.screen import SettingsScreen
from iml_robot.station.settings.wizard import calibrate_a_pad
from iml_robot.station.stage import Stage
from iml_robot.station.window_keys import for_devices

RUNS = Path("runs")
TITLE = "iml robot"
UNSEEN = ("dummy", "offscreen", "evdev", "KMSDRM")
"""SDL drivers with which nobody sees a window."""

# The same program in a process of its own, so that the window stays alive beside it.
_ITSELF = (
    *(sys.executable, "-c"),
    "import sys; from iml_robot.cli import main; sys.exit(main())",
)


def station() -> int:
    """Open the launcher and run what is chosen, until the person quits.

    Raises:
        InfrastructureError: If nobody could see the window.
    """
    place = settings_path()
    pump = EventPump()
    kept = KeptSettings()
    stage = Stage(pump, kept=kept, title=TITLE)
    try:
        driver = pygame.display.get_driver()
        if driver in UNSEEN:
            raise InfrastructureError(
                f"nobody can see a window here (SDL driver {driver}); start from a desktop "
                "session, or choose a command without a window: iml-robot --help"
            )
        if settled(stage, kept, place):
            _Station(pump, kept, place.with_name("remembered.json")).run()
    finally:
        pygame.display.quit()
    return 0


class _Station:
    """Goes from the launcher to the checks to the run, and back.

    Args:
        pump: Collects the events of keys, sticks and window.
        kept: What the person likes.
        memory: File with what is remembered.
    """

    def __init__(self, pump: EventPump, kept: KeptSettings, memory: Path) -> None:
        self._pump, self._kept, self._memory = pump, kept, memory
        self._pads = LivePads()
        self._remembered: Remembered = recall(memory)
        self._say = ""

    def run(self) -> None:
        """Come back to the launcher after everything that was run."""
        while True:
            # A run closes the window at its end.
            stage = Stage(self._pump, kept=self._kept, title=TITLE)
            self._pads.open(dict(self._kept.now.controls.pads))
            try:
                launch = self._chosen(stage)
                if launch is None:
                    return
                if launch.task == "evaluate":
                    self._evaluate(stage, launch)
                    continue
                checked = self._checked(stage, launch)
                if checked is None:
                    continue
            finally:
                self._pads.close()
            self._remembered = self._remembered.with_config(
                launch.config or self._remembered.config
            )
            remember(self._remembered, self._memory)
            page = Page("Getting ready", (launch.command,))
            draw_page(stage.begin(), page)
            stage.show()
            self._run(launch, checked)

    def _chosen(self, stage: Stage) -> Launch | None:
        draft = Draft(
            offers(self._remembered.configs),
            stored_sessions(RUNS),
            now_unix_s=time.time(),
            config=self._remembered.config,
        )
        previews = Previews(cache_folder())
        wizard = partial(calibrate_a_pad, stage, self._kept, self._pads)
        settings = SettingsScreen(stage, self._kept, self._pads, calibrate=wizard)
        screen = LauncherScreen(
            stage, draft, self._pads, previews=previews, settings=settings.show
        )
        greeting, self._say = self._say, ""
        try:
            return screen.choose(say=greeting)
        finally:
            previews.close()

    def _evaluate(self, stage: Stage, launch: Launch) -> None:
        title = f"Evaluating {launch.policy} on {launch.config}"
        command = (*_ITSELF, *launch.arguments)
        WaitingScreen(stage, self._pads, title, command=command).show()

    def _checked(self, stage: Stage, launch: Launch) -> Checked | None:
        """Return what the person checked; None: back to the launcher."""
        if not launch.driving:
            return Checked()
        offer = _offer(launch)
        layout = "drone" if offer.flies else "rover"
        subject = Subject(
            offer.name if launch.session is None else launch.session.name,
            layout,
            _policy_facts(launch, offer),
            RUNS,
            self._remembered.aliases,
            self._remembered.latency_ms,
        )
        try:
            settings = load_config(offer.config, launch.overrides)
        except ImlRobotError as error:
            self._tell(stage, error)
            return None
        checked = PreflightScreen(
            stage,
            self._kept,
            self._pads,
            subject,
            devices=partial(self._devices, settings, layout),
            # What a person waits for is no part of any result.
            rng=np.random.default_rng(),
            calibrate=partial(
                calibrate_a_pad, stage, self._kept, self._pads, layout=layout
            ),
        ).show()
        if checked is not None:
            self._remembered = Remembered(
                self._remembered.config,
                self._remembered.configs,
                self._remembered.with_alias(checked.alias).aliases,
                checked.latency_ms,
            )
        return checked

    def _devices(self, settings: RunConfig, layout: str) -> Sequence[InputDevice]:
        """Return the devices that the session will have."""
        told = settings.operator.options if settings.operator.name == "human" else {}
        own = told.get("device_options", {})
        offered = {"layout": layout, "settings": for_devices(self._kept.now.controls)}
        made = []
        for name in told.get("devices", ("gamepad", "keyboard")):
            known = option_names(DEVICES.get(name))
            usual = {key: value for key, value in offered.items() if key in known}
            options = {**usual, **own.get(name, {})}
            made.append(DEVICES.build(name, self._pump, options=options))
        return made

    def _run(self, launch: Launch, checked: Checked) -> None:
        """Run it as the command line does; say on the screen what goes wrong."""
        say(f"runs: {launch.command}")
        try:
            _command(launch, checked)()
        except ImlRobotError as error:
            say(f"error: {error}")
            stage = Stage(self._pump, kept=self._kept, title=TITLE)
            self._pads.open()
            try:
                self._tell(stage, error)
            finally:
                self._pads.close()
        else:
            self._say = "Done. What next?"

    def _tell(self, stage: Stage, error: ImlRobotError) -> None:
        """Show what went wrong until the person goes on."""
        text = (
            f"What happened: {error}.",
            "What the program did: it stopped there and kept what was recorded.",
            "What you can do: mend it and start again, or choose something else.",
        )
        MenuScreen(
            stage,
            "That did not work",
            lambda: (Item("on", "Go on", note="To the launcher."),),
            beside=lambda scribe, area: draw_paragraph(scribe, area, text),
            watch=lambda: self._pads.look(stage.events),
        ).wait()


def _command(launch: Launch, checked: Checked) -> Callable[[], int]:
    """Return what the command line would call.

    Args:
        launch: What was chosen.
        checked: What a session records first.
    """
    if launch.task == "label":
        from iml_robot.cli.label import label

        assert launch.session is not None
        return partial(
            label,
            launch.session,
            annotator="human",
            questions=12,
            edits=[],
            overrides=[],
        )
    from iml_robot.cli.run import run

    resumed = launch.session
    config = launch.config if resumed is None else str(resumed / "config.yaml")
    return partial(
        run,
        config,
        operator="human",
        episodes=launch.episodes,
        seed=None,
        out=None,
        resume=resumed,
        overrides=launch.overrides,
        checked=checked.detail(),
    )


def _offer(launch: Launch) -> Offer:
    """Return the configuration that is run."""
    if launch.session is None:
        return offer_of(launch.config)
    return offer_of(str(launch.session / "config.yaml"))


def _policy_facts(launch: Launch, offer: Offer) -> PolicyFacts:
    """Return what is known about the policy that will drive first."""
    if launch.session is not None:
        stored = stored_sessions(launch.session.parent)
        of_it = (s.policy for s in stored if s.path.name == launch.session.name)
        policy = next(of_it, None)
        return UNTRAINED if policy is None else facts_of(policy)
    name = launch.policy or offer.policy
    if name is None or name == "null":
        return UNTRAINED
    try:
        return facts_of(find_policy(name))
    except UsageError as error:
        if Path(name).suffix:
            return PolicyFacts(name, trouble=str(error))
        # The name of a network, which starts untrained.
        return PolicyFacts(name, lineage=UNTRAINED.lineage)
