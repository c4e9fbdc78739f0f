"""Trained networks as a labelled dataset of xarray, which is installed with the extra ``export``."""

from typing import TYPE_CHECKING

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.export.labelled import Content, Labelled

if TYPE_CHECKING:
    import xarray


def dataset(content: Content) -> "xarray.Dataset":
    """Return variables and coordinates with their units and meanings; settings are attributes of the whole.

    Raises
    ------
    SettingsError
        If xarray is not installed.
    """
    try:
        import xarray
    except ImportError:
        raise SettingsError(
            "xarray: must be installed for labelled arrays: pip install -e '.[export]'"
        ) from None
    variables, coordinates = (
        {name: (one.dims, one.values, _explained(one)) for name, one in part.items()}
        for part in (content.variables, content.coordinates)
    )
    return xarray.Dataset(variables, coordinates, content.attributes)


def _explained(one: Labelled) -> dict[str, str]:
    """Return the attributes of an array, by the names that plots of xarray look for."""
    unit = {"units": one.unit} if one.unit else {}
    return {"long_name": one.meaning, **unit}
