"""`factordb`: the command line. A face: it asks the front door and speaks."""

import sys

from factordb.cli.console import speech


def main() -> None:
    """Run the program: choose the language first, since help texts are in it, then the command."""
    arguments = speech.use(sys.argv[1:])
    from factordb.cli.app import run  # help texts are made in the chosen language

    sys.exit(run(arguments))
