"""Messages: whole, unless what they quote is a damaged file's."""

from pathlib import Path

import pytest

from crosswarp.errors import (
    LONGEST,
    CrosswarpError,
    InputError,
    MissingDerivativeError,
    MissingPackageError,
    QualityError,
)


def test_a_word_that_no_file_can_have_is_cut() -> None:
    path = Path("/" + "/".join(["a" * 255] * 3)) / "scan.nii.gz"
    told = str(InputError(f"{path}: age '{'x' * 5000}' is no number"))
    assert told == f"{path}: age '{'x' * 59}… is no number"


@pytest.mark.parametrize(
    "error", [CrosswarpError, InputError, MissingDerivativeError, MissingPackageError]
)
def test_a_message_fits_a_screen(error: type[CrosswarpError]) -> None:
    assert str(error("as it is")) == "as it is"
    told = str(error("no " * 3000))
    assert told.startswith("no no no")
    assert told.endswith("… (9000 characters)")
    assert len(told) < LONGEST + 50


def test_numbers_go_with_the_message() -> None:
    error = QualityError("too small", {"brain_volume_cm3": 1.0})
    assert (str(error), error.numbers) == ("too small", {"brain_volume_cm3": 1.0})
