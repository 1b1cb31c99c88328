"""A real OpenTelemetry collector gets the trace of an event, from its producer to the receiver."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.deploy.tools.figures import figure
from tests.deploy.tools.go import COLLECTOR, tool
from tests.support import children
from tests.support.databases import SqliteTemplate
from tests.support.product import free_port
from tests.support.servers.installation import Installation
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(3000)
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
# What the collector got it sends on, so that a test can read it, and prints.
CONFIGURATION = """
receivers:
  otlp: {{ protocols: {{ http: {{ endpoint: "127.0.0.1:{port}" }} }} }}
processors:
  batch: {{ timeout: 100ms }}
exporters:
  otlphttp: {{ endpoint: "{target}", compression: none, tls: {{ insecure: true }} }}
  debug: {{ verbosity: detailed }}
service:
  telemetry: {{ metrics: {{ level: none }} }}
  pipelines:
    traces: {{ receivers: [otlp], processors: [batch], exporters: [otlphttp, debug] }}
"""


@pytest.fixture
def passed_on() -> Iterator[Receiver]:
    """What gets the spans from the collector."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@contextmanager
def _collector(directory: Path, port: int, target: str) -> Iterator[Path]:
    """Its output."""
    file, log = directory / "collector.yaml", directory / "collector.log"
    file.write_text(CONFIGURATION.format(port=port, target=target))
    with log.open("ab") as output:
        command = (tool("otelcol"), f"--config={file}")
        process = children.start(command, stdout=output, stderr=output)
    try:
        eventually(lambda: "Everything is ready" in log.read_text(), 60)
        yield log
    finally:
        children.stop(process)


def _spans(receiver: Receiver) -> dict[str, Span]:
    """By the kind, as messages of one event have one of each."""
    requests_ = [ExportTraceServiceRequest.FromString(each.body) for each in receiver.requests]
    return {
        Span.SpanKind.Name(span.kind): span
        for request in requests_
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
        if span.trace_id.hex() == TRACE
    }


def _post_traced(installation: Installation, url: str) -> None:
    """Create a webhook, and post an event as a producer that traces."""
    headers = {"Authorization": f"Bearer {installation.key()}"}
    for path, document in (
        ("webhooks", {"url": url}),
        ("events", {"type": "encoding.finished", "payload": {"n": 1}}),
    ):
        response = requests.post(
            f"{installation.url}/api/v1/{path}", json=document, headers=headers, timeout=60
        )
        assert response.status_code < 300, response.text
        headers["traceparent"] = f"00-{TRACE}-{PARENT}-01"


def test_the_trace_of_an_event_is_complete(
    tmp_path: Path,
    sqlite_template: SqliteTemplate,
    redis_url: str,
    receiver: Receiver,
    passed_on: Receiver,
) -> None:
    port = free_port()
    installation = Installation(
        tmp_path, sqlite_template.copy(tmp_path), redis_url,
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}",
        ALLOWED_PRIVATE_NETWORKS="127.0.0.0/8",
    )  # fmt: skip
    with (
        _collector(tmp_path, port, passed_on.url) as log,
        installation.web(),
        installation.worker(),
    ):
        _post_traced(installation, receiver.url)
        [callback] = receiver.wait_for(1, 60)
        eventually(lambda: len(_spans(passed_on)) == 4, 60)
        printed = log.read_text()
    request, publish, deliver, attempt = (
        _spans(passed_on)[f"SPAN_KIND_{kind}"]
        for kind in ("SERVER", "PRODUCER", "INTERNAL", "CLIENT")
    )
    assert request.parent_span_id.hex() == PARENT
    assert publish.parent_span_id == request.span_id
    assert deliver.parent_span_id == publish.span_id
    assert attempt.parent_span_id == deliver.span_id
    assert callback.header("traceparent") == f"00-{TRACE}-{attempt.span_id.hex()}-01"
    assert "service.name: Str(callboard)" in printed
    assert "error" not in printed
    figure("OpenTelemetry", "release of the collector", COLLECTOR)
    figure("OpenTelemetry", "spans of one event, from the producer's to the receiver's", "4 of 4")
