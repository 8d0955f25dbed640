"""Lets `python -m app.cli` run the command line of the current checkout, whatever package is installed."""

from app.cli.main import main

main()
