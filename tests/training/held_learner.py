"""Learners for a process of its own: one that waits for a sign, and one that fails."""

import time
from dataclasses import dataclass
from pathlib import Path

from point_corrections import SPACES

from iml_robot.learners import LEARNERS


def build_learner():
    return LEARNERS.build("hg_dagger", SPACES, None, 0, options={"updates": 5})


class HeldLearner:
    """Waits in each update for as long as the file "hold" lies in a folder."""

    def __init__(self, folder, *, fails):
        self._learner, self._folder, self._fails = build_learner(), folder, fails

    @property
    def policy(self):
        return self._learner.policy

    def update(self, episodes, *, on_progress):
        with (self._folder / "updates").open("a") as file:
            file.write(f"{len(episodes)}\n")
        if self._fails:
            raise RuntimeError("out of ideas")
        while (self._folder / "hold").exists():
            time.sleep(0.01)
        return self._learner.update(episodes, on_progress=on_progress)

    def save(self, path):
        self._learner.save(path)

    def load(self, path):
        self._learner.load(path)


@dataclass(frozen=True)
class HeldRecipe:
    folder: Path
    fails: bool = False

    def learner(self):
        return HeldLearner(self.folder, fails=self.fails)

    def acceptance(self, learner):
        return None

    def companion(self):
        return None
