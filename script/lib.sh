# Sourced by the other scripts: changes to the project directory and finds a Python.
# A relative DATA_DIR is relative to the directory in which the command was run.
case "${DATA_DIR:-/}" in
    /*) ;;
    *) DATA_DIR=$PWD/$DATA_DIR && export DATA_DIR ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The Python for the setup: $PYTHON, else the existing environment, else the first new enough Python.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" .venv/bin/python python3 python \
        python3.14 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        if "$candidate" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Callboard needs Python 3.11 or newer, which is not on PATH." >&2
    echo "Install one (Debian: apt-get install python3 python3-venv), or set PYTHON to its path." >&2
    return 1
}
