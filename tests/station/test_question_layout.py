"""Nothing overlaps and nothing is cut on the screens that ask something."""

import itertools

import pytest
from screen_rig import pictures
from screen_scenes import SCENES, SIZES, Content, stage_of

from iml_robot.station.palette import DARK, contrast

MORE_SIZES = [(960, 600, 1.0), (1024, 768, 1.0), (2560, 1080, 1.0)]


@pytest.fixture
def picture(monkeypatch):
    stages = []

    def make(name, size, content=None):
        stages.append(stage_of(name, monkeypatch, size, content=content))
        return stages[-1]

    yield make
    for stage in stages:
        stage.close()


@pytest.mark.parametrize("size", [*SIZES, *MORE_SIZES], ids=str)
@pytest.mark.parametrize("name", SCENES)
def test_texts_are_whole_apart_and_on_the_screen(picture, name, size):
    stage = picture(name, size)
    texts = stage.texts
    assert len(texts) > 2
    assert [p.wanted for p in texts if p.text != p.wanted] == []
    overlapping = [
        (a.text, b.text)
        for a, b in itertools.combinations(texts, 2)
        if a.rect.colliderect(b.rect)
    ]
    assert overlapping == []
    assert all(stage.surface.get_rect().contains(p.rect) for p in texts)


@pytest.mark.parametrize("frame", [(30, 400), (400, 30), (500, 500)])
def test_films_of_any_shape_are_shown_whole(picture, frame):
    content = Content()
    content.films = lambda segment: pictures(20, shade=200, size=frame)
    stage = picture("question", (1280, 720, 1.0), content)
    lit = [
        (x, y)
        for x in range(0, 1280, 4)
        for y in range(80, 520, 4)
        if len(set(stage.surface.get_at((x, y))[:3])) == 1
        and 200 <= stage.surface.get_at((x, y))[0] < 220
    ]
    for half in (range(640), range(640, 1280)):
        xs = [x for x, _ in lit if x in half]
        ys = [y for x, y in lit if x in half]
        wide, high = max(xs) - min(xs) + 4, max(ys) - min(ys) + 4
        assert wide / high == pytest.approx(frame[0] / frame[1], rel=0.15)


@pytest.mark.parametrize("ground", [DARK.background, DARK.card])
@pytest.mark.parametrize("colour", [DARK.policy, DARK.operator, DARK.warning])
def test_graphics_stand_out_from_the_ground(colour, ground):
    # WCAG 2.1 asks for 3 to 1 between graphics and what they lie on.
    assert contrast(colour, ground) >= 3.0
