"""The worker exactly as `agent-factory worker` starts it, as a module that tests can run."""

from app.jobs.worker import main

if __name__ == "__main__":
    main()
