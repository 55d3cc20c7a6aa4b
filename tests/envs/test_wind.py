"""Gusts against the spectra they are to have, and wind against what it does to a drone."""

import numpy as np
import pytest
from flying_range import CALM, CONTROL_DT, Flight

from iml_robot_envs.gusts import GUST_STEPS, draw_gusts, gust_lengths
from iml_robot_envs.terrain import Wind
from iml_robot_envs.weather import NOISE_STEPS, draw_weather
from iml_robot_envs.wind import Air

DRAG, MASS, GRAVITY = 0.25, 1.0, 9.81
WIDE_M, HIGH_M = 22.7, 3.0
"""Scale lengths at 3 m: 9.84 ft / 0.1851^1.2 = 74.5 ft, and the height itself."""


def gust_series(wind, count):
    """Return many independent series of gusts, shape (count, steps, 3)."""
    generators = [np.random.default_rng(seed) for seed in range(count)]
    return np.array([draw_gusts(wind, rng, control_dt=CONTROL_DT) for rng in generators])


@pytest.fixture(scope="module")
def gusts():
    """Gusts of 1.5 m/s on a wind of 4 m/s along x."""
    return gust_series(Wind((4.0, 0.0), 1.5), 400)


def test_scale_lengths_are_those_of_the_specification():
    assert gust_lengths() == pytest.approx((WIDE_M, HIGH_M), rel=0.01)
    # At 1000 ft all of them are 1000 ft long.
    assert gust_lengths(304.8) == pytest.approx((304.8, 304.8), rel=0.01)


@pytest.mark.parametrize(("axis", "deviation"), [(0, 1.5), (1, 1.5), (2, 0.75)])
def test_gusts_vary_as_much_as_the_wind_says(gusts, axis, deviation):
    assert gusts[:, :, axis].std() == pytest.approx(deviation, rel=0.05)
    assert gusts[:, :, axis].mean() == pytest.approx(0, abs=0.1 * deviation)


@pytest.mark.parametrize(
    ("axis", "deviation", "length", "across"),
    [(0, 1.5, WIDE_M, False), (1, 1.5, WIDE_M, True), (2, 0.75, HIGH_M, True)],
)
def test_the_spectrum_of_gusts_is_drydens(gusts, axis, deviation, length, across):
    series = gusts[:, :, axis]
    frequency = np.fft.rfftfreq(GUST_STEPS, CONTROL_DT)
    measured = (
        np.mean(np.abs(np.fft.rfft(series)) ** 2, axis=0) * 2 * CONTROL_DT / GUST_STEPS
    )
    scaled = length * 2 * np.pi * frequency / 4.0
    shape = (1 + 3 * scaled**2) / (2 * (1 + scaled**2)) if across else 1.0
    # One-sided, per Hz: 2 pi times 2 sigma^2 L / (pi V) / (1 + (L w / V)^2).
    dryden = 4 * deviation**2 * length / 4.0 / (1 + scaled**2) * shape
    bands = [(0.04, 0.1), (0.1, 0.3), (0.3, 1.0), (1.0, 2.0)]
    for low, high in bands:
        band = (frequency > low) & (frequency <= high)
        assert measured[band].mean() == pytest.approx(dryden[band].mean(), rel=0.1)


def test_gusts_along_the_wind_turn_with_it():
    east = gust_series(Wind((4.0, 0.0), 1.5), 1)[0]
    north = gust_series(Wind((0.0, 4.0), 1.5), 1)[0]
    np.testing.assert_allclose(north[:, 1], east[:, 0])
    np.testing.assert_allclose(north[:, 0], -east[:, 1])
    np.testing.assert_allclose(north[:, 2], east[:, 2])


def test_gusts_begin_again_without_a_jump():
    series = gust_series(Wind((6.0, 0.0), 1.0), 50)
    within = np.diff(series, axis=1).std(axis=(0, 1))
    jump = (series[:, 0] - series[:, -1]).std(axis=0)
    np.testing.assert_allclose(jump, within, rtol=0.4)


def test_gusts_last_longer_than_any_episode():
    assert GUST_STEPS * CONTROL_DT > 60


def test_weather_depends_on_nothing_but_its_generator():
    wind = Wind((2.0, 1.0), 0.8)
    first, again, other = (
        draw_weather(wind, np.random.default_rng(seed), control_dt=CONTROL_DT, channels=3)
        for seed in (1, 1, 2)
    )
    assert (first.gusts == again.gusts).all()
    assert (first.noise == again.noise).all()
    assert not (first.gusts == other.gusts).all()
    assert first.noise.shape == (NOISE_STEPS, 3)


def test_gusts_do_not_change_the_noise_of_the_sensors():
    calm, gusty = (
        draw_weather(wind, np.random.default_rng(1), control_dt=CONTROL_DT, channels=3)
        for wind in (Wind((2.0, 0.0)), Wind((2.0, 0.0), 1.0))
    )
    assert (calm.noise == gusty.noise).all()
    assert calm.gusts.shape == (1, 3)
    assert not calm.gusts.any()


@pytest.mark.parametrize("mean", [(6.0, 0.0), (0.0, -6.0), (3.0, 4.0)])
def test_a_drone_leans_into_a_steady_wind_and_stops(mean):
    flight = Flight(wind=Wind(mean))
    motion = flight.fly((0, 0, 0, 0), 40)
    speed = np.hypot(*mean)
    assert motion.speed[-1] < 0.01
    # Its weight and the drag of the wind are in balance: it leans against the wind.
    tilt = np.arctan(DRAG * speed / (MASS * GRAVITY))
    assert np.arccos(motion.upright[-1]) == pytest.approx(tilt, rel=0.01)
    lean = np.sin(motion.pitch[-1]), -np.sin(motion.roll[-1])
    along = np.array(mean) / speed
    np.testing.assert_allclose(lean, -np.sin(tilt) * along, atol=0.003)
    drift = (motion.position[:, :2] - (2.0, -1.0)) @ along
    # The integral of the velocity's error is what makes up for the drag.
    assert drift[-1] == pytest.approx(DRAG * speed / MASS / 0.4, rel=0.05)
    assert drift[-1] - drift[-200] < 0.15


def test_wind_ahead_and_behind_is_made_up_for_in_flight():
    for mean in (-6.0, 6.0):
        flight = Flight(wind=Wind((mean, 0.0)))
        motion = flight.fly((0.5, 0, 0, 0), 15)
        assert motion.velocity[-1, 0] == pytest.approx(1.5, abs=0.05)


def test_a_downdraft_pushes_it_down_until_it_is_made_up_for():
    motion = Flight(wind=Wind(downdraft_m_s=1.0)).fly((0, 0, 0, 0), 10)
    fallen = 1.9 - motion.position[:, 2]
    assert fallen[10] > 0.01
    assert fallen[-1] == pytest.approx(DRAG * 1.0 / MASS / 2.0, rel=0.05)
    assert motion.speed[-1] < 0.01


def test_shelter_keeps_wind_and_downdraft_away():
    wind = Wind((6.0, 0.0), 0.0, 1.0)
    exposure = np.zeros((60, 60))
    exposure[:, 40:] = 1.0
    sheltered = Flight(wind=wind, exposure=exposure)
    motion = sheltered.fly((0, 0, 0, 0), 2)
    assert motion.speed[-1] < 1e-6
    # Out of the lee, which ends at x = 10 m: half a cell before column 40.
    out = sheltered.fly((1, 0, 0, 0), 4)
    blown = np.flatnonzero(np.diff(out.velocity[:, 0]) > 0.02)
    assert out.position[blown[-1], 0] > 9.9
    assert out.velocity[:, 0].max() > 3.2


def test_the_air_at_a_moment_is_mean_wind_and_the_gust_of_the_step():
    flight = Flight(2, wind=Wind((4.0, 2.0), 1.5, 0.5), exposure=np.full((60, 60), 0.5))
    calm = Flight(exposure=np.zeros((60, 60)))
    flight.grounds.put(1, calm.grounds.terrains[0], calm.grounds.weather[0])
    air = Air(2)
    air.load(np.array([0, 1]), flight.grounds)
    table = flight.grounds.weather[0].gusts
    for step in (0, 7, GUST_STEPS + 7):
        moving = air.velocity(flight.grounds, np.zeros((2, 3)), np.array([step, 3]))
        np.testing.assert_allclose(moving[0], table[step % GUST_STEPS] + (2.0, 1.0, -0.25))
        np.testing.assert_array_equal(moving[1], 0.0)


def test_gusts_shake_a_drone():
    flight = Flight(wind=Wind(gust_m_s=1.5))
    motion = flight.fly((0, 0, 0, 0), 60)
    # Slow gusts are made up for; what is left is well below the wind's own speed.
    assert 0.05 < motion.velocity[:, :2].std() < 0.5
    assert 0.01 < motion.velocity[:, 2].std() < 0.2


def test_gusts_blow_in_shelter_too():
    flight = Flight(wind=Wind((0.0, 0.0), 1.5), exposure=np.zeros((60, 60)))
    assert flight.fly((0, 0, 0, 0), 5).speed.max() > 0.05


def test_half_the_exposure_is_half_the_wind():
    wind = Wind((4.0, 2.0))
    half = Flight(wind=wind, exposure=np.full((60, 60), 0.5)).fly((0, 0, 0, 0), 3)
    weaker = Flight(wind=Wind((2.0, 1.0))).fly((0, 0, 0, 0), 3)
    np.testing.assert_allclose(half.position, weaker.position, atol=1e-9)


def test_a_calm_map_after_a_windy_one_is_calm():
    flight = Flight(wind=Wind((6.0, 0.0)))
    flight.fly((0, 0, 0, 0), 1)
    calm = Flight(wind=CALM)
    flight.grounds.put(0, calm.grounds.terrains[0], calm.grounds.weather[0])
    flight.drones.place(np.array([0]), flight.grounds)
    assert flight.fly((0, 0, 0, 0), 1).speed[-1] == pytest.approx(0, abs=1e-9)
