"""Programs that send an operation's example: curl, Python and Node."""

import json
from dataclasses import dataclass

from app.web.reference.operations import Operation

_KEY = "CALLBOARD_API_KEY"


@dataclass(frozen=True, slots=True)
class Sample:
    """id: of its element."""

    id: str
    title: str
    text: str


def samples_of(operation: Operation, server: str) -> tuple[Sample, ...]:
    """server: the base URL of the API. The key comes from the environment."""
    url = server + operation.example_path
    return (
        Sample("curl", "curl", _curl(operation, url)),
        Sample("python", "Python", _python(operation, url)),
        Sample("node", "Node", _node(operation, url)),
    )


def _curl(operation: Operation, url: str) -> str:
    method = "" if operation.method == "GET" else f" -X {operation.method}"
    lines = [f"curl{method} {_quoted(url)}"]
    if operation.permission is not None:
        lines.append(f'-H "Authorization: Bearer ${_KEY}"')
    if operation.body_example:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {_quoted(operation.body_example)}")
    return " \\\n  ".join(lines)


def _quoted(text: str) -> str:
    """As a shell takes it."""
    return "'" + text.replace("'", "'\\''") + "'"


def _python(operation: Operation, url: str) -> str:
    lines = ["import os", "", "import requests", "", "response = requests.request("]
    lines.append(f"    {json.dumps(operation.method)},")
    lines.append(f"    {json.dumps(url)},")
    if operation.permission is not None:
        lines.append(f'    headers={{"Authorization": f"Bearer {{os.environ[\'{_KEY}\']}}"}},')
    if operation.body_example:
        lines.append(f"    json={_indented(repr_of(operation.body_example), 4)},")
    lines += [
        "    timeout=10,",
        ")",
        "response.raise_for_status()",
        "print(response.status_code, response.text)",
    ]
    return "\n".join(lines)


def repr_of(body: str) -> str:
    """JSON as an expression of Python."""
    return _expression(json.loads(body), "")


def _expression(value: object, indent: str) -> str:
    inner = indent + "    "
    if isinstance(value, dict) and value:
        rows = [f"{inner}{json.dumps(k)}: {_expression(v, inner)},\n" for k, v in value.items()]
        return "{\n" + "".join(rows) + indent + "}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner}{_expression(v, inner)},\n" for v in value) + indent + "]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _node(operation: Operation, url: str) -> str:
    lines = [f"const response = await fetch({json.dumps(url)}, {{"]
    lines.append(f"  method: {json.dumps(operation.method)},")
    headers = []
    if operation.permission is not None:
        headers.append(f"    Authorization: `Bearer ${{process.env.{_KEY}}}`,")
    if operation.body_example:
        headers.append('    "Content-Type": "application/json",')
    if headers:
        lines += ["  headers: {", *headers, "  },"]
    if operation.body_example:
        lines.append(f"  body: JSON.stringify({_indented(operation.body_example, 2)}),")
    lines += ["});", "console.log(response.status, await response.text());"]
    return "\n".join(lines)


def _indented(text: str, spaces: int) -> str:
    """All lines but the first."""
    return text.replace("\n", "\n" + " " * spaces)
