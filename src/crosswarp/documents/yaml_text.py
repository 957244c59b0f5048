"""YAML as people write settings: no types but those of JSON, and bounded.

The parser's events are walked first, which takes no recursion: an alias counts for
all that it stands for, so that ten lines cannot grow into ten thousand million.
"""

import math
from collections.abc import Hashable
from typing import Any, Final

import yaml

VALUES: Final = 50_000
"""Values of a file, an alias counted for all that it stands for."""

_PREFIX: Final = "tag:yaml.org,2002:"
_NUMBERS: Final = (f"{_PREFIX}int", f"{_PREFIX}float")
_KINDS: Final = ("null", "bool", "int", "float", "str", "seq", "map")
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc] # libyaml's where it is there
    """Loader of text, numbers, truth values, lists and mappings."""

    yaml_constructors = {
        f"{_PREFIX}{kind}": _Base.yaml_constructors[f"{_PREFIX}{kind}"]
        for kind in _KINDS
    } | {None: _Base.yaml_constructors[None]}
    yaml_implicit_resolvers = {  # noqa: RUF012 - as the base class has it
        start: [one for one in known if one[0] != f"{_PREFIX}timestamp"]
        for start, known in _Base.yaml_implicit_resolvers.items()
    }

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._checked: set[int] = set()

    def flatten_mapping(self, node: Any) -> None:  # noqa: ANN401 - yaml is untyped
        """Refuse a key that is there twice, then take over what is merged (``<<``)."""
        if id(node) not in self._checked:
            # Once: afterwards the node has the keys of what was merged, too.
            self._checked.add(id(node))
            self._check_keys(node)
        super().flatten_mapping(node)

    def _check_keys(self, node: Any) -> None:  # noqa: ANN401 - yaml is untyped
        seen: set[Hashable] = set()
        for key, _ in node.value:
            if key.tag == f"{_PREFIX}merge":
                continue
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str | int | float | bool | None):
                msg = f"a key must be text, got {name!r:.60}"
                raise TypeError(msg)
            if name in seen:
                msg = f"{name!r:.60} is there twice"
                raise ValueError(msg)
            seen.add(name)


def parsed_yaml(text: str, *, depth: int, digits: int) -> Any:  # noqa: ANN401
    """Parse YAML.

    Args:
        text: Text of one document.
        depth: How deep lists and mappings may lie in each other.
        digits: Digits of the longest number.

    Raises:
        ValueError: If it is not YAML, or goes over a bound.
    """
    try:
        _Walk(depth, digits).check(text)
        found = yaml.load(text, Loader=_Loader)
    except (
        yaml.YAMLError,
        # Of the constructors, on text that a tag calls something else.
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
    ) as error:
        raise ValueError(str(error)) from error
    _check_numbers(found, digits)
    return found


class _Walk:
    """Bounds on a document, taken from the parser's events.

    Args:
        depth: How deep lists and mappings may lie in each other.
        digits: Digits of the longest number.
    """

    def __init__(self, depth: int, digits: int) -> None:
        self._depth = depth
        self._digits = digits
        self._open: list[tuple[str | None, int]] = []  # anchor, values before it
        self._sizes: dict[str, int] = {}  # of whole anchored values
        self._values = 0

    def check(self, text: str) -> None:
        """Walk all of a document.

        Raises:
            ValueError: If it goes over a bound.
            yaml.YAMLError: If it is not YAML.
        """
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                anchor, before = self._open.pop()
                self._known(anchor, self._values - before)
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(str(event.anchor))
            if self._values > VALUES:
                msg = f"more than {VALUES} values, aliases counted"
                raise ValueError(msg)

    def _begin(self, event: Any) -> None:  # noqa: ANN401 - yaml is untyped
        self._open.append((event.anchor, self._values))
        self._values += 1
        if len(self._open) > self._depth:
            msg = f"more than {self._depth} lists or mappings lie in each other"
            raise ValueError(msg)

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 - yaml is untyped
        self._values += 1
        self._known(event.anchor, 1)
        if len(event.value) <= self._digits:
            return
        tag = event.tag
        if tag is None and event.implicit[0]:
            first = _Loader.yaml_implicit_resolvers.get(event.value[0], [])
            tag = next((t for t, form in first if form.match(event.value)), None)
        if tag in _NUMBERS:
            msg = f"a number of {len(event.value)} digits; {self._digits} are read"
            raise ValueError(msg)

    def _alias(self, anchor: str) -> None:
        if any(anchor == name for name, _ in self._open):
            msg = f"*{anchor:.60} lies in what it stands for"
            raise ValueError(msg)
        self._values += self._sizes.get(anchor, 1)

    def _known(self, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self._sizes[anchor] = size


def _check_numbers(value: Any, digits: int) -> None:  # noqa: ANN401 - not checked yet
    """Refuse numbers that no float holds; the depth is known to be bounded."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_numbers(key, digits)
            _check_numbers(inner, digits)
    elif isinstance(value, list):
        for inner in value:
            _check_numbers(inner, digits)
    elif isinstance(value, float) and not math.isfinite(value):
        msg = f"{value} is no number"
        raise ValueError(msg)
    elif isinstance(value, int) and abs(value) >= 10**digits:
        msg = f"a number of more than {digits} digits"
        raise ValueError(msg)
