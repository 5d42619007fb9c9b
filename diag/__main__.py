"""``python -m diag``."""

import sys

from diag.main import cli

if __name__ == "__main__":
    sys.exit(cli())
