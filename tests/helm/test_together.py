"""An installation from what the chart renders and what is written: databases by the SQL of
deploy/README.md, NATS by the chart's configuration, the migration and every service as a process
of its own with the settings of its pod, the first steps as the notes say."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import rig
from laid_out import PROGRAM, Image, asked, free_port, has_nats, nats_config, nats_server
from variants import DEFAULT

POSTGRES = os.environ.get("AMPARO_POSTGRES_BIN", "")
# Postgres refuses to run as root.
SERVER_USER = 65534
PASSWORD = "first-Passw0rd-of-coast"


def there_is_everything():
    return bool(PROGRAM and POSTGRES and has_nats())


class Postgres:
    """A private server."""

    def __init__(self, folder):
        self.folder, self.port = folder / "postgres", free_port()
        self.folder.mkdir()
        if os.geteuid() == 0:
            os.chown(self.folder, SERVER_USER, SERVER_USER)
        self.call("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync")
        access = "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self.folder / "data" / "pg_hba.conf").write_text(access)
        self.process = subprocess.Popen(
            [
                f"{POSTGRES}/postgres", "-D", str(self.folder / "data"), "-p", str(self.port),
                "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
                "-c", "fsync=off", "-c", "max_connections=200",
            ],
            preexec_fn=self.become, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        )
        for _ in range(300):
            if self.call("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), check=False) == 0:
                return
            time.sleep(0.1)
        raise AssertionError("Postgres does not start")

    def become(self):
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(SERVER_USER)
            os.setuid(SERVER_USER)

    def call(self, program, *arguments, check=True, text=None):
        outcome = subprocess.run(
            [f"{POSTGRES}/{program}", *arguments], preexec_fn=self.become, capture_output=True,
            text=True, input=text, check=False, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        )
        if check and outcome.returncode != 0:
            raise AssertionError(outcome.stderr)
        return outcome.returncode

    def run(self, sql):
        address = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.call("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", address, text=sql)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


def written_sql(services):
    """What deploy/README.md has an operator type, for these services."""
    text = (rig.ROOT / "deploy" / "README.md").read_text()
    sql = re.search(r"(?s)```sql\n(.*?)```", text).group(1).replace("'...'", "'secret'")
    once = [line for line in sql.splitlines() if "-- once" in line]
    each = [line for line in sql.splitlines() if "-- once" not in line]
    lines = once + [line.replace("cases", service) for service in services for line in each]
    return "\n".join(lines)


@unittest.skipUnless(there_is_everything(), "AMPARO_BIN, AMPARO_POSTGRES_BIN and AMPARO_NATS_BIN are needed")
class Everything(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="amparo-together-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder)
        self.services = {
            one["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"]["template"]["spec"]
            for one in DEFAULT.of("Deployment")
        }

    def stand_on(self):
        """Postgres and NATS, and the files of the image with the secrets that lead there."""
        postgres = Postgres(self.folder)
        self.addCleanup(postgres.stop)
        postgres.run(written_sql([name for name in self.services if name != "gateway"]))
        client, monitor = free_port(), free_port()
        nats = nats_server("-c", str(nats_config(self.folder, 1, client, monitor)))
        self.addCleanup(nats.communicate)
        self.addCleanup(nats.terminate)
        asked(nats, monitor, "/healthz", 200)
        at = f"127.0.0.1:{postgres.port}/amparo_{{service}}"
        self.image = Image({
            "postgres/url": f"postgres://amparo_{{service}}:secret@{at}",
            "postgres-owner/url": f"postgres://amparo_owner:secret@{at}",
            "nats/url": f"nats://amparo:n0t-a-secret@127.0.0.1:{client}",
        })
        self.addCleanup(self.image.remove)

    def migrate(self):
        (job,) = DEFAULT.of("Job")
        container = job["spec"]["template"]["spec"]["containers"][0]
        environment, _ = self.image.at_home(container)
        process = self.image.start(container["args"], environment)
        output, _ = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 0, output)

    def serve(self):
        """Every service in a process of its own; gives processes and ports of probes by name."""
        self.addresses = {name: free_port() for name in self.services}
        running = {}
        log = (self.folder / "log").open("w")
        self.addCleanup(log.close)
        for name, pod in self.services.items():
            container = pod["containers"][0]
            environment, admin = self.image.at_home(container, self.addresses)
            process = self.image.start(container["args"], environment, stdout=log, stderr=log)
            running[name] = (process, admin, environment)
        return running

    def test_an_installation_does_its_work(self):
        self.stand_on()
        self.migrate()
        running = self.serve()
        # While the program runs, the migration of the same version changes nothing.
        self.migrate()
        for name, (process, admin, _) in running.items():
            with self.subTest(name):
                self.assertEqual(asked(process, admin, "/readyz", 200, 60), 200, f"{process.poll()} {self.tail()}")
                self.assertEqual(asked(process, admin, "/health", 200, 60), 200, self.tail())
        self.first_steps(running)
        self.work()
        self.metrics(running)
        self.end(running)

    def first_steps(self, running):
        """As the notes say, in the pod of identity: there it is at the port that the program
        looks for it at."""
        password = self.image.place("/run/first-password", PASSWORD)
        environment = {**running["identity"][2]}
        environment["AMPARO_IDENTITY_URL"] = f"http://127.0.0.1:{self.addresses['identity']}"
        own = self.services["identity"]["containers"][0]["ports"][0]["containerPort"]
        self.assertIn(f'"http://127.0.0.1:{own}"', rig.source(rig.SERVICES / "kit/serve/src/settings.rs"))
        notes = rig.helm("install", *DEFAULT.arguments(), "--dry-run=client").stdout.split("NOTES:")[1]
        told = re.findall(r"-- /amparo ((?:.*\\\n)*.*)", notes)
        self.assertEqual(len(told), 2)
        for command in told:
            arguments = command.replace("\\\n", " ").replace("< first-password", "").split()
            arguments = [password if one == "/dev/stdin" else one for one in arguments]
            process = self.image.start(arguments, environment)
            output, _ = process.communicate(timeout=100)
            self.assertEqual(process.returncode, 0, output + self.tail())

    def ask(self, path, body=None, host="coast.example.org"):
        secret = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.addresses['gateway']}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Host": host, "Authorization": f"Basic {secret}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def work(self):
        status, answer = self.ask("/api/v2/roles")
        self.assertEqual(status, 200, answer + self.tail())
        self.assertGreater(len(json.loads(answer)["data"]), 0)
        self.assertEqual(self.ask("/api/v2/roles", host="hills.example.org")[0], 404)

    def metrics(self, running):
        """What the alerts ask for of every service is there, under the names that they have."""
        seen = set()
        for process, admin, _ in running.values():
            with urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics", timeout=10) as answer:
                seen |= set(re.findall(r"^(amparo_\w+?)(?:_bucket|_sum|_count)?[{ ]", answer.read().decode(), re.M))
        wanted = {
            "amparo_http_requests_total", "amparo_http_request_seconds", "amparo_rpc_requests_total",
            "amparo_rpc_seconds", "amparo_relay_lag_seconds", "amparo_relay_pending",
            "amparo_consumer_lag", "amparo_pool_connections", "amparo_events_appended_total",
        }
        self.assertEqual(wanted - seen, set())
        self.assertEqual(seen - set(rig.metrics_of_the_program()), set())

    def end(self, running):
        """All are told at once, as when a namespace goes; each ends by itself in its time."""
        for process, _, _ in running.values():
            process.send_signal(signal.SIGTERM)
        for name, (process, _, _) in running.items():
            grace = self.services[name]["terminationGracePeriodSeconds"]
            self.assertEqual(process.wait(grace), 0, f"{name}: {self.tail()}")

    def tail(self):
        return (self.folder / "log").read_text()[-3000:]
