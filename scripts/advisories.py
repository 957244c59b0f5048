"""Compare the pins of constraints.txt with a public list of advisories (OSV).

    python -m scripts.advisories                   # asks https://api.osv.dev
    python -m scripts.advisories --server ADDRESS  # another server with its batch API

Ends with 0 when nothing is known, with 1 when a pin has an advisory that is not in
`advisories.txt`, and with 0 and a line that says so when the list could not be asked:
no network is no finding. `advisories.txt` holds those that were looked at and do not
concern this program, one a line, with the reason. Only names and versions are sent.
"""

import argparse
import http.client
import json
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
SERVER: Final = "https://api.osv.dev"
ECOSYSTEM: Final = "PyPI"
WAIT_SECONDS: Final = 30
MOST_BYTES: Final = 20_000_000
"""Of an answer; what is longer is none."""

Pins = Mapping[str, str]


class NotAskedError(Exception):
    """The list could not be asked, or its answer could not be read."""


def pins_of(text: str) -> dict[str, str]:
    """Read ``name==version`` lines; comments and empty lines are passed over.

    Raises:
        ValueError: If another line is there.
    """
    pins = {}
    for line in text.splitlines():
        content = line.partition("#")[0].strip()
        if not content:
            continue
        name, equals, version = content.partition("==")
        if not (name and equals and version):
            message = f"expected name==version, found {content!r}"
            raise ValueError(message)
        pins[name.strip()] = version.strip()
    return pins


def reviewed_of(text: str) -> dict[str, str]:
    """Read advisories that were looked at: an identifier and why it does not concern.

    Raises:
        ValueError: If a line has no reason.
    """
    reviewed = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        identifier, _, reason = line.strip().partition(" ")
        if not reason.strip():
            message = f"expected an identifier and a reason, found {line!r}"
            raise ValueError(message)
        reviewed[identifier] = reason.strip()
    return reviewed


def ask(pins: Pins, server: str) -> dict[str, list[str]]:
    """Ask which advisories the pins have.

    Args:
        pins: Version by name of the package.
        server: Address with OSV's batch API.

    Returns:
        Identifiers by name, of packages that have any.

    Raises:
        NotAskedError: If there is no network, or no answer that can be read.
    """
    queries = [
        {"package": {"name": name, "ecosystem": ECOSYSTEM}, "version": version}
        for name, version in pins.items()
    ]
    results = _answer(f"{server}/v1/querybatch", {"queries": queries})
    if len(results) != len(queries):
        message = f"{len(queries)} were asked, {len(results)} answered"
        raise NotAskedError(message)
    try:
        found = {
            name: sorted(each["id"] for each in result.get("vulns", []))
            for name, result in zip(pins, results, strict=True)
        }
    except (AttributeError, KeyError, TypeError) as error:
        message = "the answer has not the form of OSV's"
        raise NotAskedError(message) from error
    return {name: identifiers for name, identifiers in found.items() if identifiers}


def _answer(address: str, content: object) -> list[Any]:
    request = urllib.request.Request(
        address,
        data=json.dumps(content).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as reply:
            answer = json.loads(reply.read(MOST_BYTES))
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        raise NotAskedError(str(error) or type(error).__name__) from error
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        message = "the answer has no list of results"
        raise NotAskedError(message)
    return results


def judged(
    pins: Pins, found: Mapping[str, list[str]], reviewed: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Divide what was found into what nobody has looked at, and the rest.

    Returns:
        Lines of advisories that are new, and of those that were reviewed.
    """
    new, known = [], []
    for name, identifiers in sorted(found.items()):
        for identifier in identifiers:
            line = f"{name} {pins[name]}: {identifier}"
            if identifier in reviewed:
                known.append(f"{line} (reviewed: {reviewed[identifier]})")
            else:
                new.append(line)
    return new, known


def main(words: list[str] | None = None) -> int:
    """Compare, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.advisories")
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--pins", type=Path, default=ROOT / "constraints.txt")
    parser.add_argument("--reviewed", type=Path, default=ROOT / "advisories.txt")
    chosen = parser.parse_args(words)
    pins = pins_of(chosen.pins.read_text(encoding="utf-8"))
    reviewed = reviewed_of(chosen.reviewed.read_text(encoding="utf-8"))
    try:
        found = ask(pins, chosen.server)
    except NotAskedError as error:
        say = f"the pins were NOT compared with the advisories: {error}"
        sys.stdout.write(f"· no answer from {chosen.server}; {say}\n")
        return 0
    new, known = judged(pins, found, reviewed)
    for line in known:
        sys.stdout.write(f"· {line}\n")
    if not new:
        sys.stdout.write(f"· {len(pins)} pins, no advisory that was not reviewed\n")
        return 0
    sys.stderr.write("\n".join(f"error: {line}" for line in new) + "\n")
    sys.stderr.write(
        "change the pin in constraints.txt (and run scripts/hashes), or write why it "
        "does not concern this program into advisories.txt\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
