"""Spans reach a collector as OTLP over HTTP, and nothing waits for it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from app.domain.common.trace_context import TraceContext
from app.runtime.configuration.otlp import OtlpSettings
from app.runtime.tracing import otlp
from app.runtime.tracing.spans import Kind, Span, Tracing
from tests.support.databases import SECRET_KEY
from tests.support.product import ROOT
from tests.support.servers.receiver import Receiver

CONTEXT = TraceContext(0xABC, 0xDEF, is_sampled=True)


def _span(name: str = "publish") -> Span:
    attributes = {"callboard.deliveries": 3, "left.out": None}
    return Span(name, Kind.PRODUCER, CONTEXT, None, 5_000_000, 4_000_000, attributes, "refused")


def _settings(url: str) -> OtlpSettings:
    return OtlpSettings(url, "callboard-eu", 1.0, {"authorization": "Bearer collector-key"})


def test_a_collector_gets_spans_as_otlp(receiver: Receiver) -> None:
    tracing = otlp.tracing_to(_settings(receiver.url), "worker")
    tracing.finish(_span())
    [request] = receiver.wait_for(1)
    assert (request.method, request.path) == ("POST", "/v1/traces")
    assert request.header("authorization") == "Bearer collector-key"
    [group] = ExportTraceServiceRequest.FromString(request.body).resource_spans
    resource = {each.key: each.value.string_value for each in group.resource.attributes}
    assert resource["service.name"] == "callboard-eu"
    assert resource["callboard.process"] == "worker"
    [span] = group.scope_spans[0].spans
    assert (span.name, span.kind) == ("publish", span.SPAN_KIND_PRODUCER)
    assert span.trace_id.hex().lstrip("0") == "abc"
    assert [each.key for each in span.attributes] == ["callboard.deliveries"]
    assert (span.status.code, span.status.message) == (2, "refused")
    # A clock that was set back makes no span end before it began.
    assert span.end_time_unix_nano == span.start_time_unix_nano == 5_000_000


def test_the_last_spans_are_sent_when_the_process_ends(receiver: Receiver) -> None:
    processor = BatchSpanProcessor(_exporter(receiver.url), schedule_delay_millis=600_000)
    Tracing(otlp.exporting(processor, "callboard", "web")).finish(_span())
    otlp._close(processor)
    assert [request.path for request in receiver.requests] == ["/v1/traces"]


def _exporter(url: str) -> otlp.OTLPSpanExporter:
    settings = _settings(url)
    return otlp.OTLPSpanExporter(endpoint=settings.traces_url, headers=settings.headers)


def test_nobody_waits_for_a_collector_that_hangs(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp, "_CLOSE_SECONDS", 0.05)
    receiver.respond(delay=30)
    processor = BatchSpanProcessor(_exporter(receiver.url), 64, 1, 8)
    tracing = Tracing(otlp.exporting(processor, "callboard", "web"))
    tracing.finish(_span())
    receiver.wait_for(1)
    # More than it keeps: the oldest are dropped.
    for _ in range(200):
        tracing.finish(_span())
    before = time.monotonic()
    otlp._close(processor)
    assert time.monotonic() - before < 25
    assert len(receiver.requests) == 1


def test_without_traces_what_exports_them_is_not_even_loaded(tmp_path: Path) -> None:
    program = """
import sys
from app.factory import create_app
create_app()
sys.exit(bool({"opentelemetry.sdk.trace", "opentelemetry.exporter.otlp"} & sys.modules.keys()))
"""
    environ = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": SECRET_KEY,
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environ, timeout=170, check=False)
    assert done.returncode == 0
