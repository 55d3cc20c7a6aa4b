"""What the id of an environment says: module, Gymnasium's own id, and the neutral action.

Everything that makes an environment again, replays, fleets, learning processes and
evaluations, knows it by its id alone. What must be the same in all of them is therefore
part of the id: "MountainCar-v0?neutral=1".
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from iml_robot.core.errors import UsageError

_NEUTRAL = "neutral="


@dataclass(frozen=True, slots=True)
class EnvId:
    """An id in its parts.

    Attributes:
        name: What Gymnasium calls it.
        module: Module that registers it; "": none has to be imported.
        neutral: Number of the action that does nothing, of discrete actions; None: not
            said.
    """

    name: str
    module: str = ""
    neutral: int | None = None

    @classmethod
    def parse(cls, env_id: str) -> EnvId:
        """Return the parts of "module:name?neutral=1".

        Raises:
            UsageError: If something else than a neutral action follows the name.
        """
        whole, asks, said = env_id.partition("?")
        module, _, name = whole.rpartition(":")
        neutral = None
        if asks:
            number = said.removeprefix(_NEUTRAL)
            if not said.startswith(_NEUTRAL) or not number.isdecimal():
                raise UsageError(
                    f"an id can end with '?neutral=' and the number of an action, got "
                    f"{env_id!r}"
                )
            neutral = int(number)
        return cls(name, module, neutral)

    @property
    def gymnasium(self) -> str:
        """The id as Gymnasium takes it."""
        return f"{self.module}:{self.name}" if self.module else self.name

    def load(self) -> None:
        """Import the module that registers it.

        Raises:
            ImportError: If that cannot be done.
        """
        if self.module:
            importlib.import_module(self.module)
