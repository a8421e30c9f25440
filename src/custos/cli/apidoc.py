"""The HTTP API as OpenAPI 3.1, without a server: `python -m custos.cli.apidoc` prints it.

The console's types are made from it: `npm run types` in console/, or `make docs`.
"""

from __future__ import annotations

import json
import sys

from custos import __version__
from custos.server.app import api_document


def main() -> None:
    """Print the document."""
    sys.stdout.write(json.dumps(api_document(__version__), indent=2) + "\n")


if __name__ == "__main__":
    main()
