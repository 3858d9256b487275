"""Django's secret key: from the configuration, else made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets

from crypto_ews.conf import Config, ConfigurationError
from crypto_ews.conf.values import ConfigurationFault


def secret_key(config: Config) -> str:
    """The configured key, or the one in `EWS_DATA_DIR/secret_key`, made at first use (mode 0600).

    Raises ConfigurationError where the folder cannot be used.
    """
    if config.secret_key:
        return config.secret_key
    try:
        return _stored_key(config)
    except OSError as error:
        expected = f"a folder that can be written ({error.strerror})"
        raise ConfigurationError([ConfigurationFault("EWS_DATA_DIR", repr(str(config.data_dir)), expected)]) from None


def _stored_key(config: Config) -> str:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    file = config.data_dir / "secret_key"
    temporary = file.with_name(f"secret_key.{os.getpid()}")
    if not file.exists():
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
        try:
            # A link fails where another process was first: then its key is the one.
            os.link(temporary, file)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return file.read_text().strip()
