"""`python -m assignment06 COMMAND`: the commands of the Makefile, which calls this, on systems without make too."""

import sys

from assignment06.orchestration.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
