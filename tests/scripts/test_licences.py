"""`scripts.licences`: what packages say of themselves."""

from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from scripts import licences


def installed(folder: Path, name: str, *lines: str) -> Distribution:
    place = folder / f"{name}-1.0.dist-info"
    place.mkdir()
    head = ("Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0")
    (place / "METADATA").write_text("\n".join([*head, *lines]) + "\n\nA text: MIT.\n")
    return Distribution.at(place)


@pytest.mark.parametrize(
    ("lines", "licence", "kind"),
    [
        (["License-Expression: MIT"], "MIT", "permissive"),
        (["License-Expression: MIT", "License: GPL-3.0"], "MIT", "permissive"),
        (
            ["License: see the file", "Classifier: License :: OSI Approved :: "
             "Mozilla Public License 2.0 (MPL 2.0)"],
            "Mozilla Public License 2.0 (MPL 2.0)",
            "copyleft",
        ),
        (["License: LGPLv3+"], "LGPLv3+", "copyleft"),
        (["License: MIT OR GPL-2.0-only"], "MIT OR GPL-2.0-only", "copyleft"),
        (["License: A SIMPLE IMPLEMENTATION"], "A SIMPLE IMPLEMENTATION", "unknown"),
        (["License: all rights limited"], "all rights limited", "unknown"),
        (["Classifier: License :: OSI Approved"], "unknown", "unknown"),
        ([], "unknown", "unknown"),
    ],
)  # fmt: skip
def test_the_licence_and_its_kind(
    tmp_path: Path, lines: list[str], licence: str, kind: str
) -> None:
    found = licences.licence_of(installed(tmp_path, "some", *lines))
    assert found == licences.Licence("some", "1.0", licence, kind)


def test_packages_are_listed_once_and_by_name(tmp_path: Path) -> None:
    packages = [installed(tmp_path, name) for name in ("beta", "Alpha")]
    found = licences.licences([*packages, packages[0]])
    assert [entry.name for entry in found] == ["Alpha", "beta"]


def test_everything_installed_is_in_the_table(capsys) -> None:
    licences.main([])
    said = capsys.readouterr()
    head, *rows = (line.split("\t") for line in said.out.splitlines())
    assert head == ["name", "version", "licence", "kind"]
    versions = {name: version for name, version, _, _ in rows}
    assert versions["numpy"] == distribution("numpy").version
    assert versions["crosswarp"] == "0.1.0"
    assert {kind for *_, kind in rows} <= {"permissive", "copyleft", "unknown"}
    licences.main(["--flagged"])
    flagged = capsys.readouterr().out.splitlines()[1:]
    assert [r.split("\t") for r in flagged] == [r for r in rows if r[3] != "permissive"]
    assert f"{len(flagged)} to look at" in said.err
