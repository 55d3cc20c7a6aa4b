"""A session's progress that nobody is told of."""


class Quiet:
    def before_episode(self, number, total):
        return True

    def training(self, fraction):
        pass

    def episode(self, row, number, total):
        pass
