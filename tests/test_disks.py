"""disks: what a disk refuses is one line, whichever library writes."""

import errno
import gc
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import nibabel as nib
import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from crosswarp.baselines.smoothing import smoothed
from crosswarp.disks import machine_fault, reserve
from crosswarp.errors import InputError, StorageError
from crosswarp.files import storage_named, written_folder, written_whole
from crosswarp.inputs.store import _new_array
from tests.faults.disks import files_limited, small_disk

KB = 64
LARGE = np.random.default_rng(0).normal(size=(80, 80, 40)).astype(np.float32)
ROWS = LARGE.reshape(-1, 40)[:2000]

# Libraries leave files open that they could not write.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def _none_left_open() -> Iterator[None]:
    """Let go of such files here, not in the middle of another test."""
    yield
    gc.collect()


def picture(path: Path) -> None:
    figure, axes = plt.subplots()
    axes.imshow(LARGE[:, :, 0])
    figure.savefig(path, dpi=900)
    plt.close(figure)


WRITERS = {
    "text.txt": lambda path: path.write_text("x" * 10**6),
    "map.nii.gz": lambda path: nib.save(nib.Nifti1Image(LARGE, np.eye(4)), path),
    "map.nii": lambda path: nib.save(nib.Nifti1Image(LARGE, np.eye(4)), path),
    "array.npy": lambda path: np.save(path, LARGE),
    "table.txt": lambda path: np.savetxt(path, ROWS),
    "table.tsv": lambda path: pd.DataFrame(ROWS).to_csv(path, sep="\t"),
    "net.ckpt": lambda path: torch.save({"a": torch.from_numpy(LARGE)}, path),
    "net.safetensors": lambda path: save_file({"a": torch.from_numpy(LARGE)}, path),
    "picture.png": picture,
    "store.npy": lambda path: _new_array(path, LARGE.shape).flush(),
}


def refused(name: str, folder: Path) -> str:
    with (
        pytest.raises(StorageError) as caught,
        written_folder(folder / "out") as temporary,
        written_whole(temporary / name) as path,
    ):
        WRITERS[name](path)
    assert list(folder.iterdir()) == []
    return str(caught.value)


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    place = tmp_path / "disk"
    with small_disk(place, KB) as allowed:
        if not allowed:
            pytest.skip("no disk may be mounted here")
        told = refused(name, place)
    assert f"(disk {place})" in told
    assert "free some" in told
    assert told.endswith("then give the same command again")


@pytest.mark.parametrize("name", WRITERS)
def test_a_limit_of_files_is_one_line_that_names_the_folder(
    tmp_path: Path, name: str
) -> None:
    with files_limited(KB * 1000):
        told = refused(name, tmp_path)
    assert str(tmp_path) in told
    assert told.endswith("then give the same command again")


def test_smoothed_maps_take_their_space_first(tmp_path: Path) -> None:
    maps = np.zeros((4, 40, 40, 40), dtype=np.float16)
    with (
        files_limited(KB * 1000),
        pytest.raises(StorageError, match="same command again"),
        smoothed(maps, 4.0, (1.0, 1.0, 1.0), tmp_path),
    ):
        pass


def test_without_reserving_a_full_disk_ends_the_process(tmp_path: Path) -> None:
    program = (
        "import numpy as np, sys\n"
        "np.lib.format.open_memmap(sys.argv[1], 'w+', 'f4', (10**6,))[:] = 1\n"
    )
    with small_disk(tmp_path / "disk", KB) as allowed:
        if not allowed:
            pytest.skip("no disk may be mounted here")
        command = [sys.executable, "-c", program, str(tmp_path / "disk" / "a.npy")]
        ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode < 0


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EINVAL])
def test_space_is_taken_by_writing_where_it_cannot_be_asked_for(
    tmp_path: Path, monkeypatch, number: int
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", unsupported)
    path = tmp_path / "a"
    with path.open("xb") as file:
        file.write(b"head")
        reserve(file, 3_000_000)
    assert path.read_bytes() == b"head" + bytes(2_999_996)
    assert path.stat().st_blocks * 512 >= 3_000_000
    with (
        (tmp_path / "b").open("xb") as file,
        files_limited(1000),
        pytest.raises(OSError, match="large"),
    ):
        reserve(file, 3_000_000)


def test_our_own_errors_are_not_the_disk(tmp_path: Path) -> None:
    told = "the network says: No space left on device"
    with pytest.raises(InputError, match="network"), storage_named(tmp_path):
        raise InputError(told)
    with pytest.raises(ValueError, match="seven"), storage_named(tmp_path):
        raise ValueError("seven")  # noqa: EM101


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.EMFILE, "x"), "raise `ulimit -n`"),
        (OSError(errno.ENOMEM, "x"), "too little memory"),
        (BlockingIOError(errno.EAGAIN, "x"), "ulimit -u"),
        (MemoryError(), "too little memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "too little"),
        (RuntimeError("can't start new thread"), "no more threads"),
        (OSError(errno.EROFS, "x", "/sys/a"), "/sys/a (disk /sys): the file system"),
        (OSError(errno.EIO, "x"), "a disk of this machine: the disk reports"),
        (PermissionError(errno.EACCES, "x", "scan.nii"), "scan.nii: no permission"),
    ],
)
def test_what_the_machine_refuses_is_said(error: Exception, told: str) -> None:
    said = machine_fault(error)
    assert said is not None
    assert told in said
    assert said.endswith("then give the same command again")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a"),
        RuntimeError("b"),
        FileNotFoundError(2, "x"),
        io.UnsupportedOperation("c"),
    ],
)
def test_a_bug_is_none_of_the_machine(error: Exception) -> None:
    assert machine_fault(error) is None
