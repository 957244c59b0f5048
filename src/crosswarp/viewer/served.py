"""What is served: the models that may be asked, and a run where there is one."""

from dataclasses import dataclass
from pathlib import Path

from crosswarp.errors import CrosswarpError, InputError
from crosswarp.execution.isolated import run_isolated
from crosswarp.study.names import BUNDLE_CARD, MODELS, PREDICTIONS


@dataclass(frozen=True)
class ServedModel:
    """A model that may be asked.

    Attributes:
        name: As it is chosen on the page.
        path: A bundle, or a model's folder in a run.
        trained_on: Whom its networks have seen, in one line.
    """

    name: str
    path: Path
    trained_on: str


@dataclass(frozen=True)
class Served:
    """What a server was given.

    Attributes:
        models: Models that may be asked, at least one for a bundle.
        run: Folder of the run; None for a bundle.
        faults: Why models of the run cannot be asked, one line each.
    """

    models: tuple[ServedModel, ...]
    run: Path | None = None
    faults: tuple[str, ...] = ()

    def model(self, name: str | None) -> ServedModel | None:
        """Find a model by its name; the first one when no name is given."""
        known = {each.name: each for each in self.models}
        if name is None:
            return self.models[0] if self.models else None
        return known.get(name)


def look_at(source: Path) -> Served:
    """Look at a source in a child process: its libraries would stay in memory.

    Raises:
        InputError: If it cannot be served; says why.
    """
    outcome = run_isolated(read_served, source)
    if outcome.status != "ok":
        raise InputError(outcome.reason)
    found: Served = outcome.value
    return found


def read_served(source: Path) -> Served:
    """Tell a bundle, a model's folder and a run apart, and read the cards.

    Raises:
        InputError: If it is none of them, or a newer version wrote a bundle.
        MixedError: If training has begun to change the run and has not ended.
    """
    if (source / PREDICTIONS).is_file() and (source / MODELS).is_dir():
        folders = sorted(path for path in (source / MODELS).iterdir() if path.is_dir())
        # Baselines have no bundles.
        asked = [f for f in folders if next(f.glob(f"*/*/{BUNDLE_CARD}"), None)]
        return _of_run(source, asked)
    if not source.is_dir():
        msg = f"no folder at {source}: expected a bundle, a model's folder or a run"
        raise InputError(msg)
    return Served((_model(source),))


def _of_run(run: Path, folders: list[Path]) -> Served:
    """Read the cards of a run; its tables can be looked at without them."""
    models, faults = [], []
    for folder in folders:
        try:
            models.append(_model(folder))
        except CrosswarpError as error:
            faults.append(str(error).replace(f"{run}/", ""))
    return Served(tuple(models), run, tuple(faults))


def _model(folder: Path) -> ServedModel:
    from crosswarp.models.bundle_card import read_card
    from crosswarp.prediction.places import find_bundles

    card = read_card(find_bundles(folder)[0])
    people = len(card.people)
    noun = "participant" if people == 1 else "participants"
    classes = " against ".join(card.classes)
    told = f"{classes}, trained on {people} {card.origin} {noun}"
    return ServedModel(card.model.name, folder, told)
