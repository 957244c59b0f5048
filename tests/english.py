"""Rules of plain English that a program can check: fragments and retired words."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import click

FEWEST_WORDS = 3
"""Words that the entry of an argument, a result or an attribute has at least."""

NO_START = re.compile(
    r"(of|from|to|by|for|with|in|at|on|as|and|or|but|which|whose|who|how|what|whether"
    r"|where|when|no|not|it|its|that|this)\b",
    re.IGNORECASE,
)
"""Words that are no noun and no verb, so that a help text must not start with them."""

RETIRED = {
    r"\bdeal(s|ing|t)?\b": "assign (participants to folds)",
    r"\b(deal|dealt|drawn) anew\b": "repeated",
    r"\bPrint it\.": "Show the version and exit.",
    r"\bbeware\b": "warning",
    r"\bto paste\b": "Methods text",
    r"\bgo(es|ing)? on (where|after)\b": "resume",
    r"\btrain(ed|ing) again\b": "corrected for the variability of training",
    r"\bcarr(y|ies|ied|ying)( it)? out\b": "run",
    r"\b(told|tell|tells|telling) \S+( and \S+)? (from|apart)\b": "classify",
    r"\btold apart\b": "classified",
    r"\b[Tt]ells \S+( \S+){0,3} from\b": "classifies",
    r"\bwhat is not a number\b": "non-finite",
    r"\bstands? in unasked\b": "is a silent fallback",
    r"\bwent well\b": "passed",
    r"\bnetworks? looked\b": "attribution maps",
    r"\bat edge cm2\b": "Brain touching the image edge (cm²)",
    r"\blog jacobian least\b": "Minimum log-Jacobian",
    r"\bobject an event\b": "JSON lines",
    r"\bhas nobody with\b": "has no participant with",
    r"\b(Whose|Which|That)\.(\s|$)": "a whole phrase",
}
"""Words of our own that readers do not search for, and what stands in their place."""

ENTRY = re.compile(r"^( *)\**[\w.]+(?: \([^)]*\))?: +(\S.*)$")
SECTION = re.compile(r"^( *)(Args|Attributes|Returns|Yields):$")


def commands(root: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Walk over a command and all below it that the help shows, each with its words.

    Args:
        root: The command that all others are part of.

    Yields:
        The words, as ``crosswarp weights list``, and the command.
    """

    def below(
        words: str, command: click.Command
    ) -> Iterator[tuple[str, click.Command]]:
        yield words, command
        for name, each in getattr(command, "commands", {}).items():
            if not each.hidden:
                yield from below(f"{words} {name}", each)

    yield from below("crosswarp", root)


def help_faults(text: str | None) -> list[str]:
    """Say what is wrong with the help of a command, an option or an argument."""
    if not text:
        return ["has no help"]
    first = text.split()[0].rstrip(",;:.")
    rules = {
        "starts with a small letter": not first[0].isupper(),
        f"starts with {first!r}, neither noun nor verb": bool(NO_START.match(first)),
        "is one word": len(text.split()) < 2,
        "does not end with a full stop": not text.rstrip().endswith("."),
    }
    return [fault for fault, broken in rules.items() if broken]


def fragments(source: str) -> list[str]:
    """Find entries of docstrings that have fewer than three words.

    Args:
        source: Text of a Python file.

    Returns:
        The entries, as they stand.
    """
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    texts = [text for node in nodes if (text := ast.get_docstring(node))]
    return [
        entry
        for text in texts
        for entry in _entries(text)
        if len(entry.partition(": ")[2].split()) < FEWEST_WORDS
    ]


def _entries(docstring: str) -> Iterator[str]:
    """Yield ``name: text`` of the sections, the text on one line."""
    section, depth, entry = "", 0, ""
    for line in [*docstring.splitlines(), "end"]:
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent <= depth:
            if entry:
                yield entry
            section, entry = "", ""
        if found := SECTION.match(line):
            section, depth = found[2], len(found[1])
        elif section and line.strip():
            starts = indent == depth + 4 and (
                section in ("Args", "Attributes") or not entry
            )
            if starts and entry:
                yield entry
            text = line.strip()
            if starts and section in ("Returns", "Yields"):
                text = f"{section}: {text}"
            entry = text if starts else f"{entry} {text}"


def retired(text: str) -> list[str]:
    """Find retired words, each with the words around it."""
    flat = re.sub(r"\s+", " ", text)
    return [
        flat[max(0, found.start() - 20) : found.end() + 20]
        for pattern in RETIRED
        for found in re.finditer(pattern, flat)
    ]


def prose(source: str) -> str:
    """Return the comments, docstrings and other strings of a Python file.

    What an f-string fills in is code, and left out.
    """
    kinds = {tokenize.COMMENT, tokenize.STRING}
    kinds |= {getattr(tokenize, "FSTRING_MIDDLE", tokenize.COMMENT)}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    words = [token.string for token in tokens if token.type in kinds]
    filled = [re.sub(r"\{[^{}]*\}", "", w) if w[0] in "fF" else w for w in words]
    return "\n".join(re.sub(r'^[rbfu]*"+|"+$|^# ?', "", word) for word in filled)


def text_of(path: Path) -> str:
    """Read what a file says to people: a page whole, of code its strings."""
    text = path.read_text(encoding="utf-8")
    return prose(text) if path.suffix == ".py" else text
