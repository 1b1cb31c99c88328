import pytest
from cryptography.fernet import InvalidToken

from app.runtime.vault import Vault

OLD, NEW, OTHER = ("old-key" * 8, "new-key" * 8, "other-key" * 8)


def test_a_secret_is_encrypted_and_decrypted() -> None:
    sealed = Vault(NEW).seal("whsec_1")
    assert b"whsec" not in sealed
    assert Vault(NEW).open(sealed) == "whsec_1"


def test_a_previous_key_decrypts_but_does_not_encrypt() -> None:
    vault = Vault(NEW, [OTHER, OLD])
    assert vault.open(Vault(OLD).seal("whsec_1")) == "whsec_1"
    assert Vault(NEW).open(vault.seal("whsec_2")) == "whsec_2"
    with pytest.raises(InvalidToken):
        Vault(OLD).open(vault.seal("whsec_2"))


def test_an_unknown_key_decrypts_nothing() -> None:
    with pytest.raises(InvalidToken):
        Vault(NEW, [OTHER]).open(Vault(OLD).seal("whsec_1"))


def test_a_secret_that_is_not_set_stays_none() -> None:
    assert Vault(NEW).open_or_none(None) is None
    assert Vault(NEW).open_or_none(Vault(NEW).seal("x")) == "x"


def test_resealing_replaces_a_previous_key_and_nothing_else() -> None:
    vault = Vault(NEW, [OLD])
    old, current = Vault(OLD).seal("whsec_1"), vault.seal("whsec_2")
    assert Vault(NEW).open(vault.reseal(old)) == "whsec_1"
    assert vault.reseal(current) == current
    with pytest.raises(InvalidToken):
        vault.reseal(Vault(OTHER).seal("x"))


def test_a_fingerprint_identifies_a_key() -> None:
    fingerprints = {Vault(key, [OTHER]).fingerprint for key in (OLD, NEW, NEW)}
    assert len(fingerprints) == 2
    assert all(len(bytes.fromhex(fingerprint)) == 4 for fingerprint in fingerprints)
