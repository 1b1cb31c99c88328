"""The web process: `gunicorn wsgi:app`."""

import sys

from app import create_app
from app.runtime.configuration.environment import ConfigError
from app.runtime.logs import setup
from app.services.maintenance.start import REFUSALS, check_at_start

# Gunicorn's Arbiter.APP_LOAD_ERROR: it stops instead of starting the process again and again.
CANNOT_LOAD = 4

setup.configure("web")
try:
    app = create_app()
    check_at_start(app)
except (ConfigError, *REFUSALS) as error:
    setup.fail(str(error))
    sys.exit(CANNOT_LOAD)
