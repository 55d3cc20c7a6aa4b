"""Pictures after pygame was closed and opened again."""

import numpy as np
import pygame

from iml_robot_envs.rendering import TopDownMap


def draw():
    """Return a picture with text in it: the distance of a goal outside the view."""
    view = TopDownMap(
        np.zeros((120, 120)), 0.2, (-12.0, -12.0), goal=(11.0, 0.0), goal_radius_m=1.0
    )
    return view.draw((-9.0, 0.0, 0.0), np.zeros((1, 2)), size=(240, 240))


def test_text_is_drawn_alike_after_pygame_was_closed():
    first = draw()
    # Every size of text anew, so that nothing comes from a store of pictures.
    for size in (241, 320, 480):
        pygame.quit()
        view = draw()
        np.testing.assert_array_equal(view, first)
        other = TopDownMap(
            np.zeros((120, 120)), 0.2, (-12.0, -12.0), goal=(11.0, 0.0), goal_radius_m=1.0
        )
        other.draw((-9.0 + size / 1000, 0.0, 0.0), np.zeros((1, 2)), size=(size, size))
