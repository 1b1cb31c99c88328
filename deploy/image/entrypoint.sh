#!/bin/sh
# The image's entry point: web (default), worker, migrate, all, cli ARGUMENTS, healthcheck.
# Any other command runs unchanged.
set -eu
cd "$(dirname "$0")/../.."
role=${1:-web}
[ $# -eq 0 ] || shift
case $role in
    web) exec python -m gunicorn "$@" wsgi:app ;;
    worker) exec python worker.py ;;
    migrate) exec python -m app.cli migrate ;;
    all) exec python -m app.supervisor ;;
    cli) exec python -m app.cli "$@" ;;
    healthcheck) exec python deploy/image/healthcheck.py ;;
    *) exec "$role" "$@" ;;
esac
