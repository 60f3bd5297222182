"""What the tests stand on: the tools, Helm, renders of the chart, the sources of the program."""

import functools
import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CHART = ROOT / "helm" / "amparo"
SERVICES = ROOT / "services"
TOOLS = Path(os.environ.get("AMPARO_HELM_TOOLS", ROOT / ".data" / "helm"))
GOLDEN = HERE / "golden"

UPDATE = False
ACCEPT_IMMUTABLE = False

try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader


# === Helm ===


def tool(name):
    return str(TOOLS / "bin" / name)


@functools.cache
def _home():
    return tempfile.TemporaryDirectory(prefix="amparo-helm-")


def helm(*arguments, **more):
    """What Helm answers; its settings and caches lie in a folder of their own."""
    home = _home().name
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "HELM_CACHE_HOME": home,
        "HELM_CONFIG_HOME": home,
        "HELM_DATA_HOME": home,
        **more,
    }
    return subprocess.run(
        [tool("helm"), *arguments], capture_output=True, text=True, env=environment, check=False
    )


class Variant:
    """The chart with certain values, rendered."""

    def __init__(self, name, values=None, files=(), release="amparo", namespace="protection"):
        self.name, self.values, self.files = name, values or {}, files
        self.release, self.namespace = release, namespace

    def arguments(self):
        given = [argument for file in self.files for argument in ("-f", str(CHART / file))]
        if self.values:
            path = Path(_home().name) / f"{self.name}.yaml"
            path.write_text(yaml.safe_dump(self.values))
            given += ["-f", str(path)]
        return [self.release, str(CHART), "--namespace", self.namespace, *given]

    @functools.cached_property
    def outcome(self):
        return helm("template", *self.arguments())

    @property
    def text(self):
        if self.outcome.returncode != 0:
            raise AssertionError(f"{self.name} does not render: {self.outcome.stderr}")
        return self.outcome.stdout

    @functools.cached_property
    def objects(self):
        return [one for one in yaml.load_all(self.text, Loader) if one]

    def of(self, *kinds):
        return [one for one in self.objects if one["kind"] in kinds]

    def one(self, kind, name):
        return next(
            one for one in self.of(kind) if one["metadata"]["name"] == f"{self.release}-{name}"
        )

    def pods(self):
        """The pods that workloads make: the workload and its pod template."""
        for one in self.objects:
            if one["kind"] in ("Deployment", "StatefulSet", "Job"):
                yield one, one["spec"]["template"]
            elif one["kind"] == "CronJob":
                yield one, one["spec"]["jobTemplate"]["spec"]["template"]
            elif one["kind"] == "Pod":
                yield one, one

    def __repr__(self):
        return self.name


def render_all(variants):
    """Renders side by side what will be asked for."""
    with ThreadPoolExecutor(max_workers=4) as workers:
        list(workers.map(lambda variant: variant.outcome, variants))


def title(one):
    return f"{one['kind']} {one['metadata']['name']}"


# === the sources of the program ===


def rust_files(folder):
    """Sources without tests, and without modules that are for tests."""
    for path in sorted(folder.rglob("*.rs")):
        if "tests" not in path.relative_to(folder).parts:
            yield path


@functools.cache
def source(path):
    """The text of a file without its tests."""
    return path.read_text().split("#[cfg(test)]\nmod tests")[0]


@functools.cache
def settings_of_the_program():
    """Environment variables that `amparo serve` and `amparo migrate` read, by name: whether their
    value is hidden."""
    found = {}
    paths = sorted((SERVICES / "kit" / "serve" / "src").glob("*.rs"))
    paths += [path for path in rust_files(SERVICES) if path.name == "settings.rs"]
    for path in dict.fromkeys(paths):
        for attribute in re.findall(r"#\[arg\((.*?)\)\]", source(path), re.S):
            name = re.search(r'env\s*=\s*"(AMPARO_[A-Z_]+)"', attribute)
            if name:
                found[name.group(1)] = "hide_env_values" in attribute
    return found


@functools.cache
def services_of_the_program():
    """The names in `Service::ALL`, in order."""
    text = source(SERVICES / "kit" / "serve" / "src" / "settings.rs")
    names = re.search(r"const ALL[^=]*=\s*\[(.*?)\]", text, re.S).group(1)
    return [name.lower() for name in re.findall(r"Self::(\w+)", names)]


@functools.cache
def metrics_of_the_program():
    """Metrics that any source names in `counter!`, `gauge!` or `histogram!`: kind and labels."""
    found = {}
    for path in rust_files(SERVICES):
        text = source(path)
        for match in re.finditer(r'\b(counter|gauge|histogram)!\(\s*"(\w+)"(.*?)\)\s*(?:\.|;)', text, re.S):
            kind, name, rest = match.groups()
            labels = set(re.findall(r'"(\w+)"\s*=>', rest))
            if "&labels" in rest:
                labels |= set(re.findall(r'\("(\w+)",', text))
            known = found.setdefault(name, (kind, set()))
            known[1].update(labels)
    return found


@functools.cache
def schema(version):
    return json.loads((TOOLS / "kubernetes" / f"{version}.json").read_text())
