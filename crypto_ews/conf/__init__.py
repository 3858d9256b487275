"""The configuration: one typed, frozen object, parsed once from the environment and `.env`."""

from crypto_ews.conf.config import (
    PROJECT_ROOT,
    Config,
    ConfigurationError,
    get_config,
    parse_config,
    use_config,
    use_port,
    variables,
)

__all__ = [
    "PROJECT_ROOT",
    "Config",
    "ConfigurationError",
    "get_config",
    "parse_config",
    "use_config",
    "use_port",
    "variables",
]
