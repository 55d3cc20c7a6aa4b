"""What was fitted to a policy lies beside its file, as plain arrays."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]

LOGGER = logging.getLogger(__name__)


def fit_file(policy_file: Path) -> Path:
    """Return the file with what was fitted to a policy."""
    return policy_file.with_suffix(".asking.npz")


def write_fit(arrays: Arrays, policy_file: Path) -> None:
    """Write what was fitted, as a whole or not at all.

    Raises:
        OSError: If it cannot be written.
    """
    path = fit_file(policy_file)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        np.savez(file, **dict(arrays))  # type: ignore[arg-type]
    draft.replace(path)


def read_fit(policy_file: Path) -> dict[str, npt.NDArray[Any]] | None:
    """Return what was fitted; None if there is nothing, or it cannot be read.

    A damaged file must not end a session: the robot then asks as if nothing were known.
    """
    path = fit_file(policy_file)
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        LOGGER.warning("%s: cannot be read, nothing is asked by it: %s", path, error)
        return None
