"""Tones as sums of sines: nothing is recorded, so nothing has to be shipped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RATE_HZ = 22_050
"""Samples a second; the highest tone here needs a tenth of it."""
_EDGE_S = 0.012
"""Every note fades in and out, for a jump in loudness clicks [s]."""
_OVERTONES = (1.0, 0.35, 0.12)
"""Share of the fundamental and its multiples: heard on small loudspeakers too."""

Note = tuple[float, float]
"""Pitch [Hz], 0 for silence, and duration [s]."""


def melody(notes: Sequence[Note]) -> npt.NDArray[np.int16]:
    """Return notes one after another as samples at `RATE_HZ`, shape (n,).

    Args:
        notes: What is heard.
    """
    wave = np.concatenate([_note(pitch_hz, duration_s) for pitch_hz, duration_s in notes])
    samples: npt.NDArray[np.int16] = np.round(wave * 32_767).astype(np.int16)
    return samples


def _note(pitch_hz: float, duration_s: float) -> npt.NDArray[np.float64]:
    """Return one note in [-1, 1], shape (n,)."""
    times = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    wave = np.zeros(len(times))
    if pitch_hz > 0:
        for multiple, share in enumerate(_OVERTONES, start=1):
            wave += share * np.sin(2 * np.pi * multiple * pitch_hz * times)
        wave /= sum(_OVERTONES)
    fade = np.minimum(times, duration_s - times) / _EDGE_S
    faded: npt.NDArray[np.float64] = wave * np.clip(fade, 0.0, 1.0)
    return faded
