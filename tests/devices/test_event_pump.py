import pygame
import pytest
from input_rig import InputRig

from iml_robot.core.errors import InfrastructureError
from iml_robot.devices.input.pump import EventPump


def test_all_listeners_and_the_caller_see_the_same_batch():
    with InputRig() as rig:
        seen = []
        rig.pump.subscribe(seen.append)
        rig.down("W")
        batch = rig.step()
        assert seen == [batch]
        assert rig.pump.events is batch.events
        assert [e.type for e in batch.events] == [pygame.KEYDOWN]
        rig.pump.unsubscribe(seen.append)


def test_a_batch_is_delivered_once():
    with InputRig() as rig:
        rig.down("W")
        rig.step()
        assert rig.step().events == ()


def test_a_batch_carries_the_time_of_its_collection():
    with InputRig() as rig:
        assert rig.step(0.25).time_s == pytest.approx(100.25)


def test_focus_lost_and_regained_within_one_step_counts_as_lost():
    with InputRig() as rig:
        rig.focus(gained=False)
        rig.focus(gained=True)
        assert not rig.step().focused
        assert rig.step().focused


def test_focus_stays_lost_until_it_is_regained():
    with InputRig() as rig:
        rig.focus(gained=False)
        assert [rig.step().focused, rig.step().focused] == [False, False]
        rig.focus(gained=True)
        assert rig.step().focused


def test_closing_the_window_is_seen_in_one_batch():
    with InputRig() as rig:
        pygame.event.post(pygame.event.Event(pygame.QUIT))
        assert rig.step().quit_requested
        assert not rig.step().quit_requested


def test_pumping_without_a_window_says_what_to_do():
    pygame.display.quit()
    with pytest.raises(InfrastructureError, match="no window is open; open the window"):
        EventPump().pump()
