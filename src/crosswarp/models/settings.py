"""What can be chosen about a network."""

import difflib
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crosswarp.models.fusion.table import CHOICES, FUSIONS
from crosswarp.models.own_encoders import is_own, own_encoder
from crosswarp.models.pattern_choices import PATTERNS, pattern_fault
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
    "patterns",
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

RESNETS: Final = frozenset({"resnet10", "resnet18", "resnet34", "resnet50"})

_OF_ENCODER: Final[dict[str, frozenset[str]]] = {
    "pools": frozenset({"plain_cnn"}),
    "features": frozenset({"compact_cnn"}),
    "strides": frozenset({"compact_cnn"}),
    "norm": frozenset({"compact_cnn"}),
    "blocks": frozenset({"compact_cnn"}),
    "dropout": frozenset({"compact_cnn"}),
    "first_stride": RESNETS,
    "large_norm": RESNETS | {"densenet121"},
    "patterns": frozenset({PATTERNS}),
    "crossed": frozenset({PATTERNS}),
}
"""Encoders for which a choice means anything."""


class ModelSettings(BaseModel):
    """All choices of a network; recorded in its bundle.

    Attributes:
        name: How tables call it.
        encoder: ``plain_cnn`` is the paper's, ``compact_cnn`` is for 2 mm; the others
            are MONAI's; ``patterns`` scores the leading patterns of a map (`patterns`
            the module). ``module:Class`` is a class of your own, see
            `crosswarp.models.encoders.own`.
        jsm_encoder: Of the log-Jacobian map, where it is another than the T1w's. Its
            feature map is resampled onto the grid of the T1w's.
        fusion: How two maps become one answer: ``cross_attention``,
            ``self_attention`` of all tokens, ``bottleneck`` attention,
            the same in equal blocks, ``matched_cross_attention``,
            ``matched_self_attention``, ``matched_bottleneck``, with
            ``matched_separate`` in which the maps do not meet;
            ``concatenation`` of features, ``gating`` of T1w features by the JSM's,
            ``stacked`` channels, ``multiplied`` volumes, ``late_averaging`` of two
            networks' logits, ``crossed`` patterns; ``none`` with one map.
        weights: Name of the weights that the encoder starts from (`crosswarp model
            weights list`); None starts afresh.
        jsm_weights: The same for the log-Jacobian map's encoder, where there are two.
        maps: What the network sees.
        query: Which map asks in cross-attention; the paper's is ``jsm``.
        concatenated: Maps whose own tokens stand beside the attended ones.
        heads: Of the attention.
        bottlenecks: Tokens that alone carry information across.
        layers: Number of layers of a matched fusion.
        width: Features that tokens are brought to before they are fused; None keeps
            those of the T1w's encoder.
        pools: Of the plain encoder's stages; None has the paper's, for maps at 1 mm.
        features: Of the compact encoder's first stage; each stage doubles them.
        strides: Of the compact encoder's stages, 2 or 3.
        norm: Normalisation in the compact encoder.
        large_norm: Normalisation in a ResNet or DenseNet: ``batch`` as published, or
            ``group``, which does not depend on the size of a batch.
        blocks: Residual blocks at the end of the compact encoder.
        dropout: Chance that one of the compact encoder's features is left out.
        first_stride: Of a ResNet; 1 gives eight times the tokens.
        positions: Whether tokens are told their place and, where both maps' are in
            one sequence, their map.
        pooling: Tokens to one embedding; the paper's is ``mean``. ``place`` learns a
            weight for each place, ``attention`` a score that is linear in a token's
            features, ``gated_attention`` the score of Ilse et al. (2018).
        places: Evidence of places beside a network of both maps: ``maps`` has a weight
            for each place and map, ``products`` one for both maps' product, too.
        place_voxels: Edge of a place, or of a cube of the patterns, in voxels.
        patterns: Number of patterns of a map.
        crossed: Number of leading patterns of each map of which products are taken.
        standardise: ``voxel``: by each voxel's mean and SD over the training scans;
            ``fixed``: by one number a map; ``none``: maps as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)
    encoder: str
    jsm_encoder: str | None = None
    fusion: str
    weights: str | None = None
    jsm_weights: str | None = None
    maps: tuple[MapName, ...] = BOTH_MAPS
    query: Literal["jsm", "t1w", "both"] = "jsm"
    concatenated: tuple[MapName, ...] = ("t1w",)
    heads: int = Field(default=4, ge=1, le=64)
    bottlenecks: int = Field(default=4, ge=1, le=64)
    layers: int = Field(default=2, ge=1, le=12)
    width: int | None = Field(default=None, ge=4, le=2048)
    pools: tuple[Pool, Pool, Pool] | None = None
    features: int = Field(default=16, ge=4, le=256)
    strides: tuple[Literal[2, 3], ...] = Field(
        default=(3, 2, 2), min_length=1, max_length=6
    )
    norm: Literal["group", "instance", "batch", "none"] = "group"
    large_norm: Literal["batch", "group"] = "batch"
    blocks: int = Field(default=0, ge=0, le=8)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    first_stride: Literal[1, 2] = 2
    positions: bool = False
    pooling: Literal[
        "mean", "max", "mean_max", "attention", "gated_attention", "place"
    ] = "mean"
    places: Literal["none", "maps", "products"] = "none"
    place_voxels: int = Field(default=4, ge=1, le=32)
    patterns: int = Field(default=12, ge=1, le=64)
    crossed: int = Field(default=4, ge=0, le=16)
    standardise: Literal["none", "fixed", "voxel"] = "none"

    @field_validator("encoder", "jsm_encoder", mode="before")
    @classmethod
    def _encoder_known(cls, name: Any) -> Any:  # noqa: ANN401 - not checked yet
        if isinstance(name, str) and is_own(name):
            own_encoder(name)
            return name
        return _known("encoder", name, get_args(EncoderName))

    @field_validator("fusion", mode="before")
    @classmethod
    def _fusion_known(cls, name: Any) -> Any:  # noqa: ANN401 - not checked yet
        return _known("fusion", name, tuple(FUSIONS))

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
        if self.fusion == "none" and self.places != "none":
            msg = "places need both maps, and fusion none takes one; leave places out"
            raise ValueError(msg)
        if len(set(self.concatenated)) != len(self.concatenated):
            msg = f"concatenated names a map twice: {list(self.concatenated)}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _used(self) -> "ModelSettings":
        unused = (CHOICES - FUSIONS[self.fusion].means) | {
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
            if "norm" in given and not unused & {"large_norm"}:
                msg += ", or give large_norm, which a ResNet or DenseNet has"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _patterns_fit(self) -> "ModelSettings":
        fault = pattern_fault(self)
        if fault is not None:
            raise ValueError(fault)
        return self

    @model_validator(mode="after")
    def _carries(self) -> "ModelSettings":
        if self.fusion == "matched_bottleneck" and self.layers < 2:
            msg = (
                "matched_bottleneck needs two layers or more, got 1: the first fills"
                " the bottleneck, the second reads it"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _weights_keep_their_norm(self) -> "ModelSettings":
        if self.large_norm == "group" and any(self.weights_of_encoders):
            msg = (
                "pretrained weights of others were trained with batch normalisation;"
                " leave large_norm out, or weights"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _divisible(self) -> "ModelSettings":
        width = self.token_features
        if "heads" in FUSIONS[self.fusion].means and width % self.heads:
            msg = f"heads must divide the {width} features of a token, got {self.heads}"
            raise ValueError(msg)
        return self

    @property
    def token_features(self) -> int:
        """Features of a token as the fusion gets it."""
        if self.width is not None:
            return self.width
        if is_own(self.encoder):
            return own_encoder(self.encoder).out_features
        return FEATURES.get(self.encoder) or self.features << (len(self.strides) - 1)

    @property
    def first_map(self) -> MapName:
        """The map whose encoder decides where tokens lie."""
        return self.maps[0] if self.fusion == "none" else "t1w"

    @property
    def weights_of_encoders(self) -> tuple[str | None, ...]:
        """Names of the weights that the encoders start from, the T1w's first."""
        if self.encoder == PATTERNS:
            return ()
        if "jsm_weights" in FUSIONS[self.fusion].means:
            return (self.weights, self.jsm_weights)
        return (self.weights,)

    def weights_of(self, name: MapName) -> str | None:
        """Name the weights that the encoder of a map starts from, if any."""
        own = "jsm_weights" in FUSIONS[self.fusion].means and name == "jsm"
        return self.jsm_weights if own else self.weights

    @property
    def has_batch_norm(self) -> bool:
        """Whether the scans of a training batch change each other's answers."""
        used = {self.encoder_of(name) for name in self.maps}
        compact = "compact_cnn" in used and self.norm == "batch"
        large = bool(used & _OF_ENCODER["large_norm"]) and self.large_norm == "batch"
        own = any(own_encoder(each).has_batch_norm for each in used if is_own(each))
        return compact or large or own

    @property
    def own_sources(self) -> dict[str, str]:
        """Digests of the files of encoders of the user's own, by their names."""
        used = {self.encoder, self.jsm_encoder or self.encoder}
        return {each: own_encoder(each).source for each in sorted(used) if is_own(each)}

    def encoder_of(self, name: MapName) -> str:
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
