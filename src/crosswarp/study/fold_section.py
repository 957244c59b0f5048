"""The section ``folds`` of the study file."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from crosswarp.study.sections import Existing, Section


def _listed(given: object) -> object:
    """Take one text for a list of one."""
    return [given] if isinstance(given, str) else given


class Folds(Section):
    """Cross-validation folds: how to make them, or a table of the user's own.

    Attributes:
        file: Table of the user's own; nothing is made then.
        folds: Number of folds.
        repeats: Number of times the cross-validation is repeated.
        seed: Random seed; the study's when None.
        validation_fraction: Fraction of each training set held out for model selection.
        stratify: Columns to balance the folds by besides the diagnosis.
        age_edges: Ages in years at which bands of age begin; fixed ones when None.
        group: Column of participants who stay in one fold, such as a family.
        leave_one_out: Column of which each value is held out in turn, such as site.
        test_where: Participants who are tested only, each as ``column=value``.
        apply: Published split, to rebuild for this cohort.
        publish: File to write the split to, by salted hashes of ids.
        salt: Salt of the published hashes; a random one when None.
        balance: Columns of the table of balance, besides diagnosis, age, sex and site.
    """

    file: Existing | None = None
    folds: int = Field(default=5, ge=2)
    repeats: int = Field(default=1, ge=1)
    seed: int | None = Field(default=None, ge=0, lt=2**31)
    validation_fraction: float = Field(default=0.2, ge=0, lt=1)
    stratify: tuple[str, ...] = ()
    age_edges: tuple[float, ...] | None = None
    group: str | None = None
    leave_one_out: str | None = None
    test_where: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    apply: Existing | None = None
    publish: Path | None = None
    salt: str | None = None
    balance: tuple[str, ...] = ()

    def faults(self) -> list[str]:
        """Say what does not go together, one phrase a fault."""
        given = self.model_fields_set
        if self.file is not None and (others := sorted(given - {"file"})):
            return [
                f"folds: file is taken as it is; leave {', '.join(others)} out, or"
                " have `crosswarp folds` check it first"
            ]
        made = {"folds", "repeats", "seed", "validation_fraction", "stratify"}
        made |= {"age_edges", "leave_one_out", "test_where"}
        faults = []
        if self.apply is not None and (others := sorted(given & made)):
            faults.append(
                "folds: apply takes a published split as it is; leave"
                f" {', '.join(others)} out"
            )
        if self.leave_one_out and self.test_where:
            faults.append(
                "folds: leave_one_out and test_where both say who is tested; give one"
                " of them"
            )
        by_column = "leave_one_out" if self.leave_one_out else "test_where"
        if (self.leave_one_out or self.test_where) and "folds" in given:
            faults.append(
                f"folds: {by_column} says how many folds there are; leave folds out"
            )
        if self.salt is not None and self.publish is None:
            faults.append("folds: salt is of the file that publish names; give both")
        return faults
