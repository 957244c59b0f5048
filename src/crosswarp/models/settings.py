"""What can be chosen about a network."""

import difflib
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crosswarp.models.weights.sources import find_source

MapName = Literal["t1w", "jsm"]
Pool = Annotated[int, Field(ge=1, le=8)]
EncoderName = Literal[
    "plain_cnn",
    "compact_cnn",
    "resnet10",
    "resnet18",
    "resnet34",
    "resnet50",
    "densenet121",
    "swin_unetr",
]
FusionName = Literal[
    "cross_attention",
    "self_attention",
    "bottleneck",
    "concatenation",
    "gating",
    "stacked",
    "multiplied",
    "late_averaging",
    "none",
]

BOTH_MAPS: Final[tuple[MapName, ...]] = ("t1w", "jsm")

FEATURES: Final[dict[str, int]] = {
    "plain_cnn": 64,
    "resnet10": 512,
    "resnet18": 512,
    "resnet34": 512,
    "resnet50": 2048,
    "densenet121": 1024,
    "swin_unetr": 768,
}
"""Of a token as the encoder gives it, where that is not chosen."""

ATTENDING: Final = frozenset({"cross_attention", "self_attention", "bottleneck"})

JOINED: Final = ATTENDING | {"concatenation", "gating"}
"""Fusions of two feature maps, which must have the same features and grid."""

_OF_ENCODER: Final[dict[str, frozenset[str]]] = {
    "pools": frozenset({"plain_cnn"}),
    "features": frozenset({"compact_cnn"}),
    "strides": frozenset({"compact_cnn"}),
    "norm": frozenset({"compact_cnn"}),
    "blocks": frozenset({"compact_cnn"}),
    "dropout": frozenset({"compact_cnn"}),
    "first_stride": frozenset({"resnet10", "resnet18", "resnet34", "resnet50"}),
}
"""Encoders for which a choice means anything."""

_OF_FUSION: Final[dict[str, frozenset[str]]] = {
    "query": frozenset({"cross_attention"}),
    "concatenated": frozenset({"cross_attention"}),
    "heads": ATTENDING,
    "bottlenecks": frozenset({"bottleneck"}),
    "width": JOINED,
    "jsm_encoder": JOINED | {"late_averaging"},
    "jsm_weights": JOINED | {"late_averaging"},
}
"""Fusions for which a choice means anything."""


class ModelSettings(BaseModel):
    """All choices of a network; recorded in its bundle.

    Attributes:
        name: How tables call it.
        encoder: ``plain_cnn`` is the paper's, ``compact_cnn`` is for 2 mm; the others
            are MONAI's.
        jsm_encoder: Of the log-Jacobian map, where it is another than the T1w's. Its
            feature map is resampled onto the grid of the T1w's.
        fusion: How two maps become one answer: ``cross_attention``,
            ``self_attention`` of all tokens, ``bottleneck`` attention,
            ``concatenation`` of features, ``gating`` of T1w features by the JSM's,
            ``stacked`` channels, ``multiplied`` volumes, ``late_averaging`` of two
            networks' logits; ``none`` with one map.
        weights: Name of the weights that the encoder starts from (`crosswarp weights
            list`); None starts afresh.
        jsm_weights: The same for the log-Jacobian map's encoder, where there are two.
        maps: What the network sees.
        query: Which map asks in cross-attention; the paper's is ``jsm``.
        concatenated: Maps whose own tokens stand beside the attended ones.
        heads: Of the attention.
        bottlenecks: Tokens that alone carry information across.
        width: Features that tokens are brought to before they are fused; None keeps
            those of the T1w's encoder.
        pools: Of the plain encoder's stages; None has the paper's, for maps at 1 mm.
        features: Of the compact encoder's first stage; each stage doubles them.
        strides: Of the compact encoder's stages, 2 or 3.
        norm: Normalisation in the compact encoder.
        blocks: Residual blocks at the end of the compact encoder.
        dropout: Chance that one of the compact encoder's features is left out.
        first_stride: Of a ResNet; 1 gives eight times the tokens.
        positions: Whether tokens are told their place and, where both maps' are in
            one sequence, their map.
        pooling: Tokens to one embedding; the paper's is ``mean``. ``place`` learns a
            weight for each place, ``attention`` a score for each token.
        standardise: ``voxel``: by each voxel's mean and SD over the training scans;
            ``fixed``: by one number a map; ``none``: maps as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)
    encoder: EncoderName
    jsm_encoder: EncoderName | None = None
    fusion: FusionName
    weights: str | None = None
    jsm_weights: str | None = None
    maps: tuple[MapName, ...] = BOTH_MAPS
    query: Literal["jsm", "t1w", "both"] = "jsm"
    concatenated: tuple[MapName, ...] = ("t1w",)
    heads: int = Field(default=4, ge=1, le=64)
    bottlenecks: int = Field(default=4, ge=1, le=64)
    width: int | None = Field(default=None, ge=4, le=2048)
    pools: tuple[Pool, Pool, Pool] | None = None
    features: int = Field(default=16, ge=4, le=256)
    strides: tuple[Literal[2, 3], ...] = Field(
        default=(3, 2, 2), min_length=1, max_length=6
    )
    norm: Literal["group", "instance", "batch", "none"] = "group"
    blocks: int = Field(default=0, ge=0, le=8)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    first_stride: Literal[1, 2] = 2
    positions: bool = False
    pooling: Literal["mean", "max", "mean_max", "attention", "place"] = "mean"
    standardise: Literal["none", "fixed", "voxel"] = "none"

    @field_validator("encoder", "jsm_encoder", mode="before")
    @classmethod
    def _encoder_known(cls, name: Any) -> Any:  # noqa: ANN401 - not checked yet
        return _known("encoder", name, get_args(EncoderName))

    @field_validator("fusion", mode="before")
    @classmethod
    def _fusion_known(cls, name: Any) -> Any:  # noqa: ANN401 - not checked yet
        return _known("fusion", name, get_args(FusionName))

    @model_validator(mode="after")
    def _weights_fit(self) -> "ModelSettings":
        for encoder, name in (
            (self.encoder, self.weights),
            (self.encoder_of("jsm"), self.jsm_weights),
        ):
            # InputError is a ValueError, so pydantic reports it.
            if name is not None and find_source(name).encoder != encoder:
                fitting = find_source(name).encoder
                msg = f"weights {name} are for encoder {fitting}, not {encoder}"
                raise ValueError(msg)
        return self

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
        unused = {
            name for name, fusions in _OF_FUSION.items() if self.fusion not in fusions
        } | {
            name
            for name, encoders in _OF_ENCODER.items()
            if not encoders & {self.encoder, self.jsm_encoder}
        }
        given = sorted(unused & self._changed())
        if given:
            msg = (
                f"{', '.join(given)} has no meaning for encoder"
                f" {self.encoder} with fusion {self.fusion}; leave it out"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _divisible(self) -> "ModelSettings":
        width = self.token_features
        if self.fusion in ATTENDING and width % self.heads:
            msg = f"heads must divide the {width} features of a token, got {self.heads}"
            raise ValueError(msg)
        return self

    @property
    def token_features(self) -> int:
        """Features of a token as the fusion gets it."""
        if self.width is not None:
            return self.width
        return FEATURES.get(self.encoder) or self.features << (len(self.strides) - 1)

    @property
    def first_map(self) -> MapName:
        """The map whose encoder decides where tokens lie."""
        return self.maps[0] if self.fusion == "none" else "t1w"

    @property
    def weights_of_encoders(self) -> tuple[str | None, ...]:
        """Names of the weights that the encoders start from, the T1w's first."""
        if self.fusion in _OF_FUSION["jsm_weights"]:
            return (self.weights, self.jsm_weights)
        return (self.weights,)

    def encoder_of(self, name: MapName) -> EncoderName:
        """Name the encoder of a map."""
        return (self.jsm_encoder or self.encoder) if name == "jsm" else self.encoder

    def _changed(self) -> set[str]:
        fields = type(self).model_fields
        return {name for name in fields if getattr(self, name) != fields[name].default}


def _known(kind: str, name: Any, names: tuple[str, ...]) -> Any:  # noqa: ANN401
    """Pass a name on, or say which one was meant."""
    if isinstance(name, str) and name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f", did you mean {near[0]}" if near else ""
        msg = f"no {kind} {name!r}{hint}? There are: {', '.join(names)}"
        raise ValueError(msg)
    return name
