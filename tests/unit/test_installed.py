"""Files of packages, found without importing them."""

from __future__ import annotations

import pytest

from chalicelib.privacy.installed import file_of


def test_a_file_of_a_package_and_a_package_that_is_missing() -> None:
    assert file_of("jieba", "dict.txt").is_file()
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        file_of("no_such_package", "x")
