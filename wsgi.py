"""The web process: `gunicorn wsgi:app`."""

import sys

from app import create_app
from app.services.maintenance.secret_key import WrongSecretKey, check_at_start

# Gunicorn's Arbiter.APP_LOAD_ERROR: it stops instead of starting the process again and again.
CANNOT_LOAD = 4

app = create_app()
try:
    check_at_start(app)
except WrongSecretKey as error:
    print(error, file=sys.stderr)  # noqa: T201 -- logging may not be configured yet
    sys.exit(CANNOT_LOAD)
