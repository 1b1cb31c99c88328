"""The samples of the verify page, each run by its own runtime."""

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.domain.webhooks import schemes, signing
from app.web.webhooks.verify import LANGUAGES, SAMPLES

DRIVERS = Path(__file__).parent / "verify_drivers"
NOW = 1_700_000_000
ID = "msg_0192f4c1-0000-7000-8000-000000000000"
# Not UTF-8, a line's end at its end, and what a shell would make something of.
BODY = b'{"a": "\xe9$(id) `x` %s"}\n\n'
OTHER = b'{"a": "\xe9$(id) `x` %s"}\n'
V1 = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
V1_BEFORE = "whsec_" + base64.b64encode(b"another secret of 32 bytes......").decode()
V1A = "whsk_" + base64.b64encode(b"a seed of thirty-two bytes, this").decode()
V1A_BEFORE = "whsk_" + base64.b64encode(b"the seed of the key before this.").decode()

Case = tuple[str, list[str], bool]


def _case(
    name: str,
    taken: bool,
    *,
    secret: str,
    signature: str,
    id_: str = ID,
    timestamp: str = str(NOW),
    now: int = NOW,
    body: bytes = BODY,
) -> Case:
    shown = signing.public_key(secret) if secret.startswith("whsk_") else secret
    encoded = base64.b64encode(body).decode()
    return name, [id_, timestamp, signature, shown, str(now), encoded], taken


def signature_cases(mine: str, before: str) -> list[Case]:
    """(name, fields for the driver, whether the request is to be taken)."""
    other_kind = V1A if mine == V1 else V1
    right, old = signing.sign([mine], ID, NOW, BODY), signing.sign([before], ID, NOW, BODY)
    empty = signing.sign([mine], ID, NOW, b"")
    wrong_kind = signing.sign([other_kind], ID, NOW, BODY)

    def case(name: str, taken: bool = False, *, signature: str = right, **other: Any) -> Case:
        return _case(name, taken, signature=signature, **{"secret": mine} | other)

    return [
        case("right", True),
        case("an empty body", True, signature=empty, body=b""),
        case("two signatures, ours last", True, signature=f"{old} {right}"),
        case("two signatures, ours first", True, signature=f"{right} {old}"),
        case("a signature of another kind beside it", True, signature=f"{wrong_kind} {right}"),
        case("five minutes old", True, now=NOW + 300),
        case("five minutes ahead", True, now=NOW - 300),
        case("too old", now=NOW + 301),
        case("too far ahead", now=NOW - 301),
        case("another body", body=OTHER),
        case("another id", id_=ID + "1"),
        case("another timestamp", timestamp=str(NOW + 1)),
        case("another secret", secret=before),
        case("only the signature of the secret before", signature=old),
        case("only a signature of another kind", signature=wrong_kind),
        case("no version", signature=right.partition(",")[2]),
        case("another version", signature="v2," + right.partition(",")[2]),
        case("a signature cut short", signature=right[:-4]),
        case("a signature that is no base64", signature=right[:6] + "*!"),
        case("an asterisk", signature="*"),
        case("no signature", signature="-"),
        case("no timestamp", timestamp="-"),
        case("no id", id_="-"),
        case("a timestamp with a sign", timestamp=f"+{NOW}"),
        case("a timestamp that is no number", timestamp="soon"),
        case("a timestamp without end", timestamp="9" * 400),
        case("a timestamp in other digits", timestamp="١٧٠٠٠٠٠٠٠٠"),
    ]


TOKEN_CASES: list[Case] = [
    ("right", ["the-token", "the-token"], True),
    ("another", ["the-tokem", "the-token"], False),
    ("a part", ["the-toke", "the-token"], False),
    ("more", ["the-token1", "the-token"], False),
    ("none", ["-", "the-token"], False),
]


def timestamped_cases() -> list[Case]:
    def signed(*secrets: str, body: bytes = BODY, time: Any = NOW) -> str:
        signature = schemes.signer("timestamped", secrets).sign(ID, NOW, body)
        return signature.replace(f"t={NOW}", f"t={time}")

    right, old = signed(V1), signed(V1_BEFORE)

    def case(
        name: str,
        taken: bool = False,
        *,
        signature: str = right,
        secret: str = V1,
        now: int = NOW,
        body: bytes = BODY,
    ) -> Case:
        encoded = base64.b64encode(body).decode()
        return name, ["timestamped", signature, secret, str(now), encoded], taken

    return [
        case("right", True),
        case("an empty body", True, signature=signed(V1, body=b""), body=b""),
        case("two signatures, ours last", True, signature=signed(V1_BEFORE, V1)),
        case("two signatures, ours first", True, signature=signed(V1, V1_BEFORE)),
        case("five minutes old", True, now=NOW + 300),
        case("five minutes ahead", True, now=NOW - 300),
        case("too old", now=NOW + 301),
        case("too far ahead", now=NOW - 301),
        case("another body", body=OTHER),
        case("another timestamp", signature=signed(V1, time=NOW + 1)),
        case("another secret", secret=V1_BEFORE),
        case("a secret without its prefix", secret=V1.removeprefix("whsec_")),
        case("only the signature of the secret before", signature=old),
        case("another version", signature=right.replace("v1=", "v0=")),
        case("no version", signature=right.replace("v1=", "")),
        case("a signature cut short", signature=right[:-4]),
        case("more than a signature", signature=right + "="),
        case("an empty signature", signature=f"t={NOW},v1="),
        case("no timestamp", signature=right.partition(",")[2]),
        case("a timestamp with a sign", signature=signed(V1, time=f"+{NOW}")),
        case("a timestamp that is no number", signature=signed(V1, time="soon")),
        case("a timestamp without end", signature=signed(V1, time="9" * 400)),
        case("a timestamp in other digits", signature=signed(V1, time="١٧٠٠٠٠٠٠٠٠")),
        case("an asterisk", signature="*"),
        case("no signature", signature="-"),
    ]


def sha256_cases() -> list[Case]:
    def signed(secret: str = V1, body: bytes = BODY) -> str:
        return schemes.signer("sha256", [secret]).sign(ID, NOW, body)

    right = signed()

    def case(
        name: str,
        taken: bool = False,
        *,
        signature: str = right,
        secret: str = V1,
        body: bytes = BODY,
    ) -> Case:
        encoded = base64.b64encode(body).decode()
        return name, ["sha256", signature, secret, encoded], taken

    return [
        case("right", True),
        case("an empty body", True, signature=signed(body=b""), body=b""),
        case("another body", body=OTHER),
        case("another secret", secret=V1_BEFORE),
        case("a secret without its prefix", secret=V1.removeprefix("whsec_")),
        case("no algorithm", signature=right.removeprefix("sha256=")),
        case("another algorithm", signature=right.replace("sha256=", "sha1=")),
        case("a signature cut short", signature=right[:-4]),
        case("more than a signature", signature=right + "0"),
        case("two signatures", signature=f"{right},{right}"),
        case("an asterisk", signature="*"),
        case("no signature", signature="-"),
    ]


CASES = {
    "v1": signature_cases(V1, V1_BEFORE),
    "v1a": signature_cases(V1A, V1A_BEFORE),
    "timestamped": timestamped_cases(),
    "sha256": sha256_cases(),
    "token": TOKEN_CASES,
}
KINDS = [
    (name, kind) for name, language in LANGUAGES.items() for kind in CASES if language.sample(kind)
]


def built_go(sample: Path, kind: str, folder: Path) -> list[str]:
    own = DRIVERS / f"{kind}_driver.go"
    driver = own if own.exists() else DRIVERS / "driver.go"
    shutil.copy(sample, folder / "sample.go")
    shutil.copy(driver, folder / "main.go")
    (folder / "go.mod").write_text("module sample\n\ngo 1.19\n")
    subprocess.run(["go", "build", "-o", "sample"], cwd=folder, check=True, timeout=240)
    return [str(folder / "sample")]


def built_java(sample: Path, kind: str, folder: Path) -> list[str]:
    own = f"{kind.capitalize()}Driver"
    driver = own if (DRIVERS / f"{own}.java").exists() else "Driver"
    sources = [str(sample), str(DRIVERS / f"{driver}.java")]
    command = ["javac", "-Xlint:all,-auxiliaryclass", "-Werror", "-d", str(folder), *sources]
    subprocess.run(command, check=True, timeout=120)
    return ["java", "-cp", str(folder), driver]


def built_csharp(sample: Path, kind: str, folder: Path) -> list[str]:
    sources = [*sample.parent.glob("*.cs"), DRIVERS / "Driver.cs"]
    if shutil.which("dotnet") is None:
        command = ["mcs", f"-out:{folder / 'driver.exe'}", *map(str, sources)]
        subprocess.run(command, check=True, timeout=120)
        return ["mono", str(folder / "driver.exe")]
    for source in (*sources, DRIVERS / "driver.csproj"):
        shutil.copy(source, folder)
    version = subprocess.check_output(["dotnet", "--version"], text=True).split(".")[0]
    options = [f"-p:TargetFramework=net{version}.0", "-o", str(folder / "out")]
    subprocess.run(["dotnet", "build", *options], cwd=folder, check=True, timeout=240)
    return ["dotnet", str(folder / "out" / "driver.dll")]


# What each needs on the machine, and how its driver is run.
NEEDS: dict[str, tuple[str, ...]] = {
    "javascript": ("node",),
    "php": ("php",),
    "ruby": ("ruby",),
    "go": ("go",),
    "java": ("javac", "java"),
    "csharp": ("dotnet",) if shutil.which("dotnet") or not shutil.which("mcs") else ("mono",),
    "shell": ("bash", "openssl"),
}
BUILT = {"go": built_go, "java": built_java, "csharp": built_csharp}
RUN = {
    "python": [sys.executable, DRIVERS / "driver.py"],
    "javascript": ["node", DRIVERS / "driver.mjs"],
    "php": ["php", DRIVERS / "driver.php"],
    "ruby": ["ruby", DRIVERS / "driver.rb"],
    "shell": ["bash", DRIVERS / "driver.sh"],
}


def command_for(name: str, kind: str, folder: Path) -> list[str]:
    sample = SAMPLES / name / f"{kind}.{LANGUAGES[name].extension}"
    if name in BUILT:
        return BUILT[name](sample, kind, folder)
    return [*map(str, RUN[name]), str(sample)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_sample_accepts_only_genuine_requests(name: str, kind: str, tmp_path: Path) -> None:
    missing = [need for need in NEEDS.get(name, ()) if shutil.which(need) is None]
    if missing:
        pytest.skip(f"The {kind} sample in {name} was not run: no {missing[0]} on this machine.")
    cases, list_of = CASES[kind], tmp_path / "cases.tsv"
    list_of.write_text("".join("\t".join(fields) + "\n" for _, fields, _ in cases))
    command = [*command_for(name, kind, tmp_path), str(list_of)]
    environment = os.environ | {"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env=environment
    )
    said = done.stdout.split()
    assert len(said) == len(cases), done.stderr
    verdicts = {case: printed == "yes" for (case, _, _), printed in zip(cases, said, strict=True)}
    assert verdicts == {case: taken for case, _, taken in cases}


CONSTANT_TIME = {
    "python": "compare_digest",
    "javascript": "timingSafeEqual",
    "php": "hash_equals",
    "ruby": "secure_compare",
    "go": ("hmac.Equal", "ConstantTimeCompare"),
    "java": "MessageDigest.isEqual",
    "csharp": "FixedTimeEquals",
    "shell": "openssl rand",
}


@pytest.mark.parametrize("kind", ["v1", "timestamped", "sha256", "token"])
@pytest.mark.parametrize("name", LANGUAGES)
def test_a_sample_compares_in_constant_time(name: str, kind: str) -> None:
    code, known = LANGUAGES[name].sample(kind), CONSTANT_TIME[name]
    assert code is not None
    assert any(way in code for way in ([known] if isinstance(known, str) else known))
