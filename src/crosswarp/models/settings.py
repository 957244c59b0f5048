"""What can be chosen about a network."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MapName = Literal["t1w", "jsm"]

BOTH_MAPS: Final[tuple[MapName, ...]] = ("t1w", "jsm")

_OF_COMPACT: Final = frozenset({"features", "strides", "norm", "blocks", "dropout"})
_OF_ATTENTION: Final = frozenset({"query", "concatenated", "heads"})


class ModelSettings(BaseModel):
    """All choices of a network; recorded in its bundle.

    Attributes:
        name: How tables call it.
        encoder: ``plain_cnn`` is the paper's, ``compact_cnn`` is for 2 mm.
        fusion: How two maps become one answer: ``cross_attention``,
            ``concatenation`` of features, ``stacked`` channels; ``none`` with one map.
        maps: What the network sees.
        query: Which map asks in cross-attention; the paper's is ``jsm``.
        concatenated: Maps whose own tokens stand beside the attended ones.
        heads: Of the attention.
        features: Of the compact encoder's first stage; each stage doubles them.
        strides: Of the compact encoder's stages, 2 or 3.
        norm: Normalisation in the compact encoder.
        blocks: Residual blocks at the end of the compact encoder.
        dropout: Chance that one of the compact encoder's features is left out.
        positions: Whether tokens are told their place.
        pooling: Tokens to one embedding; the paper's is ``mean``. ``place`` learns a
            weight for each place, ``attention`` a score for each token.
        standardise: ``voxel``: by each voxel's mean and SD over the training scans;
            ``fixed``: by one number a map; ``none``: maps as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)
    encoder: Literal["plain_cnn", "compact_cnn"]
    fusion: Literal["cross_attention", "concatenation", "stacked", "none"]
    maps: tuple[MapName, ...] = BOTH_MAPS
    query: Literal["jsm", "t1w", "both"] = "jsm"
    concatenated: tuple[MapName, ...] = ("t1w",)
    heads: int = Field(default=4, ge=1, le=64)
    features: int = Field(default=16, ge=4, le=256)
    strides: tuple[Literal[2, 3], ...] = Field(
        default=(3, 2, 2), min_length=1, max_length=6
    )
    norm: Literal["group", "instance", "batch", "none"] = "group"
    blocks: int = Field(default=0, ge=0, le=8)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    positions: bool = False
    pooling: Literal["mean", "max", "mean_max", "attention", "place"] = "mean"
    standardise: Literal["none", "fixed", "voxel"] = "none"

    @model_validator(mode="after")
    def _consistent(self) -> "ModelSettings":
        if self.fusion == "none" and len(self.maps) != 1:
            msg = f"fusion none takes one map, maps has {list(self.maps)}"
            raise ValueError(msg)
        if self.fusion != "none" and set(self.maps) != set(BOTH_MAPS):
            msg = f"fusion {self.fusion} takes both maps, maps has {list(self.maps)}"
            raise ValueError(msg)
        if len(set(self.concatenated)) != len(self.concatenated):
            msg = f"concatenated names a map twice: {list(self.concatenated)}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _used(self) -> "ModelSettings":
        unused: set[str] = set()
        if self.encoder != "compact_cnn":
            unused |= self._changed(_OF_COMPACT)
        if self.fusion != "cross_attention":
            unused |= self._changed(_OF_ATTENTION)
        if unused:
            msg = (
                f"{', '.join(sorted(unused))} has no meaning for encoder"
                f" {self.encoder} with fusion {self.fusion}; leave it out"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _divisible(self) -> "ModelSettings":
        width = self.token_features
        if self.fusion == "cross_attention" and width % self.heads:
            msg = f"heads must divide the {width} features of a token, got {self.heads}"
            raise ValueError(msg)
        return self

    @property
    def token_features(self) -> int:
        """Features of a token as the encoder gives it."""
        if self.encoder == "plain_cnn":
            return 64
        return self.features << (len(self.strides) - 1)

    def _changed(self, names: frozenset[str]) -> set[str]:
        fields = type(self).model_fields
        return {name for name in names if getattr(self, name) != fields[name].default}
