"""The samples of the verify page, each run by its own runtime."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.web.webhooks.verify import LANGUAGES, SAMPLES
from tests.web.webhooks.verify_cases import CASES

DRIVERS = Path(__file__).parent / "verify_drivers"
# What is compiled takes seconds: in script/test one scheme of each such language.
COMPILED = ("go", "java")
KINDS = [
    pytest.param(name, kind, marks=[pytest.mark.long] * (name in COMPILED and kind != "v1"))
    for name, language in LANGUAGES.items()
    for kind in CASES
    if language.sample(kind)
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
