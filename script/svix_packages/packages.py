"""Install a `svix` package from its registry, and the command that starts its driver."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from script.svix_packages.drivers import rust

DRIVERS = Path(__file__).parent / "drivers"
# The Rust crate's dependencies take minutes.
INSTALL_SECONDS = 1800
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId>
<version>1</version><dependencies><dependency><groupId>com.svix</groupId>
<artifactId>svix</artifactId><version>{version}</version></dependency></dependencies></project>
"""
_CARGO = """[package]
name = "driver"
version = "0.0.0"
edition = "2021"
[dependencies]
svix = "={version}"
serde = "1"
serde_json = "1"
tokio = {{ version = "1", features = ["macros", "rt"] }}
[profile.dev]
debug = false
[workspace]
"""


class NotInstalled(Exception):
    """The message says what is missing."""


def run(command: list[str], home: Path, seconds: float = INSTALL_SECONDS) -> str:
    """Returns the standard output. NotInstalled."""
    if shutil.which(command[0]) is None:
        raise NotInstalled(f"{command[0]} is not on PATH.")
    done = subprocess.run(
        command, cwd=home, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode:
        last = (done.stderr or done.stdout)[-300:].strip()
        raise NotInstalled(f"{' '.join(command[:3])} failed: {last}")
    return done.stdout


def python(home: Path, version: str) -> list[str]:
    run([sys.executable, "-m", "venv", str(home / "venv")], home)
    interpreter = str(home / "venv" / "bin" / "python")
    run([interpreter, "-m", "pip", "install", "--quiet", f"svix=={version}"], home)
    return [interpreter, str(DRIVERS / "python_driver.py")]


def node(home: Path, version: str) -> list[str]:
    (home / "package.json").write_text('{"private": true}')
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run(["npm", "install", *quiet, f"svix@{version}"], home)
    shutil.copy(DRIVERS / "driver.mjs", home)
    return ["node", "driver.mjs"]


def go(home: Path, version: str) -> list[str]:
    module = f"require github.com/svix/svix-webhooks v{version}"
    (home / "go.mod").write_text(f"module driver\n\ngo 1.23\n\n{module}\n")
    shutil.copy(DRIVERS / "driver.go", home)
    run(["go", "mod", "tidy"], home)
    run(["go", "build", "-o", "driver", "."], home)
    return [str(home / "driver")]


def java(home: Path, version: str) -> list[str]:
    (home / "pom.xml").write_text(_POM.format(version=version))
    copy = ["dependency:copy-dependencies", "-DoutputDirectory=lib"]
    run(["mvn", "--batch-mode", "--quiet", *copy], home)
    run(["javac", "-cp", "lib/*", "-d", "classes", str(DRIVERS / "Driver.java")], home)
    return ["java", "-cp", "lib/*:classes", "Driver"]


def crate(home: Path, version: str) -> list[str]:
    source = home / "src" / "main.rs"
    source.parent.mkdir()
    source.write_text("fn main() {}")
    (home / "Cargo.toml").write_text(_CARGO.format(version=version))
    described = json.loads(run(["cargo", "metadata", "--format-version=1"], home))
    [manifest] = [p["manifest_path"] for p in described["packages"] if p["name"] == "svix"]
    source.write_text(rust.program(Path(manifest).parent, version))
    # Both generations share what they depend on.
    target = home.parent / "cargo"
    run(["cargo", "build", "--quiet", "--target-dir", str(target)], home)
    shutil.copy(target / "debug" / "driver", home)
    return [str(home / "driver")]


# Registry, version, installer: 1.x and 2.x where both exist.
PACKAGES: tuple[tuple[str, str, Callable[[Path, str], list[str]]], ...] = (
    ("pypi", "2.9.1", python),
    ("pypi", "1.99.1", python),
    ("npm", "2.5.0", node),
    ("npm", "1.99.1", node),
    ("go", "1.99.1", go),
    ("crates", "2.9.1", crate),
    ("crates", "1.99.1", crate),
    ("maven", "1.99.1", java),
)
