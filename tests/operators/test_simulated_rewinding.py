"""When a simulated person takes an episode back, and how far it drives then."""

import numpy as np
import pytest

from iml_robot.core.types import Request
from iml_robot.operators import OPERATORS

DT_S = 0.05
NOTHING = np.zeros(2, np.float32)


class Pilot:
    """Sees as much danger as the first number says, and does what the policy does."""

    def reset(self, *, seed):
        pass

    def act(self, observation):
        return NOTHING

    def risk(self, observation, action):
        return float(observation[0])


class Robot:
    """What an operator asks of an environment."""

    control_dt = DT_S

    def get_wrapper_attr(self, name):
        return {"make_pilot": Pilot, "control_dt": DT_S}[name]


def operator(**traits):
    options = {"preset": "ideal", "traits": traits}
    return OPERATORS.build("simulated", Robot(), options=options)


def advise(person, distance_m, *, can_rewind=True):
    info = {"distance_to_goal": distance_m, "can_rewind": can_rewind}
    return person.advise(NOTHING, NOTHING, info)


def until_rewound(person, distances):
    """Return after how many steps the person asks to go back; None: never."""
    for step, distance_m in enumerate(distances):
        if Request.REWIND in advise(person, distance_m).requests:
            return step + 1
    return None


def driven(person, distances):
    """Return for how many steps the person drives from the first one on."""
    grips = [advise(person, distance_m).gripping for distance_m in distances]
    return grips.index(False)


def test_a_robot_that_stands_is_taken_back_once_that_is_seen():
    # No way was gained in 2.5 s.
    assert until_rewound(operator(), [10.0] * 80) == 50


def test_a_robot_that_still_moves_is_taken_over_and_not_back():
    person = operator()
    for step in range(40):
        info = {"distance_to_goal": 10.0 - 0.05 * step, "can_rewind": True}
        danger = np.full(2, step >= 30, np.float32)
        signal = person.advise(danger, NOTHING, info)
        assert Request.REWIND not in signal.requests
        assert signal.gripping == (step >= 30)


@pytest.mark.parametrize(
    ("can_rewind", "traits"), [(False, {}), (True, {"rewind_probability": 0.0})]
)
def test_where_nothing_can_be_or_is_taken_back_the_person_drives(can_rewind, traits):
    person = operator(**traits)
    signals = [advise(person, 10.0, can_rewind=can_rewind) for _ in range(60)]
    assert not any(Request.REWIND in signal.requests for signal in signals)
    assert signals[-1].gripping


@pytest.mark.parametrize(
    ("metres_per_step", "steps"),
    [
        # The place of the trouble, and 0.3 m more, is passed after 2 s: 3 s at least.
        (0.05, (60, 75)),
        # After 5 s, and half a second to be sure.
        (0.02, (100, 115)),
        # Not within 10 s: it is not for that place alone that anybody drives on.
        (0.008, (200, 215)),
    ],
)
def test_who_went_back_drives_past_the_place_of_the_trouble(metres_per_step, steps):
    person = operator()
    until_rewound(person, [10.0] * 80)
    person.reset(seed=1)
    way = 9.7 + 2.0 - metres_per_step * np.arange(300)
    assert steps[0] <= driven(person, way) <= steps[1]
    # In the next episode nothing of it is left.
    person.reset(seed=2)
    assert driven(person, way) == 0
