"""(d) A bare Flask route under the same gunicorn settings: reads the body, returns 202."""

from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/api/v1/events")
def events() -> tuple[Response, int]:
    request.get_data()
    return Response('{"ok":true}', mimetype="application/json"), 202
