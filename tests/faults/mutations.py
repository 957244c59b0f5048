"""Damage to a sound file: what disks, transfers, editors and attackers make of it."""

import gzip
import random
import re
from collections.abc import Callable
from typing import Final

TOKENS: Final = (
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\x1b[31m", b"\r", b"\n", b"\t", b"\\ud800"),
    *(b"null", b"NaN", b"-Infinity", b"1e999", b"9" * 401, b"-1", b"0", b"true"),
    *(b"[]", b"{}", b'""', b"[[[[", b"[" * 2000, b'{"a":' * 300, b"- " * 500),
    *(b"!!int abc", b"2020-13-45", b"&a [*a]", b"*a", b"<<: *a", b"!!binary x"),
    *(b"a: &a [x,x]\nb: &b [*a,*a]\n", b"../../etc", b"x" * 5000, b"n/a", b"=cmd()"),
    *(b"\xe2\x80\xae", b"'", b'"', b",", b":", b"$x^{", b"9" * 25, b"\x7f\xff\xff\xff"),
)
_NUMBER: Final = re.compile(rb"-?\d+(?:\.\d+)?")
_WORD: Final = re.compile(rb'"[^"\n]{0,80}"|[A-Za-z_/.-]{2,}')
_GZIP: Final = b"\x1f\x8b"


def _flip(content: bytearray, rng: random.Random) -> bytearray:
    for _ in range(rng.choice((1, 1, 2, 8, 200))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return content


def _at_start(content: bytearray, rng: random.Random) -> bytearray:
    """Change a byte among the first: that is where headers are."""
    content[rng.randrange(min(len(content), 352))] = rng.choice((0, 1, 127, 128, 255))
    return content


def _cut(content: bytearray, rng: random.Random) -> bytearray:
    return content[: rng.randrange(len(content))]


def _piece(content: bytearray, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(content))
    return start, min(len(content), start + rng.choice((1, 4, 16, 100, 3000)))


def _repeat(content: bytearray, rng: random.Random) -> bytearray:
    start, stop = _piece(content, rng)
    piece = content[start:stop] * rng.choice((1, 1, 30))
    return content[:stop] + piece + content[stop:]


def _drop(content: bytearray, rng: random.Random) -> bytearray:
    start, stop = _piece(content, rng)
    return content[:start] + content[stop:]


def _insert(content: bytearray, rng: random.Random) -> bytearray:
    start, stop = _piece(content, rng)
    kept = content[stop:] if rng.random() < 0.5 else content[start:]
    return content[:start] + rng.choice(TOKENS) + kept


def _replace(content: bytearray, rng: random.Random) -> bytearray:
    """Put a token in the place of a number or a word, which keeps the grammar."""
    form = rng.choice((_NUMBER, _WORD))
    found = list(form.finditer(bytes(content[:100_000])))
    if not found:
        return _insert(content, rng)
    taken = rng.choice(found)
    return content[: taken.start()] + rng.choice(TOKENS) + content[taken.end() :]


def _only(content: bytearray, rng: random.Random) -> bytearray:
    del content
    return bytearray(rng.choice((b"", *TOKENS)))


KINDS: Final[tuple[Callable[[bytearray, random.Random], bytearray], ...]] = (
    *(_flip, _at_start, _cut, _repeat, _drop, _insert, _replace, _replace, _replace),
)


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Damage a file.

    What is compressed is damaged inside, too, and compressed again.

    Args:
        content: Of a sound file.
        rng: Decides on everything.
    """
    if content.startswith(_GZIP) and rng.random() < 0.6:
        inner = mutated(gzip.decompress(content), rng)
        return gzip.compress(inner, compresslevel=1, mtime=0)
    if rng.random() < 0.01:
        return bytes(_only(bytearray(content), rng))
    made = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if made:
            made = rng.choice(KINDS)(made, rng)
    return bytes(made)
