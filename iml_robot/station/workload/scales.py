"""The six scales of the task load index, in own words.

Source of scales and steps: Hart and Staveland, "Development of NASA-TLX" (1988). Without
weights between the scales, as here, it is called the raw index.
"""

from __future__ import annotations

from dataclasses import dataclass

STEP = 5
"""Answers are multiples of this."""
MOST = 100
MIDDLE = 50


@dataclass(frozen=True, slots=True)
class Scale:
    """One question.

    Attributes:
        key: Its name in the record.
        label: What it is about.
        question: What is asked.
        low: What 0 means.
        high: What 100 means.
    """

    key: str
    label: str
    question: str
    low: str = "very low"
    high: str = "very high"


SCALES = (
    Scale("mental", "Thinking", "How much did you have to think, watch and decide?"),
    Scale("physical", "Hands", "How much work was it for your hands and eyes?"),
    Scale("temporal", "Hurry", "How hurried did you feel?"),
    Scale(
        "performance",
        "Result",
        "How well did you do what you wanted to do?",
        low="perfect",
        high="failed",
    ),
    Scale("effort", "Effort", "How hard did you have to try for that?"),
    Scale("frustration", "Annoyance", "How annoyed or unsure of yourself were you?"),
)
