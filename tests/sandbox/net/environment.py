"""Reaching the loopback's services from the test's own process."""

from __future__ import annotations

import pytest

from tests.sandbox.net.server import Loopback

__all__ = ["reach"]

_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_OTHERS = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR")


def reach(net: Loopback, patch: pytest.MonkeyPatch) -> None:
    """Set the variables of `net.environment` as the command line has them, and no others of their kind."""
    for name in (*_CERTIFICATES, *_OTHERS):
        patch.delenv(name, raising=False)
        patch.delenv(name.lower(), raising=False)
    for name, value in net.environment.items():
        patch.setenv(name, value)
    for name in _CERTIFICATES:
        patch.setenv(name, str(net.ca))
