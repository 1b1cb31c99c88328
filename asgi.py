"""The web process for servers that speak ASGI: `uvicorn asgi:app`, `gunicorn -k asgi asgi:app`."""

from app.http.front.asgi import Application
from app.runtime.logs import setup
from wsgi import app as flask

# uvicorn has set up lines of its own before it imports this.
for _name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
    setup.adopt(_name)

app = Application(flask)
