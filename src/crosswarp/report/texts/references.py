"""Sources of the methods that the page names."""

from crosswarp.report.parts import Text
from crosswarp.report.run import Run

REFERENCES = [
    "Zhang et al. (2025). arXiv 2503.00586. The fusion of scan and log-Jacobian map.",
    "Tustison et al. (2010). N4ITK. IEEE Transactions on Medical Imaging 29:1310.",
    "DeLong, DeLong & Clarke-Pearson (1988). Comparing areas under correlated ROC"
    " curves. Biometrics 44:837.",
    "Obuchowski (1997). ROC analysis of clustered data. Biometrics 53:567.",
    "Nadeau & Bengio (2003). Inference for the generalization error. Machine Learning"
    " 52:239.",
    "Satterthwaite (1946). Distribution of estimates of variance components. Biometrics"
    " Bulletin 2:110.",
    "Clopper & Pearson (1934). Confidence limits of the binomial. Biometrika 26:404.",
    "Holm (1979). A sequentially rejective test procedure. Scandinavian Journal of"
    " Statistics 6:65.",
    "Johnson et al. (2007). Adjusting batch effects in microarray expression data."
    " Biostatistics 8:118.",
    "Fortin et al. (2018). Harmonization of cortical thickness measurements across"
    " scanners and sites. NeuroImage 167:104.",
    "Guo et al. (2017). On calibration of modern neural networks. ICML.",
    "Cox (1958). Two further applications of a model for binary regression. Biometrika"
    " 45:562.",
    "Van Calster et al. (2019). Calibration: the Achilles heel of predictive analytics."
    " BMC Medicine 17:230.",
    "Vickers & Elkin (2006). Decision curve analysis. Medical Decision Making 26:565.",
    "Sundararajan, Taly & Yan (2017). Axiomatic attribution for deep networks. ICML.",
    "Collins et al. (2024). TRIPOD+AI. BMJ 385:e078378.",
    "Tejani et al. (2024). CLAIM, 2024 update. Radiology: Artificial Intelligence"
    " 6(4):e240300.",
]


def write(run: Run) -> Text:  # noqa: ARG001 - the same for every run
    """List them."""
    return Text([], list(REFERENCES))
