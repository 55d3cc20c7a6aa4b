"""The mark of tests that build the wheel."""


def pytest_configure(config):
    config.addinivalue_line("markers", "build: builds and installs the wheel")
