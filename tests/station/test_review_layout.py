"""Nothing on the screens within a session overlaps or is cut off, in any size or theme."""

import itertools

import pygame
import pytest
import session_scenes as scenes

from iml_robot.station.palette import THEMES

FRAMES = [pygame.surfarray.array3d(pygame.Surface((38, 56)))] * 101


@pytest.fixture
def stage_of(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    opened = []

    def make(name, size, **options):
        opened.append(scenes.stage_of(name, monkeypatch, size, frames=FRAMES, **options))
        return opened[-1]

    yield make
    for stage in opened:
        stage.close()
    pygame.display.quit()


@pytest.mark.parametrize("size", [*scenes.SIZES[:3], (1280, 720, 2.0)])
@pytest.mark.parametrize("name", scenes.SCENES)
def test_nothing_overlaps_or_is_cut_off(stage_of, name, size):
    stage = stage_of(name, size)
    window = stage.surface.get_rect()
    assert len(stage.texts) > 3
    for placed in stage.texts:
        assert placed.text == placed.wanted
        assert window.contains(placed.rect)
    for one, other in itertools.combinations(stage.texts, 2):
        assert not one.rect.colliderect(other.rect), (one.text, other.text)


@pytest.mark.parametrize("theme", ["light", "contrast"])
@pytest.mark.parametrize(
    "name", ["pause", "review", "load-answered", "summary", "learning"]
)
def test_every_theme_is_drawn_in_its_own_colours(stage_of, name, theme):
    stage = stage_of(name, scenes.SIZES[0], theme=theme)
    picture = pygame.surfarray.array3d(stage.surface)
    assert (picture == THEMES[theme].background).all(axis=2).mean() > 0.1
