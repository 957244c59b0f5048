"""Errors of the machine are told from those of a scan, whoever raised them."""

import errno
import gzip
import os

import pytest

from crosswarp.errors import (
    MachineError,
    MissingDerivativeError,
    MissingPackageError,
    ScanError,
    StorageError,
)
from crosswarp.machine import ended_by_machine, machine_status


def of_system(number: int) -> OSError:
    return OSError(number, os.strerror(number), "file")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MemoryError(), "memory"),
        (RuntimeError("std::bad_alloc"), "memory"),
        (
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp:118] data. DefaultCPUAllocator: can't"
                " allocate memory: you tried to allocate 68719476736 bytes."
            ),
            "memory",
        ),
        (RuntimeError("Failed to allocate memory for image."), "memory"),
        (RuntimeError("CUDA error: unspecified launch failure"), "machine"),
        (RuntimeError("No CUDA GPUs are available"), "machine"),
        (RuntimeError("CUDA unknown error - this may be due to"), "machine"),
        (RuntimeError("Unexpected error from cudaGetDeviceCount()"), "machine"),
        (RuntimeError("CUDA error: device-side assert triggered"), None),
        (ValueError("the CUDA error: of a file's name"), None),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "memory"),
        (
            ImportError("x.so: failed to map segment: Cannot allocate memory"),
            "memory",
        ),
        (of_system(errno.ENOMEM), "memory"),
        (of_system(errno.ENOSPC), "disk"),
        (of_system(errno.EROFS), "disk"),
        (StorageError("no space"), "disk"),
        *(
            (of_system(number), "machine")
            for number in (
                errno.ENOENT,
                errno.EACCES,
                errno.EIO,
                errno.ESTALE,
                errno.ETIMEDOUT,
                errno.EMFILE,
            )
        ),
        (MissingPackageError("dcm2niix"), "machine"),
        (MachineError("ended from outside"), "machine"),
        (RuntimeError("can't start new thread"), "machine"),
        (ScanError("no image"), None),
        (ValueError("out of range"), None),
        (RuntimeError("no brain in it"), None),
        (gzip.BadGzipFile("Not a gzipped file"), None),
        (MissingDerivativeError("no maps"), None),
        (of_system(errno.EISDIR), None),
    ],
)
def test_each_error_has_its_status(error: Exception, status: str | None) -> None:
    assert machine_status(error) == status


def test_an_error_in_our_words_is_judged_by_its_cause() -> None:
    def put_into_words(cause: Exception) -> ScanError:
        error = ScanError("no brain was found")
        error.__cause__ = cause
        return error

    assert machine_status(put_into_words(of_system(errno.EIO))) == "machine"
    assert machine_status(put_into_words(RuntimeError("bad_alloc"))) == "memory"
    assert machine_status(put_into_words(ValueError("bad header"))) is None
    # What was being handled when it was raised is no cause.
    by_itself = ScanError("by itself")
    by_itself.__context__ = of_system(errno.EIO)
    assert machine_status(by_itself) is None


def test_errors_in_a_circle_end() -> None:
    one, other = ScanError("one"), ScanError("other")
    one.__cause__, other.__cause__ = other, one
    assert machine_status(one) is None


def test_a_program_that_was_killed_did_not_fail() -> None:
    assert [ended_by_machine(code) for code in (-9, -15, -11, 1, 0)] == [
        *(True, True, False, False, False)
    ]
