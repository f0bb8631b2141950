"""Settings as they are given in the environment and in a Flask configuration."""

import pytest

from rescind.errors import SettingsError
from rescind.settings import Settings

KEY = "a-key-of-enough-characters"


OLDER_KEY = "the-key-before-that-one"


def load(environ: dict[str, str] | None = None, /, **config: object) -> Settings:
    """Load settings from this environment and from options by their short names, as Flask would hold them."""
    named = {f"RESCIND_{name.upper()}": value for name, value in config.items()}
    return Settings.load(environ or {}, named, instance_path="/srv/rescind")


def refusal(environ: dict[str, str] | None = None, /, **config: object) -> str:
    """Load what has to be refused and return the sentence."""
    with pytest.raises(SettingsError) as caught:
        load(environ, **config)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)
