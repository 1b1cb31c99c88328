"""The web process for servers that speak ASGI: `uvicorn asgi:app`, `gunicorn -k asgi asgi:app`."""

from app.http.front.asgi import Application
from wsgi import app as flask

app = Application(flask)
