import json

import pytest

from iml_robot.core.errors import UsageError
from iml_robot.core.types import Link, Request
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.input.reading import DeviceReading
from iml_robot.devices.input.recording import (
    ALONE,
    Around,
    Final,
    RecordingWriter,
    read_recording,
)
from iml_robot.devices.playback import Playback

BINDINGS = [("Space", "EMERGENCY STOP")]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "person.jsonl"


def written(file, *blocks, layout="rover"):
    """A recording of blocks of readings."""
    writer = RecordingWriter(file)
    writer.start(layout, BINDINGS)
    for seed, block in enumerate(blocks):
        writer.reset(seed)
        for reading in block:
            writer.add(reading)
    writer.close()
    return file


READINGS = [
    DeviceReading("keyboard", link=Link.OK),
    DeviceReading("keyboard", forward=0.1 + 0.2, turn=-1 / 3, moving=True, link=Link.OK),
    DeviceReading("pad", up=1e-17, left=-1.0, gripping=True, link=Link.FOCUS_LOST),
    DeviceReading(
        "pad",
        connected=False,
        lost=True,
        requests=frozenset({Request.EMERGENCY_STOP, Request.QUIT}),
        link=Link.DEVICE_REMOVED,
    ),
    DeviceReading("pad", evaluation=-1.0, requests=frozenset(Request), link=Link.STALE),
]


def test_what_is_read_back_is_what_was_written_to_the_last_bit(file):
    recording = read_recording(written(file, READINGS, READINGS[:1]))
    assert recording.blocks == [READINGS, READINGS[:1]]
    assert (recording.layout, recording.bindings) == ("rover", BINDINGS)


AROUND = [
    ALONE,
    Around(0.1 + 0.2),
    Around(0.7, late=True),
    Around(0.05, final=Final((1 / 3, -1.0), gripping=True)),
    Around(0.05, final=Final(None, requests=frozenset({Request.END_EPISODE}))),
]


def test_what_steps_depended_on_besides_is_read_back_to_the_last_bit(file):
    writer = RecordingWriter(file)
    writer.start("rover", BINDINGS)
    writer.reset(0)
    for reading, around in zip(READINGS, AROUND, strict=True):
        writer.add(reading, around)
    writer.close()
    recording = read_recording(file)
    assert (recording.blocks, recording.around) == ([READINGS], [AROUND])
    played = Playback(EventPump(), file=str(file))
    assert played.around == ALONE
    played.reset()
    for around in AROUND:
        assert played.around == around
        played.read()
    assert played.around == ALONE


def test_a_recording_of_the_first_schema_is_still_played(file):
    lines = written(file, READINGS).read_text().splitlines()
    head = json.dumps({**json.loads(lines[0]), "schema": 1})
    file.write_text("".join(f"{line}\n" for line in [head, *lines[1:]]))
    assert read_recording(file).blocks == [READINGS]


def test_playing_goes_through_the_blocks_reset_by_reset(file):
    pump = EventPump(clock=lambda: 7.0)
    played = Playback(pump, file=str(written(file, READINGS[:2], READINGS[2:3])))
    assert played.read().connected
    assert not played.read().engaged
    for block in (READINGS[:2], READINGS[2:3]):
        played.reset()
        names = ("name", "forward", "turn", "up", "left", "gripping", "link")
        for expected in block:
            reading = played.read()
            assert reading.time_s == 7.0
            assert [getattr(reading, n) for n in names] == [
                getattr(expected, n) for n in names
            ]


def test_after_the_last_step_of_an_episode_nobody_is_there(file):
    played = Playback(EventPump(), file=str(written(file, READINGS[:1])))
    played.reset()
    played.read()
    after = [played.read() for _ in range(2)]
    assert [(r.connected, r.lost) for r in after] == [(False, True), (False, False)]
    played.reset()
    assert not played.read().connected


def test_each_line_is_on_disk_at_once(file):
    writer = RecordingWriter(file)
    writer.start("rover", BINDINGS)
    writer.reset(0)
    writer.add(READINGS[1])
    assert read_recording(file).blocks == [[READINGS[1]]]
    writer.close()


def test_a_line_that_a_crash_cut_off_costs_that_step_alone(file):
    text = written(file, READINGS).read_text()
    file.write_text(text[:-5])
    assert read_recording(file).blocks == [READINGS[:-1]]


def test_a_recording_is_never_written_over(file):
    written(file, READINGS)
    with pytest.raises(UsageError, match="there is a recording already; name another"):
        RecordingWriter(file)


def test_a_disk_that_is_full_ends_the_recording_and_stops_nobody(file, monkeypatch, caplog):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("pathlib.Path.open", lambda path, *mode, **options: full)
        writer = RecordingWriter(file)
        for _ in range(3):
            writer.add(READINGS[0])
        writer.close()
        assert caplog.text.count("the recording ends here: [Errno 28]") == 1
        assert full.closed


def _without(number):
    def change(lines):
        return lines[:number] + lines[number + 1 :]

    return change


def _set(number, **values):
    def change(lines):
        entry = {**json.loads(lines[number]), **values}
        return [*lines[:number], json.dumps(entry), *lines[number + 1 :]]

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without(0), "no recording of input with a schema up to 2"),
        (_set(0, schema=3), "no recording of input with a schema up to 2"),
        (_without(1), "line 2: a step is missing"),
        (_without(3), "line 4: a step is missing"),
        (_set(3, forward="fast"), "line 4: damaged: forward is 'fast', not a number"),
        (_set(3, elapsed_s="long"), "line 4: damaged: must be real number"),
        (_set(3, elapsed_s=1e999), "line 4: damaged: elapsed_s is inf, not a number"),
        (_set(3, final={"action": None}), "line 4: damaged: 'moving'"),
        (_set(3, requests=["fly"]), "line 4: damaged: 'fly' is not a valid Request"),
        (_set(3, speed=1.0), r"line 4: damaged: unknown keys \['speed'\]"),
        (lambda lines: [*lines[:2], "{{", *lines[3:]], "line 3: damaged"),
        (lambda lines: [*lines[:2], "[1]", *lines[3:]], "line 3: damaged: no object"),
        (lambda lines: [], "no recording of input"),
    ],
)
def test_a_damaged_recording_is_refused_with_its_line(file, change, words):
    lines = written(file, READINGS).read_text().splitlines()
    file.write_text("".join(f"{line}\n" for line in change(lines)))
    with pytest.raises(UsageError, match=words):
        Playback(EventPump(), file=str(file))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "needs a recording, got none; set operator.device_options.playback.file"),
        ({"file": "/nowhere/person.jsonl"}, "cannot read the recording: No such file"),
    ],
)
def test_a_playback_without_a_recording_is_refused(options, words):
    with pytest.raises(UsageError, match=words):
        Playback(EventPump(), **options)


def test_a_recording_of_another_kind_of_robot_is_refused(file):
    path = str(written(file, READINGS, layout="drone"))
    assert Playback(EventPump(), file=path, layout="drone").bindings() == BINDINGS
    with pytest.raises(UsageError, match="steers a drone, and this robot is steered as a"):
        Playback(EventPump(), file=path, layout="rover")
