"""The fusions: a new one is a file of its own and one entry here. Loads no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from crosswarp.models.fusion.fusion import Fusion
    from crosswarp.models.settings import ModelSettings

_TWO_ENCODERS: Final = ("jsm_encoder", "jsm_weights")


@dataclass(frozen=True)
class FusionEntry:
    """One way to make one answer of two maps, as the rest of the program knows it.

    Attributes:
        made_by: ``module:Class`` of a `Fusion` of two feature maps; called with the
            features of a token and with ``options``. None where `build_network` puts
            the encoders together in another way.
        options: Fields of `ModelSettings` that the class takes by their names.
        fixed: Arguments of the class that make it this fusion.
        modalities: Whether the class is told by ``modalities`` to mark the map that a
            token is from; ``positions`` of the settings decides.
        choices: Further fields of `ModelSettings` that mean something.
    """

    made_by: str | None = None
    options: tuple[str, ...] = ()
    fixed: Mapping[str, object] | None = None
    modalities: bool = False
    choices: tuple[str, ...] = ()

    @property
    def means(self) -> frozenset[str]:
        """Fields of `ModelSettings` that mean something with this fusion."""
        joins = () if self.made_by is None else ("width", *_TWO_ENCODERS)
        return frozenset({*self.options, *self.choices, *joins})

    def build(self, settings: "ModelSettings") -> "Fusion":
        """Make the fusion with fresh weights.

        Args:
            settings: Settings of the network; this entry has a class.
        """
        module, _, name = str(self.made_by).partition(":")
        given: dict[str, Any] = {key: getattr(settings, key) for key in self.options}
        if self.modalities:
            given["modalities"] = settings.positions
        made_by = getattr(import_module(module), name)
        fusion: Fusion = made_by(settings.token_features, **given, **(self.fixed or {}))
        return fusion


_ROOM: Final = "crosswarp.models.fusion"


def _matched(reach: str, *options: str) -> FusionEntry:
    return FusionEntry(
        f"{_ROOM}.matched:MatchedAttention",
        ("heads", "layers", *options),
        {"reach": reach},
        modalities=True,
    )


FUSIONS: Final[dict[str, FusionEntry]] = {
    "cross_attention": FusionEntry(
        f"{_ROOM}.cross_attention:CrossAttention", ("heads", "query", "concatenated")
    ),
    "self_attention": FusionEntry(
        f"{_ROOM}.self_attention:SelfAttention", ("heads",), modalities=True
    ),
    "bottleneck": FusionEntry(
        f"{_ROOM}.bottleneck:Bottleneck", ("heads", "bottlenecks"), modalities=True
    ),
    "matched_cross_attention": _matched("cross"),
    "matched_self_attention": _matched("all"),
    "matched_bottleneck": _matched("bottleneck", "bottlenecks"),
    "matched_separate": _matched("own"),
    "concatenation": FusionEntry(f"{_ROOM}.concatenation:Concatenation"),
    "gating": FusionEntry(f"{_ROOM}.gating:Gating"),
    "stacked": FusionEntry(),
    "multiplied": FusionEntry(),
    "late_averaging": FusionEntry(choices=_TWO_ENCODERS),
    "crossed": FusionEntry(),
    "none": FusionEntry(),
}
"""By name. All that names fusions reads this table."""

CHOICES: Final = frozenset(
    {"query", "concatenated", "heads", "bottlenecks", "layers", "width", *_TWO_ENCODERS}
)
"""Fields of `ModelSettings` that mean something with some fusions only."""
