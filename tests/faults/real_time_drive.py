"""A process that drives in real time and says what it does at every step.

Usage: python real_time_drive.py HANDS, with "policy" (nobody touches anything) or
"operator" (the dead-man key is held). Prints lines: monotonic time [s], mode, reason.
"""

import sys
import time

from fault_rig import START, Circling, FaultRig

from iml_robot.data.recorder import MemoryRecorder
from iml_robot.session.loop import Loop
from iml_robot.station.pacing import RealTimePacer


class Teller:
    def begin(self, start):
        pass

    def show(self, step, info):
        mode, reason = step.decision.mode.value, step.decision.reason
        sys.stdout.write(f"{time.monotonic()}\t{mode}\t{reason}\n")
        sys.stdout.flush()


def main():
    with FaultRig() as rig:
        rig.pump.clock = time.monotonic
        if sys.argv[1] == "operator":
            rig.down("LSHIFT")
        Loop(
            env=rig.env,
            operator=rig.operator,
            arbiter=rig.arbiter,
            recorder=MemoryRecorder(),
            view=Teller(),
            pacer=RealTimePacer(0.05),
        ).drive(Circling(), START)


main()
