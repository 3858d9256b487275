"""Where Django's secret key is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from crypto_ews.conf import ConfigurationError, parse_config
from crypto_ews.secret_key import secret_key


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    config = parse_config({"EWS_DATA_DIR": str(tmp_path / "data")})
    key = secret_key(config)
    assert len(key) >= 50 and secret_key(config) == key
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_data_folder_that_cannot_be_used_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "data"
    with pytest.raises(ConfigurationError) as refused:
        secret_key(parse_config({"EWS_DATA_DIR": str(folder)}))
    assert f"EWS_DATA_DIR was {str(folder)!r}, expected a folder that can be written" in str(refused.value)
