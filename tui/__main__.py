"""`python -m tui` is the command `dltutor`."""

import sys

from tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
