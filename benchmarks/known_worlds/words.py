"""Words of a command line of these benchmarks, each of which can be repeated."""

from collections import defaultdict
from collections.abc import Sequence


def words_of(arguments: Sequence[str]) -> defaultdict[str, list[str]]:
    """Collect what is given as ``word=value``; a word that is not has no values.

    Example:
        >>> words_of(["seed=1", "seed=2"])["seed"]
        ['1', '2']
    """
    asked = defaultdict(list)
    for argument in arguments:
        word, value = argument.split("=", 1)
        asked[word].append(value)
    return asked
