"""Commands of the documents that are run by tests elsewhere, and those that no test can run."""

# Every command of these is run by the test named.
WHOLE = {
    "docs/api.md": "tests/examples/test_api_document.py",
    "docs/tutorial.md": "tests/examples/test_tutorial.py",
}
# Document, what the command begins with, and the test that runs it with values of its own.
ELSEWHERE = (
    ("README.md", "ALLOWED_PRIVATE_NETWORKS=127.0.0.1:9000 script/server",
     "tests/acceptance/test_supervisor.py"),
    ("clients/python/README.md", "pip install ./clients/python", "tests/examples/test_tutorial.py"),
    ("clients/python/README.md", "export CALLBOARD_ORGANIZATION",
     "clients/python/tests/cli/test_people.py"),
    ("clients/python/README.md", "callboard invitations",
     "clients/python/tests/cli/test_people.py"),
    ("clients/python/README.md", "callboard members", "clients/python/tests/cli/test_people.py"),
    ("clients/python/README.md", "callboard notifications",
     "clients/python/tests/cli/test_people.py"),
    ("clients/python/README.md", "generate-events |", "clients/python/tests/cli/test_events.py"),
    ("clients/python/README.md", "callboard jobs stop", "clients/python/tests/test_jobs.py"),
    ("clients/python/README.md", "callboard listen", "tests/examples/test_tutorial.py"),
    ("docs/coming-from-svix.md", "pip install ./clients/python", "tests/examples/test_tutorial.py"),
    ("docs/deploying.md", "docker build -f", "tests/deploy/acceptance_image.py"),
    ("docs/deploying.md", "docker run", "tests/deploy/acceptance_image.py"),
    ("docs/deploying.md", "docker logs", "tests/deploy/acceptance_image.py"),
    ("docs/deploying.md", "helm ", "tests/deploy/acceptance_chart.py"),
    ("docs/deploying.md", "apt-get install", "tests/deploy/acceptance_systemd.py"),
    ("docs/deploying.md", "python3 script/prepare.py", "tests/deploy/acceptance_systemd.py"),
    ("docs/deploying.md", "cp deploy/systemd", "tests/deploy/acceptance_systemd.py"),
    ("docs/deploying.md", "install -D", "tests/deploy/acceptance_systemd.py"),
    ("docs/deploying.md", "systemctl enable", "tests/deploy/acceptance_systemd.py"),
    ("docs/deploying.md", "journalctl", "tests/deploy/acceptance_systemd.py"),
    ("docs/deploying.md", ".venv/bin/python -m gunicorn", "tests/deploy/test_web_process.py"),
    ("docs/deploying.md", ".venv/bin/python worker.py", "tests/support/servers/installation.py"),
    ("docs/deploying.md", "cp deploy/nginx", "tests/deploy/test_proxies.py"),
    ("docs/deploying.md", "nginx -t", "tests/deploy/test_proxies.py"),
    ("docs/deploying.md", "CALLBOARD_HOST=", "tests/deploy/test_proxies.py"),
    ("docs/listening.md", "callboard listen", "tests/examples/test_tutorial.py"),
    ("docs/operating.md", "script/server", "tests/acceptance/test_supervisor.py"),
    ("docs/operating.md", "python3 script/prepare.py", "tests/support/product.py"),
    ("docs/operating.md", "git pull && script/upgrade", "tests/acceptance/test_upgrade.py"),
    ("docs/operating.md", "git pull && script/server", "tests/acceptance/test_upgrade.py"),
)  # fmt: skip
# Document, what the command begins with, and what it needs that is not here; the nearest test.
NOT_RUN = (
    ("README.md", "git clone", "the address of the repository"),
    ("clients/python/README.md", "SVIX_TOKEN=", "an account; see the client's test_import_svix.py"),
    ("clients/python/README.md", "callboard import svix", "an account, see above"),
    ("docs/coming-from-svix.md", "export", "an account, see above"),
    ("docs/coming-from-svix.md", "callboard import svix", "an account, see above"),
    ("docs/deploying.md", "docker buildx", "a registry and an emulator"),
    ("docs/deploying.md", "cp deploy/compose.env.example", "what follows cannot be run"),
    ("docs/deploying.md", "docker compose", "images; see deploy/acceptance_compose.py"),
    ("docs/deploying.md", "kubectl", "a cluster"),
    ("docs/deploying.md", "git clone", "the address of the repository"),
    ("docs/deploying.md", "systemctl edit", "a person in an editor"),
)  # fmt: skip
