"""Settings: `mediassist.toml` in the platform's config folder, then `MEDIASSIST_*`, then flags.

Later wins. Read once at an edge (command line, window) and passed in from there.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_APP = "mediassist"
_PACKAGE = Path(__file__).resolve().parent


def config_file() -> Path:
    """Where the settings file of this user is expected."""
    return platformdirs.user_config_path(_APP, appauthor=False) / "mediassist.toml"


def _default_data_dir() -> Path:
    return platformdirs.user_data_path(_APP, appauthor=False)


def _default_bundles_dir() -> Path:
    """`model_weights/` beside the package in a checkout, else the folder inside the wheel."""
    checkout = _PACKAGE.parent / "model_weights"
    return checkout if checkout.is_dir() else _PACKAGE / "model_weights"


class Settings(BaseSettings):
    """What a site or a user may set.

    Attributes
    ----------
    bundles_dir : folder with one sub-folder per model bundle.
    data_dir : runtime graphs, work folder of the window, logs.
    lang : language of reports and of the window, `en` or `zh`.
    institution, reader : printed in the report and kept with decisions.
    assume_charset : character set of DICOM text where the file names none.
    experimental : experimental models take part without being named; they are too weak to rely
        on.
    """

    model_config = SettingsConfigDict(env_prefix="MEDIASSIST_", extra="ignore")

    bundles_dir: Path = Field(default_factory=_default_bundles_dir)
    data_dir: Path = Field(default_factory=_default_data_dir)
    lang: str = "en"
    institution: str = ""
    reader: str = ""
    assume_charset: str = "GB18030"
    experimental: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, toml_file=config_file())
        return init_settings, env_settings, toml
