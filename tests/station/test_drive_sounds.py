"""What happens is heard and said in words, and machines without a loudspeaker are quiet."""

import itertools
from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from iml_robot.core.station_settings import FeedbackSettings, StationSettings
from iml_robot.core.types import EpisodeInfo, Mode, Source
from iml_robot.data.recorder import Recording
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.sounds.player import CAPTION_S, Sounds
from iml_robot.station.sounds.signals import SIGNALS, signal_for
from iml_robot.station.sounds.tones import RATE_HZ, melody
from iml_robot.station.supervision import SupervisionView

KEPT = SimpleNamespace(state=Recording.ON, frames=4)


@pytest.fixture(autouse=True)
def silent_device(monkeypatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")


@pytest.fixture
def make_sounds():
    made = []

    def make(*, clock=lambda: 0.0, **liked):
        kept = KeptSettings(StationSettings(feedback=FeedbackSettings(**liked)))
        made.append(Sounds(kept, clock=clock))
        made[-1].open()
        return made[-1]

    yield make
    for sounds in made:
        sounds.close()


def test_a_note_has_its_pitch_its_length_and_no_click():
    wave = melody([(440.0, 0.5)]).astype(float)
    assert len(wave) == RATE_HZ // 2
    spectrum = np.abs(np.fft.rfft(wave))
    # Half a second resolves 2 Hz.
    assert np.argmax(spectrum) * 2 == 440
    assert np.abs(wave).max() < 32_767
    # No step between samples is larger than the steepest slope of its sines.
    steepest = 32_767 * 2 * np.pi * 440 / RATE_HZ * (1 + 0.7 + 0.36) / 1.47
    assert np.abs(np.diff(np.r_[0, wave, 0])).max() <= steepest


@pytest.mark.parametrize(("one", "other"), itertools.combinations(SIGNALS, 2))
def test_no_two_signals_sound_the_same(one, other):
    first, second = (melody(SIGNALS[name].notes) for name in (one, other))
    assert len(first) != len(second) or not np.array_equal(first, second)
    assert SIGNALS[one].caption != SIGNALS[other].caption


@pytest.mark.parametrize(
    ("before", "now", "name"),
    [
        (Mode.AUTO, Mode.HUMAN, "takeover"),
        (Mode.ASKING, Mode.HUMAN, "takeover"),
        (Mode.RELEASING, Mode.AUTO, "handed_back"),
        (Mode.AUTO, Mode.ASKING, "asking"),
        (Mode.HUMAN, Mode.HOLD, "hold"),
        (Mode.HOLD, Mode.ESTOP, "stop"),
        (None, Mode.AUTO, ""),
        (Mode.HUMAN, Mode.HUMAN, ""),
        (Mode.RELEASING, Mode.HUMAN, ""),
        (Mode.ASKING, Mode.AUTO, ""),
        (Mode.HUMAN, Mode.PAUSED, ""),
        (Mode.PAUSED, Mode.HUMAN, ""),
    ],
)
def test_a_change_of_the_mode_has_the_sound_of_what_it_means(before, now, name):
    assert signal_for(before, now) == name


@pytest.mark.parametrize("before", [None, *Mode])
def test_an_emergency_stop_is_heard_from_every_state_but_a_pause(before):
    silent = before in (Mode.ESTOP, Mode.PAUSED)
    assert signal_for(before, Mode.ESTOP) == ("" if silent else "stop")


@pytest.mark.parametrize("name", SIGNALS)
def test_every_signal_can_be_played(make_sounds, name):
    sounds = make_sounds()
    assert sounds.audible
    sounds.play(name)
    assert pygame.mixer.get_busy()
    assert sounds.caption == SIGNALS[name].caption


def test_a_caption_is_there_for_as_long_as_it_takes_to_read(make_sounds):
    now = [10.0]
    sounds = make_sounds(clock=lambda: now[0])
    sounds.play("takeover")
    now[0] += 0.9 * CAPTION_S
    assert sounds.caption == "you drive"
    now[0] += 0.2 * CAPTION_S
    assert sounds.caption == ""


def test_who_wants_no_sounds_can_still_read_them(make_sounds):
    sounds = make_sounds(sounds=False)
    sounds.play("hold")
    assert not sounds.audible
    assert pygame.mixer.get_init() is None
    assert sounds.caption == SIGNALS["hold"].caption


def test_who_wants_no_captions_gets_none(make_sounds):
    sounds = make_sounds(captions=False)
    sounds.play("hold")
    assert sounds.caption == ""


def test_a_machine_without_a_loudspeaker_is_quiet(make_sounds, monkeypatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "no such driver")
    sounds = make_sounds()
    assert not sounds.audible
    sounds.play("stop")
    assert sounds.caption == "emergency stop"


def test_the_view_plays_what_happens_and_shows_the_caption(open_window, robot, make_step):
    window = open_window(robot, first_run=False)
    view = SupervisionView(window, RealTimePacer(0.05), KEPT)
    view.begin(EpisodeInfo(0, "practice", "x", seed=0))
    heard = []
    for mode in (Mode.AUTO, Mode.HUMAN, Mode.HUMAN, Mode.ESTOP):
        view.show(make_step(mode), {})
        captions = [p.text for p in window.texts if p.text.startswith("♪")]
        heard.append(captions[0] if captions else "")
    assert heard == ["", "♪ you drive", "♪ you drive", "♪ emergency stop"]


def test_the_begin_of_an_episode_says_what_became_of_the_last(open_window, robot):
    window = open_window(robot, first_run=False)
    view = SupervisionView(window, RealTimePacer(0.05), KEPT)
    starts = [
        ({}, ""),
        ({"policy_version": 0}, "episode saved"),
        ({"policy_version": 1}, "a new policy drives"),
        ({"policy_version": 1, "continues": 2, "begins_at": 40}, "taken back some seconds"),
    ]
    for number, (facts, said) in enumerate(starts):
        view.begin(EpisodeInfo(number, "practice", "x", seed=0, **facts))
        assert window.sounds.caption == said


def test_the_share_of_the_person_is_that_of_the_last_ten_episodes(
    open_window, robot, make_step, tmp_path
):
    window = open_window(robot, first_run=False)
    fed = []
    view = SupervisionView(
        window, RealTimePacer(0.05), KEPT, feed=fed.append, folder=tmp_path
    )
    # Twelve episodes of four steps; the person drives the first two whole, then one step.
    for number in range(12):
        view.begin(EpisodeInfo(number, "practice", "x", seed=0))
        for k in range(4):
            human = number < 2 or k == 0
            source = Source.OPERATOR if human else Source.POLICY
            view.show(make_step(source=source), {})
    status = window.status
    assert status.human_share == pytest.approx(10 / 40)
    assert status.share_episodes == 10
    assert status.takeovers == 12
    assert status.disk_free_bytes > 0
    assert fed == [status] * 48
