# Sourced by the other scripts: where the project is, and a Python to start with.
# A DATA_DIR given from outside counts from where the command was typed.
case "${DATA_DIR:-/}" in
    /*) ;;
    *) DATA_DIR=$PWD/$DATA_DIR && export DATA_DIR ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What runs the set-up: $PYTHON, else the environment that is there already, else the first Python
# that is new enough. The last line of defence is a message that says what to do.
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
    echo "Callboard needs Python 3.11 or newer, and none was found on PATH." >&2
    echo "Install one (Debian: apt-get install python3 python3-venv), or set PYTHON to its path." >&2
    return 1
}
