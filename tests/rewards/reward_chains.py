"""The posterior by brute force: many Metropolis chains over the formulas as they stand."""

import numpy as np

from iml_robot.core.feedback import Answer


def logistic(x):
    return 1 / (1 + np.exp(-x))


def log_density(w, evidence, prior, noise, names):
    """Return the log posterior of many weights, (n, d) -> (n,), up to a constant."""
    total = -0.5 * ((w - prior.mean) ** 2).sum(1) / prior.std**2
    for c in evidence.comparisons:
        total = total + c.weight * np.log(answered(w @ c.difference, c, noise))
    for c in evidence.choices:
        rivals = noise.demonstration * (w @ (c.others - c.chosen).T)
        total = total - c.weight * np.log(1 + np.exp(rivals).sum(1))
    if evidence.alarms:
        predicted = np.stack([a.predicted for a in evidence.alarms])
        odds = noise.alarm * (noise.alarm_threshold - w @ predicted.T)
        taken = np.where([a.taken for a in evidence.alarms], 1, -1)
        total = total + np.log(logistic(taken * odds)) @ [a.weight for a in evidence.alarms]
    for e in {e.feature: e for e in evidence.edits}.values():
        value = w[:, names.index(e.feature)]
        if e.weight is not None:
            width = 1e-3 if e.locked else 0.05 + 0.25 * abs(e.weight)
            total = total - 0.5 * ((value - e.weight) / width) ** 2
        if e.sign:
            total = np.where(value * e.sign > 0, total, -np.inf)
    return total


def answered(better, c, noise):
    """Return the probability of an answer where the left is so much better."""
    if not c.answer.informative:
        return np.ones_like(better)
    if c.source != "question":
        sharpness = {"rating": noise.rating, "correction": noise.correction}[c.source]
        side = 1 if c.answer is Answer.LEFT else -1
        return noise.lapse / 2 + (1 - noise.lapse) * logistic(side * sharpness * better)
    z = noise.sharpness * better + noise.side_bias
    left, right = logistic(z - noise.tie_width), logistic(-z - noise.tie_width)
    said = {Answer.LEFT: left, Answer.RIGHT: right, Answer.EQUAL: 1 - left - right}
    return noise.lapse / 3 + (1 - noise.lapse) * said[c.answer]


def chains(density, start, covariance, *, steps, seed, count):
    """Return draws after the first quarter, shape (draws, d).

    Args:
        density: (n, d) -> (n,), up to a constant.
        start: Where all chains begin, shape (d,).
        covariance: Shape of the steps, (d, d).
        steps: Of each chain.
        seed: Of the random numbers.
        count: Number of chains.
    """
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(covariance) * 2.4 / np.sqrt(len(start))
    at = np.tile(start, (count, 1)).astype(float)
    here = density(at)
    assert np.isfinite(here).all()
    kept = []
    for step in range(steps):
        there = at + rng.standard_normal(at.shape) @ root.T
        value = density(there)
        taken = np.log(rng.random(count)) < value - here
        at, here = np.where(taken[:, None], there, at), np.where(taken, value, here)
        if step >= steps // 4 and step % 5 == 0:
            kept.append(at)
    return np.concatenate(kept)
