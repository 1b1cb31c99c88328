import pyotp
import pytest

from app.domain.accounts import one_time_codes as codes

# The test secret of RFC 6238 (SHA-1), and its published codes, of which the last six digits count.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PUBLISHED = [
    (59, "287082"),
    (1111111109, "081804"),
    (1234567890, "005924"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), PUBLISHED)
def test_the_published_codes_of_the_standard_are_accepted(seconds: int, code: str) -> None:
    assert codes.matching_step(SECRET, code, seconds * 1000, None) == seconds // 30


@pytest.mark.parametrize(("drift", "is_valid"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(drift: int, *, is_valid: bool) -> None:
    step = 50_000_000
    code = pyotp.HOTP(SECRET).at(step + drift)
    matching = codes.matching_step(SECRET, code, step * codes.STEP_MS, None)
    assert (matching == step + drift) is is_valid


@pytest.mark.parametrize(("last", "is_valid"), [(-1, True), (0, False), (1, False)])
def test_a_code_of_the_last_used_step_or_an_earlier_one_is_refused(
    last: int, *, is_valid: bool
) -> None:
    step = 50_000_000
    code = pyotp.HOTP(SECRET).at(step)
    matching = codes.matching_step(SECRET, code, step * codes.STEP_MS, step + last)
    assert (matching is not None) is is_valid


@pytest.mark.parametrize("text", ["123456", " 123 456 ", "123-456", "123\u00a0456"])
def test_spaces_and_hyphens_in_a_code_are_ignored(text: str) -> None:
    assert codes.app_code(text) == "123456"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "1" * 10_000])
def test_anything_but_six_digits_is_no_code(text: str) -> None:
    assert codes.app_code(text) is None


def test_a_recovery_code_may_be_typed_in_capitals_and_without_hyphens() -> None:
    code = "abcdefghijkl2345"
    assert codes.recovery_code(codes.grouped(code)) == code
    assert codes.recovery_code(f" {code.upper()} ") == code
    assert codes.recovery_code(code[:-1]) is None
    assert codes.recovery_code("123456") is None


def test_the_same_recovery_code_has_another_digest_for_another_person() -> None:
    assert codes.recovery_digest("a", "code") != codes.recovery_digest("b", "code")


def test_the_uri_names_the_person_and_the_product() -> None:
    uri = codes.provisioning_uri(SECRET, "ada@example.com")
    assert uri.startswith("otpauth://totp/Callboard:ada%40example.com?")
    assert f"secret={SECRET}" in uri
    assert "issuer=Callboard" in uri
