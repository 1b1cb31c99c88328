"""Write a program that calls any method of the Rust crate `svix`, from the crate's sources.

A Rust program cannot ask a crate for its methods while it runs.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_PART = re.compile(r"pub fn (\w+)\(&self\) -> (\w+)<'(?:a|_)> \{")
# Those behind a feature of the crate are not compiled.
_FEATURE = re.compile(r"#\[cfg\(feature = .*?^    }$", re.DOTALL | re.MULTILINE)
_METHOD = re.compile(r"pub async fn (\w+)\(\s*&self,?(.*?)\)\s*->\s*Result<", re.DOTALL)
_CLASS = re.compile(r"^impl(?:<'a>)? (\w+)(?:<'a>|<'_>)? \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_OPTIONS = re.compile(r"^pub struct (\w+Options) \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^\s*pub (\w+): Option<", re.MULTILINE)

_MAIN = """// Written by script/svix_packages/drivers/rust.py.
#![allow(deprecated, non_snake_case)]
use serde_json::{json, Value};
use std::io::{BufRead, Write};
use svix::{api::*, error::Error};

fn text(args: &[Value], at: usize) -> String {
    args[at].as_str().unwrap_or_default().to_owned()
}

fn answer<T: serde::Serialize>(result: Result<T, Error>) -> Value {
    match result {
        Ok(value) => json!({"result": value}),
        Err(Error::Http(refused)) => json!({
            "status": refused.status.as_u16(),
            "code": refused.payload.map(|payload| payload.code),
        }),
        Err(Error::Validation(refused)) => json!({"status": refused.status.as_u16()}),
        Err(error) => json!({"failed": error.to_string()}),
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Value> {
    // A variant without settings is refused when it has some, even if empty.
    let mut bare = value.clone();
    if let Some(fields) = bare.as_object_mut() {
        fields.remove("config");
    }
    serde_json::from_value(value.clone())
        .or_else(|_| serde_json::from_value(bare))
        .map_err(|error| json!({"failed": error.to_string()}))
}

@FUNCTIONS@
async fn call(svix: &Svix, name: &str, args: &[Value], options: &Value) -> Result<Value, Value> {
    match name {
@ARMS@
        _ => Ok(json!({"failed": "unknown method"})),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = SvixOptions {
        server_url: std::env::var("CALLBOARD").ok(),
        num_retries: Some(0),
        ..Default::default()
    };
    let svix = Svix::new(std::env::var("KEY").unwrap(), Some(options));
    println!("{}", r#"{"version": "@VERSION@", "methods": @METHODS@}"#);
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (args, name) = (asked["args"].as_array().unwrap(), asked["method"].as_str().unwrap());
        let called = call(&svix, name, args, &asked["options"]).await;
        println!("{}", called.unwrap_or_else(|failed| failed));
        std::io::stdout().flush().unwrap();
    }
}
"""


def program(crate: Path, version: str) -> str:
    """The text of src/main.rs. crate: the unpacked sources."""
    sources = [path.read_text() for path in sorted((crate / "src" / "api").glob("*.rs"))]
    types = {
        name: _FEATURE.sub("", body) for source in sources for name, body in _CLASS.findall(source)
    }
    options = {
        name: _FIELD.findall(body) for source in sources for name, body in _OPTIONS.findall(source)
    }
    arms, functions, methods = [], [], []
    for path, arguments in _methods(types, "Svix", ()):
        name = ".".join(path)
        values = [_value(at, type_, options) for at, type_ in enumerate(arguments)]
        target = "".join(f".{part}()" for part in path[:-1])
        # `a.b_c` and `a_b.c` are two methods.
        function = "__".join(path)
        # One function for each keeps the future of a call small.
        functions.append(
            f"async fn {function}(svix: &Svix, args: &[Value], options: &Value)"
            " -> Result<Value, Value> {\n"
            f"    let _ = (args, options);\n"
            f"    Ok(answer(svix{target}.{path[-1]}({', '.join(values)}).await))\n}}\n"
        )
        arms.append(f'        "{name}" => {function}(svix, args, options).await,')
        kinds = ", ".join(
            f'"{"text" if type_ == "String" else type_}"'
            for type_ in arguments
            if not type_.startswith("Option<")
        )
        methods.append(f'"{name}": [{kinds}]')
    filled = {
        "ARMS": "\n".join(arms),
        "FUNCTIONS": "\n".join(functions),
        "METHODS": "{" + ", ".join(methods) + "}",
        "VERSION": version,
    }
    return re.sub(r"@([A-Z]+)@", lambda match: filled[match[1]], _MAIN)


def _methods(
    types: dict[str, str], type_: str, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    body = types[type_]
    for name, arguments in _METHOD.findall(body):
        pairs = [part.split(":", 1) for part in arguments.split(",") if ":" in part]
        yield (*path, name), [kind.strip() for _, kind in pairs]
    for name, part in _PART.findall(body):
        yield from _methods(types, part, (*path, name))


def _value(at: int, type_: str, options: dict[str, list[str]]) -> str:
    if type_ == "String":
        return f"text(args, {at})"
    if not type_.startswith("Option<"):
        return f"read(&args[{at}])?"
    name = type_.removeprefix("Option<").removesuffix(">").rpartition("::")[2]
    sets = " ".join(
        f'if let Some(value) = options.get("{_camel(field)}") {{ chosen.{field} = read(value)?; }}'
        for field in options[name]
    )
    return f"Some({{ #[allow(unused_mut)] let mut chosen = {name}::default(); {sets} chosen }})"


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
