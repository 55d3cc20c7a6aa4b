"""What is chosen in the launcher so far, and what can be chosen; no pixels in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from iml_robot.station.launcher.catalog import Offer
from iml_robot.station.launcher.launch import TASKS, Launch, Task
from iml_robot.station.launcher.sessions import StoredSession, ago
from iml_robot.station.menus.menu import Item

COUNTS = (1, 2, 3, 5, 8, 10, 12, 15, 20, 30, 50, 100, 200)
UNTRAINED = "null"
OWN = "The session goes on with its own; choose a new session to change this."

WORDS: Mapping[Task, str] = {
    "supervised": "supervise",
    "demonstration": "demonstrate",
    "watch": "watch",
    "evaluate": "evaluate",
    "label": "label",
}
NOTES: Mapping[Task, str] = {
    "supervised": "The policy drives, you take over; it learns between episodes.",
    "demonstration": "You drive whole episodes; the policy learns from them.",
    "watch": "The policy drives and nothing is measured; you still can take over.",
    "evaluate": "The policy drives alone on its test maps; it is only measured.",
    "label": "You say which of two recorded segments is better.",
}
_LONGEST = 18


class Draft:
    """The choices of a person.

    Args:
        offers: The configurations; at least one.
        sessions: Earlier sessions, the newest first.
        now_unix_s: Time of day, by which it is told how old they are [s since 1970].
        config: Configuration that is chosen at first; "": the first.
    """

    def __init__(
        self,
        offers: Sequence[Offer],
        sessions: Sequence[StoredSession] = (),
        *,
        now_unix_s: float = 0.0,
        config: str = "",
    ) -> None:
        self._offers, self._sessions = tuple(offers), tuple(sessions)
        self._now_unix_s = now_unix_s
        names = [offer.config for offer in offers]
        self._offer = names.index(config) if config in names else 0
        self._task = self._policy = self._session = 0
        self._episodes: int | None = None

    @property
    def offer(self) -> Offer:
        """The configuration."""
        return self._offers[self._offer]

    @property
    def task(self) -> Task:
        """What is done."""
        return TASKS[self._task]

    @property
    def session(self) -> StoredSession | None:
        """The session to go on with, or to label; None: a new one."""
        choices = self._session_choices()
        return choices[self._session] if choices else None

    @property
    def unfinished(self) -> int:
        """How many sessions can go on."""
        return sum(session.unfinished for session in self._sessions)

    def launch(self) -> Launch:
        """Return what is to be run."""
        session, task = self.session, self.task
        if session is not None:
            return Launch(task, session=_short(session.path))
        policy = self._policies()[self._policy][1]
        if task == "evaluate" and policy is None:
            policy = self.offer.policy
        return Launch(task, self.offer.config, policy, self._episodes)

    def trouble(self) -> str:
        """Return why that cannot be run; "" if it can."""
        if self.task == "label":
            return "" if self.session else "No session has been recorded yet: drive first."
        if self.session is not None:
            return ""
        if self.offer.trouble:
            return self.offer.trouble
        if self.task == "demonstration" and not self.offer.demonstrable:
            return "Its arbiter does not let you drive whole episodes."
        if self.task == "evaluate" and self.launch().policy in (None, UNTRAINED):
            return "An untrained policy is not worth measuring: choose another one."
        return ""

    def step(self, key: str, steps: int) -> None:
        """Go on to the next choice of a line, or back to the one before."""
        if key == "config":
            self._offer = (self._offer + steps) % len(self._offers)
            self._policy = 0
        elif key == "task":
            self._task = (self._task + steps) % len(TASKS)
            self._session = 0
        elif key == "policy":
            self._policy = (self._policy + steps) % len(self._policies())
        elif key == "session":
            self._session = (self._session + steps) % len(self._session_choices())
        elif key == "episodes":
            self._step_episodes(steps)

    def items(self) -> list[Item]:
        """Return the lines of the launcher that can be changed."""
        task, session = self.task, self.session
        own = OWN if session is not None or task == "label" else ""
        offer, trouble = self.offer, self.offer.trouble
        lines = [
            Item("task", "What", WORDS[task], NOTES[task], adjustable=True),
            Item(
                "config",
                "Task",
                _cut(offer.name),
                trouble or offer.title,
                adjustable=True,
                refused=own,
            ),
        ]
        label, given = self._policies()[self._policy]
        note = "The policy of the configuration; others were learned before."
        if given not in (None, UNTRAINED):
            note = f"Learned in the session {_cut(Path(str(given)).parts[-3], 48)}."
        many = len(self._policies()) > 1
        lines.append(Item("policy", "Policy", _cut(label), note, many, own))
        lines.append(self._count_item(own))
        if task in ("supervised", "label"):
            lines.append(self._session_item())
        return lines

    def _count_item(self, own: str) -> Item:
        maps = self.task == "evaluate"
        usual = "all" if maps else f"{self.offer.episodes} (usual)"
        value = usual if self._episodes is None else str(self._episodes)
        label = "Maps" if maps else "Episodes"
        note = "How many maps are driven." if maps else "How many episodes are driven."
        return Item("episodes", label, value, note, True, own)

    def _session_item(self) -> Item:
        session, choices = self.session, self._session_choices()
        if session is not None:
            note = f"{session.path}: {session.far(self._now_unix_s)}."
            value = session.far(self._now_unix_s)
            return Item("session", "Session", value, note, len(choices) > 1)
        note = "A new folder below runs/."
        if len(choices) > 1:
            note = f"{len(choices) - 1} can go on: left and right show them."
        return Item("session", "Session", "new", note, len(choices) > 1)

    def _session_choices(self) -> list[StoredSession | None]:
        if self.task == "label":
            return [s for s in self._sessions if s.done and not s.in_use]
        if self.task == "supervised":
            return [None, *(s for s in self._sessions if s.unfinished)]
        return [None]

    def _policies(self) -> list[tuple[str, str | None]]:
        """Return (what it is called, how it is given) of the policies that fit."""
        offer = self.offer
        usual = Path(offer.policy).stem if offer.policy else "untrained"
        found: list[tuple[str, str | None]] = [(usual, None)]
        for session in self._sessions:
            if session.policy is not None and session.env_id == offer.env_id:
                when = ago(self._now_unix_s - session.changed_unix_s)
                label = f"no. {int(session.policy.stem)}, {when}"
                found.append((label, str(_short(session.policy))))
        if offer.policy is not None and self.task != "evaluate":
            found.append(("untrained", UNTRAINED))
        # Another task may offer fewer.
        self._policy = min(self._policy, len(found) - 1)
        return found

    def _step_episodes(self, steps: int) -> None:
        choices = [None, *COUNTS]
        place = choices.index(self._episodes) + steps
        self._episodes = choices[place % len(choices)]


def _cut(text: str, longest: int = _LONGEST) -> str:
    """Return a name that fits into its line; of a long one the end tells more."""
    return text if len(text) <= longest else f"…{text[1 - longest :]}"


def _short(path: Path) -> Path:
    """Return a path from here, if it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
