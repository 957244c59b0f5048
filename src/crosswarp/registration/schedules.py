"""What can be chosen of each back end that registers: its schedule."""

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

Resolution = Literal[1, 2]
"""Millimetres between voxels of the template grid."""


class BackendSettings(BaseModel):
    """What the settings of every back end have; its schedule comes on top.

    Attributes:
        backend: Name of the back end.
        resolution: Spacing of the images that are registered, in mm.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: str
    resolution: Resolution

    if TYPE_CHECKING:

        @property
        def participant_resolution(self) -> Resolution:
            """Spacing of the participant's image, in mm."""


class GreedySettings(BackendSettings):
    """Schedule of greedy: the fastest on a CPU.

    Attributes:
        backend: Name of the back end.
        resolution: Spacing of the images that are registered, in mm.
        affine_iterations: Per level, coarse to fine.
        deformable_iterations: Per level, coarse to fine.
        metric_radius: Half width of the patches whose normalised
            cross-correlation is maximised, in voxels.
        smoothing: Standard deviations, in voxels, of the Gaussians applied to
            each update and to the whole warp.
        seed: Of the metric's sampling in the affine stage.
    """

    backend: Literal["greedy"] = "greedy"
    resolution: Resolution = 2
    affine_iterations: tuple[int, ...] = (60, 0)
    deformable_iterations: tuple[int, ...] = (40, 12)
    metric_radius: int = Field(default=2, ge=1, le=8)
    smoothing: tuple[float, float] = (3.0, 1.0)
    seed: int = 42

    @property
    def participant_resolution(self) -> Resolution:
        """Spacing of the participant's image, in mm: the template's."""
        return self.resolution


class AntsSettings(BackendSettings):
    """Schedule of ANTs' SyN; the defaults are the paper's call.

    Attributes:
        backend: Name of the back end.
        resolution: Spacing of the images that are registered, in mm.
        iterations: Of SyN, per level, coarse to fine; each level halves the spacing.
        gradient_step: Gradient step of SyN.
        flow_sigma: Variance, in voxels of the level, of the Gaussian applied to
            each update.
        total_sigma: The same, applied to the whole field; 0 for none.
        seed: Of the metric's sampling in the affine stage.
    """

    backend: Literal["ants"] = "ants"
    resolution: Resolution = 1
    iterations: tuple[int, ...] = Field(default=(40, 20, 0), min_length=1)
    gradient_step: float = Field(default=0.2, gt=0)
    flow_sigma: float = Field(default=3.0, ge=0)
    total_sigma: float = Field(default=0.0, ge=0)
    seed: int = 42

    @property
    def participant_resolution(self) -> Resolution:
        """Spacing of the participant's image, in mm: the template's."""
        return self.resolution


class TorchSettings(BackendSettings):
    """Schedule of our own registration in PyTorch, on a GPU where there is one.

    Attributes:
        backend: Name of the back end.
        device: ``auto`` takes a CUDA device where there is one.
        resolution: Spacing of the images that are registered, in mm.
        affine_iterations: Most, at 8 mm and at 4 mm.
        deformable_iterations: Per level, coarse to fine; each halves the spacing.
        metric_radius: Half width of the patches whose squared correlation is
            maximised, in voxels.
        smoothing: Standard deviations, in voxels, of the Gaussians applied to
            each update and to the whole displacement.
        step: Length of the longest vector of an update, in voxels.
    """

    backend: Literal["torch"] = "torch"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    resolution: Resolution = 2
    affine_iterations: tuple[int, int] = (40, 40)
    deformable_iterations: tuple[int, ...] = Field(default=(40, 20), min_length=1)
    metric_radius: int = Field(default=3, ge=1, le=8)
    smoothing: tuple[float, float] = (5.0, 0.5)
    step: float = Field(default=0.25, gt=0)

    @property
    def participant_resolution(self) -> Resolution:
        """Spacing of the participant's image, in mm: the template's."""
        return self.resolution


class DerivativesSettings(BackendSettings):
    """A registration that another program made and kept: nothing is registered.

    Attributes:
        backend: Name that distinguishes these settings from those of a back end.
        resolution: Spacing of the grid that the displacement is taken to, in mm.
        made_by: Name and version of the program.
    """

    backend: Literal["derivatives"] = "derivatives"
    resolution: Resolution = 1
    made_by: str

    @property
    def participant_resolution(self) -> Resolution:
        """Spacing of the participant's image, in mm: the template's."""
        return self.resolution


class MapSettings(BackendSettings):
    """Schedule of maximum a posteriori registration, softer in listed structures.

    Attributes:
        backend: Name of the back end.
        device: ``auto`` takes a CUDA device where there is one.
        resolution: Spacing of the template, and of the displacement, in mm.
        participant_resolution: Spacing of the participant's image, in mm.
        affine_iterations: Most, at 8 mm and at 4 mm.
        metric_radius: Half width of the patches whose squared correlation the affine
            makes largest, in voxels.
        deformable_iterations: Of the dense part, per level, coarse to fine; each
            level halves the spacing.
        window: Standard deviation of the Gaussian that says what is near a voxel,
            in mm.
        noise_variance: Of an image whose brain has the variance 1.
        unexplained: Part of the variance near a voxel that no displacement explains.
        trust: Independent observations in a mm^3 of the images: how much the images
            weigh against the prior.
        stiffness: What it costs to displace, and to bend.
        soft_stiffness: The same, of the part that is added where the template says
            that volumes change.
        volume_stiffness: What the squared log-Jacobian costs, per mm^3.
    """

    backend: Literal["map"] = "map"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    resolution: Resolution = 2
    participant_resolution: Resolution = 1
    affine_iterations: tuple[int, int] = (40, 40)
    metric_radius: int = Field(default=3, ge=1, le=8)
    deformable_iterations: tuple[int, ...] = Field(default=(30, 30, 40), min_length=1)
    window: float = Field(default=4.0, gt=0)
    noise_variance: float = Field(default=2.5e-3, ge=0)
    unexplained: float = Field(default=0.02, gt=0, le=1)
    trust: float = Field(default=0.3, gt=0)
    stiffness: tuple[float, float] = (0.0005, 25.0)
    soft_stiffness: tuple[float, float] = (0.01, 4.0)
    volume_stiffness: float = Field(default=0.05, ge=0)


class TwoStageSettings(BackendSettings):
    """Schedule of two stages in PyTorch, with the same prior everywhere.

    The first stage composes small smooth steps up the local correlation; the second
    finds the most probable displacement, given that it bends little around the first.

    Attributes:
        backend: Name of the back end.
        device: ``auto`` takes a CUDA device where there is one.
        resolution: Spacing of the template, and of the displacement, in mm.
        participant_resolution: Spacing of the participant's image, in mm.
        affine_iterations: Most, at 8 mm and at 4 mm.
        metric_radius: Half width of the patches whose squared correlation the affine
            and the first stage make largest, in voxels.
        first_iterations: Of the first stage, per level, coarse to fine; each level
            halves the spacing, and the last works at 4 mm.
        smoothing: Standard deviations, in voxels of a level, of the Gaussians applied
            to each update and to the whole displacement of the first stage.
        step: Length of the longest vector of an update of the first stage, in voxels
            of a level.
        second_iterations: Of the second stage, per level, coarse to fine.
        window: Standard deviation of the Gaussian that says what is near a voxel,
            in mm.
        noise_variance: Of an image whose brain has the variance 1.
        unexplained: Part of the variance near a voxel that no displacement explains.
        trust: Independent observations in a mm^3 of the images: how much the images
            weigh against the prior.
        stiffness: What it costs to displace, and to bend, beyond the first stage.
        volume_stiffness: What the squared log-Jacobian costs, per mm^3, beyond the
            first stage.
    """

    backend: Literal["two_stage"] = "two_stage"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    resolution: Resolution = 2
    participant_resolution: Resolution = 1
    affine_iterations: tuple[int, int] = (40, 40)
    metric_radius: int = Field(default=3, ge=1, le=8)
    first_iterations: tuple[int, ...] = Field(default=(30, 30), min_length=1)
    smoothing: tuple[float, float] = (3.0, 0.5)
    step: float = Field(default=0.25, gt=0)
    second_iterations: tuple[int, ...] = Field(default=(20, 14), min_length=1)
    window: float = Field(default=4.0, gt=0)
    noise_variance: float = Field(default=2.5e-3, ge=0)
    unexplained: float = Field(default=0.02, gt=0, le=1)
    trust: float = Field(default=0.3, gt=0)
    stiffness: tuple[float, float] = (0.0005, 12.0)
    volume_stiffness: float = Field(default=0.05, ge=0)

    @property
    def first(self) -> TorchSettings:
        """Schedule of the first stage."""
        return TorchSettings(
            device=self.device,
            resolution=self.resolution,
            affine_iterations=self.affine_iterations,
            deformable_iterations=self.first_iterations,
            metric_radius=self.metric_radius,
            smoothing=self.smoothing,
            step=self.step,
        )

    @property
    def second(self) -> MapSettings:
        """Schedule of the second stage; its softer part is used nowhere."""
        return MapSettings(
            device=self.device,
            resolution=self.resolution,
            participant_resolution=self.participant_resolution,
            affine_iterations=self.affine_iterations,
            metric_radius=self.metric_radius,
            deformable_iterations=self.second_iterations,
            window=self.window,
            noise_variance=self.noise_variance,
            unexplained=self.unexplained,
            trust=self.trust,
            stiffness=self.stiffness,
            volume_stiffness=self.volume_stiffness,
        )
