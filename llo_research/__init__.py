"""Open statistics behind a learning-culture monitor. Public names are imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "1.0.0"

_WHERE = {
    "errors": "LloError DataError DesignError CalibrationError IdentificationError DisclosureError LloWarning"
    " LloDeprecationWarning",
    "survey": "Survey item_mean read_survey stack suppose_break",
    "weighting": "calibrate poststratify replicate EstimatedTotals trim adjust_nonresponse combine_parts",
    "estimation": "mean share total ratio variance quantile crosstab gap change gap_change trend break_robustness joint"
    " banner correlation covariance ranks meta_analysis narrowing combine_imputations read_result weight_report Result",
    "regression": "glm ordered compare",
    "decomposition": "rank_gap",
    "scanning": "scan",
    "data": "load read_file read_microdata instruments codebook published synthetic truth",
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names.split()}
_SUBPACKAGES = {
    "decomposition": "decomposition",
    "monitor": "monitor",
    "panel": "regression.panel",
    "report": "report",
    "weighting": "weighting",
}

__all__ = [*_MODULE_OF, *_SUBPACKAGES, "__version__"]


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives, on first use."""
    if name in _SUBPACKAGES:
        return import_module(f"{__name__}.{_SUBPACKAGES[name]}")
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
