"""What is looked at before a robot moves: devices, emergency stop, policy, disk, person."""
