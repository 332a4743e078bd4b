"""``python -m llo_research`` is the command ``llo``."""

import sys

from llo_research.cli import main

if __name__ == "__main__":
    sys.exit(main())
