"""Drives a session, new or resumed, and closes what it has opened."""


def run_to_end(session, env, episodes, *, resume):
    """Start or resume a session, drive so many episodes, and close it in any case."""
    try:
        session.resume() if resume else session.start()
        session.run(episodes)
    finally:
        session.trainer.close()
        env.close()
