"""The image: its Dockerfile by a linter and rules, its files by running the program in them."""

import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

import rig
from laid_out import NOBODY, PROGRAM, Image, asked, free_port, has_nats, nats_config, nats_server
from variants import DEFAULT

DEPLOY = rig.ROOT / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"


def instructions():
    """Instructions of the Dockerfile: name and the rest, lines joined, by stage."""
    text = re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE.read_text()).replace("\\\n", " ")
    stages = [[]]
    for line in text.splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            if name == "FROM":
                stages.append([])
            stages[-1].append((name, re.sub(r"\s+", " ", rest)))
    return stages


class Dockerfile(unittest.TestCase):
    def test_the_linter_finds_nothing(self):
        command = [rig.tool("hadolint"), "--failure-threshold", "info", str(DOCKERFILE)]
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def test_the_last_stage_is_empty_but_for_our_files(self):
        last = instructions()[-1]
        self.assertEqual(last[0], ("FROM", "scratch"))
        names = [name for name, _ in last]
        self.assertNotIn("RUN", names)
        self.assertNotIn("ADD", names)
        self.assertEqual([rest for name, rest in last if name == "COPY"], ["--from=program /image /"])
        given = dict(last)
        self.assertEqual(given["USER"], f"{NOBODY}:{NOBODY}")
        self.assertEqual(given["ENTRYPOINT"], '["/amparo"]')
        self.assertEqual(given["STOPSIGNAL"], "SIGTERM")

    def test_labels_say_what_it_is(self):
        (labels,) = [rest for name, rest in instructions()[-1] if name == "LABEL"]
        for key in ["title", "description", "licenses", "version", "revision", "created"]:
            self.assertIn(f"org.opencontainers.image.{key}=", labels)

    def test_nothing_secret_goes_in(self):
        text = DOCKERFILE.read_text()
        hidden = [name for name, secret in rig.settings_of_the_program().items() if secret]
        for name in hidden:
            self.assertNotIn(name, text)
        ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        self.assertEqual([line for line in ignored if line and line[0] != "#"][0], "*")

    def test_builds_are_by_lock_files(self):
        text = DOCKERFILE.read_text()
        self.assertIn("cargo build --release --locked", text)
        self.assertIn("npm ci ", text)
        self.assertIn("--remap-path-prefix", text)
        self.assertIn("SOURCE_DATE_EPOCH", text)
        wanted = re.search(r'rust-version = "([\d.]+)"', (rig.ROOT / "Cargo.toml").read_text()).group(1)
        self.assertIn(f"rust:{wanted}-", text)

    def test_ports_are_those_of_the_chart(self):
        (exposed,) = [rest for name, rest in instructions()[-1] if name == "EXPOSE"]
        ports = {
            str(port["containerPort"])
            for one in DEFAULT.of("Deployment")
            for port in one["spec"]["template"]["spec"]["containers"][0]["ports"]
        }
        self.assertEqual(set(exposed.split()), ports)

    def test_user_and_program_are_those_of_the_chart(self):
        for _, pod in DEFAULT.pods():
            self.assertEqual(pod["spec"]["securityContext"]["runAsUser"], NOBODY)
            self.assertNotIn("command", pod["spec"]["containers"][0])

    @unittest.skipUnless(shutil.which("cargo"), "cargo is not on the PATH")
    def test_what_is_copied_is_enough_for_cargo(self):
        """Cargo reads every manifest and finds every file that they name."""
        with tempfile.TemporaryDirectory(prefix="amparo-context-") as folder:
            for _, rest in [one for stage in instructions()[1:] for one in stage if one[0] == "COPY"]:
                if rest.startswith("--from"):
                    continue
                *sources, target = rest.split()
                if sources[0].startswith("services/web"):
                    continue
                for source in sources:
                    copy(rig.ROOT / source, Path(folder) / target)
            command = ["cargo", "metadata", "--no-deps", "--offline", "--locked", "--format-version", "1"]
            outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            self.assertEqual(outcome.returncode, 0, outcome.stderr)
            targets = re.findall(r'"src_path":"([^"]+)"', outcome.stdout)
            missing = [path for path in targets if not Path(path).exists() and "/tests/" not in path]
            self.assertEqual(missing, [])


def copy(source, target):
    """As COPY does, without what is built or belongs to tests."""
    ignore = shutil.ignore_patterns("target", "node_modules", "dist", "web")
    if source.is_dir():
        shutil.copytree(source, target, ignore=ignore, dirs_exist_ok=True)
    else:
        path = target / source.name if target.is_dir() else target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, path)


@unittest.skipUnless(PROGRAM, "AMPARO_BIN names no built program")
class Program(unittest.TestCase):
    """The program in the files of the image, as the chart would run it."""

    @classmethod
    def setUpClass(cls):
        cls.image = Image()
        cls.addClassCleanup(cls.image.remove)

    def test_there_is_the_program_and_what_it_is_linked_with(self):
        files = [path.relative_to(self.image.folder) for path in self.image.files if path.is_file()]
        programs = [path for path in files if path.suffix == "" and ".so" not in path.name]
        self.assertLessEqual({str(path) for path in programs}, {"amparo", "etc/passwd", "etc/group"})
        self.assertLess(len(files), 15)
        self.assertEqual(self.image.times, {0})

    def test_runs_with_an_empty_environment(self):
        process = self.image.start(["--version"], {})
        output, _ = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0, output)
        self.assertRegex(output, r"^amparo \d+\.\d+\.\d+")

    def test_says_what_is_missing_before_it_listens(self):
        environment = {"AMPARO_ADMIN_LISTEN": f"127.0.0.1:{free_port()}"}
        process = self.image.start(["serve", "cases"], environment)
        output, _ = process.communicate(timeout=20)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("internal-token", output)

    def test_takes_the_settings_of_the_chart_and_answers_its_probes(self):
        """Without Postgres and NATS: alive, not ready, and it ends in time when it is told to."""
        for one in DEFAULT.of("Deployment"):
            pod = one["spec"]["template"]["spec"]
            container = pod["containers"][0]
            with self.subTest(container["name"]):
                environment, admin = self.image.at_home(container)
                process = self.image.start(container["args"], environment)
                self.assertEqual(asked(process, admin, container["livenessProbe"]["httpGet"]["path"]), 200)
                self.assertEqual(asked(process, admin, container["readinessProbe"]["httpGet"]["path"]), 503)
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=pod["terminationGracePeriodSeconds"])


@unittest.skipUnless(has_nats(), "AMPARO_NATS_BIN has no nats-server")
class Nats(unittest.TestCase):
    """nats-server reads the configuration that the chart makes."""

    def test_is_valid_for_one_and_for_a_cluster(self):
        for replicas in [1, 3, 5]:
            with tempfile.TemporaryDirectory() as folder:
                process = nats_server("-t", "-c", str(nats_config(folder, replicas)))
                output, _ = process.communicate(timeout=20)
                self.assertEqual(process.returncode, 0, output)

    def test_is_healthy_by_the_probes_of_the_chart_and_asks_for_the_password(self):
        variant = rig.Variant("nats-1", {"nats": {"bundled": {"enabled": True, "replicas": 1}}})
        (server,) = variant.of("StatefulSet")[0]["spec"]["template"]["spec"]["containers"]
        with tempfile.TemporaryDirectory() as folder:
            client, monitor = free_port(), free_port()
            process = nats_server("-c", str(nats_config(folder, 1, client, monitor)))
            try:
                for kind in ["startupProbe", "readinessProbe", "livenessProbe"]:
                    self.assertEqual(asked(process, monitor, server[kind]["httpGet"]["path"], 200), 200)
                with socket.create_connection(("127.0.0.1", client), timeout=5) as connection:
                    told = connection.recv(65536).decode()
                    self.assertIn('"auth_required":true', told)
                    self.assertIn('"max_payload":8388608', told)
                    self.assertIn('"jetstream":true', told)
            finally:
                process.terminate()
                process.communicate(timeout=60)
