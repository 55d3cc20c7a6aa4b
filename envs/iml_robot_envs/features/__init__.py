"""What can be good or bad about driving, in numbers that operators have words for.

A feature is a number for every robot and control step: how much of something there was. It
says nothing about whether that is good; a weight does. Features are told in
`info["features"]` and change nothing else.

One family a file: features that are computed together because they look at the same
things. `RobotTask.features` lists the families of a task.
"""
