"""What a break changed, in sentences for the window and the report."""

from __future__ import annotations

from iml_robot.core.feedback import Answer
from iml_robot.rewards.conflicts import Conflict
from iml_robot.rewards.model import RewardModel
from iml_robot.session.preferences.moments import MomentsResult
from iml_robot.session.preferences.question_break import BreakResult
from iml_robot.session.preferences.reward_learning import RewardLearning

MOST_WEIGHTS = 3
CLEAR_CHANGE = 0.1
"""Weights that moved by less are not worth a word, in units of standardised features."""


def changes_of(
    before: RewardModel, learning: RewardLearning, result: BreakResult | None
) -> tuple[str, ...]:
    """Return what the answers since then changed.

    Args:
        before: The reward before the break.
        learning: What is known now.
        result: What came of the break; None: nobody was asked.
    """
    after, sentences = learning.model, []
    if result is not None and result.asked:
        sentences.append(answers_line(result))
    if result is not None and (result.moments.shown or result.moments.unshown):
        sentences.append(moments_line(result.moments))
    moved = sorted(
        zip(
            after.scale.names,
            before.posterior.mean.tolist(),
            after.posterior.mean.tolist(),
            after.posterior.std.tolist(),
            strict=True,
        ),
        key=lambda row: -abs(row[2] - row[1]),
    )
    changed = [
        f"{name} {old:+.2f} -> {new:+.2f} (+-{1.96 * std:.2f})"
        for name, old, new, std in moved[:MOST_WEIGHTS]
        if abs(new - old) >= CLEAR_CHANGE
    ]
    if changed:
        sentences.append(f"weights: {', '.join(changed)}")
    odd = len(learning.learned.surprising)
    if odd:
        sentences.append(
            f"{odd} answer{'s' if odd > 1 else ''} nobody would have expected; asked again"
        )
    sentences += [
        f"{one.feature}: {conflict_line(one)}" for one in learning.learned.conflicts
    ]
    sentences += [r.text for r in learning.learned.relevance if r.text]
    return tuple(sentences)


def conflict_line(conflict: Conflict) -> str:
    """Return that an edit and everything else do not agree."""
    return f"what was shown speaks for {conflict.shown:+.2f}, against this edit"


def moments_line(moments: MomentsResult) -> str:
    """Return at how many moments it was said what is right."""
    count = f"{moments.shown} moment{'' if moments.shown == 1 else 's'}"
    line = f"{count} shown, what is right was said at {moments.answered}"
    if moments.unshown:
        line += f"; {len(moments.unshown)} could not be shown: {moments.unshown[0]}"
    return line


def answers_line(result: BreakResult) -> str:
    """Return how many questions were answered how."""
    words = {
        Answer.LEFT: "left",
        Answer.RIGHT: "right",
        Answer.EQUAL: "equal",
        Answer.CANT_TELL: "can't tell",
        Answer.SKIP: "skipped",
    }
    parts = [f"{n} {words[answer]}" for answer, n in result.answers.items() if n > 0]
    why = f"; {result.ended}" if result.ended else ""
    count = f"{result.asked} question{'' if result.asked == 1 else 's'}"
    return f"{count} answered ({', '.join(parts)}){why}"
