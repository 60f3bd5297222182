"""infra/: format, references, and what its plan makes of the chart."""

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import hcl2
import jsonschema_rs
import yaml

import rig
import test_render

INFRA = rig.ROOT / "infra"
TERRAFORM = shutil.which("terraform") or shutil.which("tofu")
# A folder with providers, for machines that reach no registry of them.
PLUGINS = os.environ.get("AMPARO_TF_PLUGINS", "")
MODULES = [INFRA, INFRA / "modules" / "plan", INFRA / "modules" / "backups"]
EXAMPLE = INFRA / "example.tfvars"


def terraform(folder, *arguments):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TF_CLI_CONFIG_FILE": "/dev/null",
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }
    return subprocess.run(
        [TERRAFORM, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment,
        timeout=100,
        check=False,
    )


@functools.cache
def copied():
    """infra/ elsewhere, since Terraform leaves files where it works."""
    folder = tempfile.TemporaryDirectory(prefix="amparo-infra-")
    shutil.copytree(INFRA, Path(folder.name) / "infra", ignore=shutil.ignore_patterns(".terraform*"))
    return folder


def module(name):
    return Path(copied().name) / "infra" / "modules" / name


@unittest.skipUnless(TERRAFORM, "neither terraform nor tofu is on the PATH")
class WithTerraform(unittest.TestCase):
    def test_files_are_formatted(self):
        outcome = terraform(INFRA, "fmt", "-check", "-recursive", "-diff", "-no-color")
        self.assertEqual(outcome.returncode, 0, outcome.stdout)

    def test_the_plan_is_valid_and_keeps_what_it_says(self):
        folder = module("plan")
        for step in [["init", "-backend=false", "-input=false"], ["validate"], ["test"]]:
            outcome = terraform(folder, *step, "-no-color")
            self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def test_backups_are_valid(self):
        if not PLUGINS:
            self.skipTest("AMPARO_TF_PLUGINS names no folder with providers")
        folder = module("backups")
        init = ["init", "-backend=false", "-input=false", f"-plugin-dir={PLUGINS}"]
        for step in [init, ["validate"]]:
            outcome = terraform(folder, *step, "-no-color")
            self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def test_the_chart_takes_the_values_of_the_plan(self):
        for size in ["small", "medium", "large"]:
            with self.subTest(size):
                outputs = planned(size)
                variant = rig.Variant(
                    f"planned-{size}", outputs["amparo_values"], files=[f"values-{size}.yaml"]
                )
                self.assertGreater(len(variant.of("Deployment")), 5)
                self.assertEqual(len(variant.of("Ingress")), 1)
                services = {
                    one["metadata"]["labels"]["app.kubernetes.io/component"]
                    for one in variant.of("Deployment")
                    if any(
                        volume["name"] == "postgres"
                        for volume in one["spec"]["template"]["spec"]["volumes"]
                    )
                }
                databases = {one["metadata"]["name"] for one in outputs["objects"] if one["kind"] == "Database"}
                self.assertEqual(databases, services)

    def test_objects_of_the_plan_fit(self):
        definitions = rig.schema("1.37.0")["$defs"]
        kinds = test_render.kinds_of(definitions)
        outputs = planned("medium")
        for one in outputs["objects"]:
            with self.subTest(rig.title(one)):
                key = (one["apiVersion"], one["kind"])
                if key in kinds:
                    wanted = {"$defs": definitions, "$ref": f"#/$defs/{kinds[key]}"}
                    test_render.check(self, jsonschema_rs.validator_for(wanted), one)
                elif one["kind"] == "Database":
                    test_render.check(self, jsonschema_rs.validator_for(test_render.OWN["Database"]), one)
        secrets = {role["passwordSecret"]["name"] for role in outputs["objects"][0]["spec"]["managed"]["roles"]}
        self.assertEqual(len(secrets), len(outputs["roles"]))

    def test_objects_are_rendered_as_they_are(self):
        objects = planned("medium")["objects"]
        path = Path(copied().name) / "objects.yaml"
        path.write_text(yaml.safe_dump({"objects": objects}))
        outcome = rig.helm("template", "objects", str(INFRA / "charts" / "objects"), "-f", str(path))
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        rendered = [one for one in yaml.load_all(outcome.stdout, rig.Loader) if one]
        name = rig.title
        self.assertEqual(sorted(rendered, key=name), sorted(objects, key=name))


@functools.cache
def planned(size):
    """The outputs of the plan for the example's inputs."""
    folder = Path(tempfile.mkdtemp(dir=copied().name))
    for path in module("plan").glob("*.tf"):
        shutil.copy(path, folder)
    wanted = declared(read(INFRA / "modules" / "plan"), "variable")
    given = {name: value for name, value in plain(load(EXAMPLE)).items() if name in wanted}
    given |= {"size": size}
    given["backups"] |= {"secret": "backups", "retain_days": 30, "schedule": "0 0 2 * * *"}
    (folder / "inputs.auto.tfvars.json").write_text(json.dumps(given))
    for step in [["init", "-backend=false", "-input=false"], ["apply", "-auto-approve", "-input=false"]]:
        outcome = terraform(folder, *step, "-no-color")
        if outcome.returncode != 0:
            raise AssertionError(outcome.stdout + outcome.stderr)
    outcome = terraform(folder, "output", "-json")
    return {name: one["value"] for name, one in json.loads(outcome.stdout).items()}


class WithAParser(unittest.TestCase):
    def test_variables_and_outputs_are_described_and_used(self):
        for folder in MODULES:
            blocks, text = read(folder), words(folder)
            for name, block in declared(blocks, "variable").items():
                with self.subTest(f"{folder.name} {name}"):
                    self.assertIn("description", block)
                    self.assertIn("type", block)
                    used = re.search(rf"\bvar\.{name}\b", text)
                    self.assertTrue(used, "nobody reads it")
            for name, block in declared(blocks, "output").items():
                self.assertIn("description", block, f"{folder.name} {name}")

    def test_what_is_referred_to_is_declared(self):
        for folder in MODULES:
            blocks, text = read(folder), words(folder)
            names = {kind: set(declared(blocks, kind)) for kind in ["variable", "module"]}
            locals_there = {name for block in blocks.get("locals", []) for name in block}
            for kind, pattern, there in [
                ("var", r"\bvar\.(\w+)", names["variable"]),
                ("module", r"\bmodule\.(\w+)", names["module"]),
                ("local", r"\blocal\.(\w+)", locals_there),
            ]:
                self.assertLessEqual(set(re.findall(pattern, text)), there, f"{folder.name} {kind}")
            resources = {
                (unquoted(kind), unquoted(name))
                for key in ["resource", "data", "ephemeral"]
                for block in blocks.get(key, [])
                for kind, inner in block.items()
                for name in inner
                if not kind.startswith("__")
            }
            used = set(re.findall(r"\b((?:helm|kubernetes|random|aws)_\w+)\.(\w+)", text))
            self.assertLessEqual(used, resources, folder.name)

    def test_modules_get_what_they_ask_for(self):
        calls = declared(read(INFRA), "module")
        self.assertEqual(set(calls), {"plan", "backups"})
        for name, block in calls.items():
            asked = declared(read(INFRA / "modules" / name), "variable")
            given = {key for key in block if key not in ("source", "__is_block__")}
            needed = {key for key, variable in asked.items() if "default" not in variable}
            self.assertLessEqual(given, set(asked), name)
            self.assertLessEqual(needed, given, name)
            outputs = set(declared(read(INFRA / "modules" / name), "output"))
            used = set(re.findall(rf"\bmodule\.{name}\.(\w+)", words(INFRA)))
            self.assertLessEqual(used, outputs, name)

    def test_the_example_has_every_input(self):
        variables = declared(read(INFRA), "variable")
        given = set(plain(load(EXAMPLE)))
        needed = {name for name, block in variables.items() if "default" not in block}
        self.assertLessEqual(given, set(variables))
        self.assertLessEqual(needed, given)

    def test_databases_are_those_of_the_chart(self):
        (services,) = [
            plain(block["default"])
            for name, block in declared(read(INFRA / "modules" / "plan"), "variable").items()
            if name == "services"
        ]
        kept = set(rig.services_of_the_program()) - {"gateway"}
        self.assertEqual(set(services), kept)

    def test_no_secret_is_in_the_state(self):
        blocks = read(INFRA)
        secrets = [
            inner
            for block in blocks["resource"]
            for kind, named in block.items()
            if unquoted(kind).startswith("kubernetes_secret")
            for inner in named.values()
        ]
        self.assertGreater(len(secrets), 2)
        for secret in secrets:
            self.assertNotIn("data", secret)
            self.assertIn("data_wo", secret)
        self.assertNotIn("data", blocks, "what is read ends in the state")
        self.assertNotIn('resource "random_password"', words(INFRA))


# === reading HCL ===


def load(path):
    with path.open() as file:
        return hcl2.load(file)


@functools.cache
def read(folder):
    """All blocks of a folder's files."""
    blocks = {}
    for path in sorted(folder.glob("*.tf")):
        for kind, found in load(path).items():
            blocks.setdefault(kind, []).extend(found if isinstance(found, list) else [found])
    return blocks


@functools.cache
def words(folder):
    """The text of a folder's files without comments."""
    text = "\n".join(path.read_text() for path in sorted(folder.glob("*.tf")))
    return re.sub(r"(?m)^\s*#.*$", "", text)


def unquoted(text):
    return text.strip('"')


def declared(blocks, kind):
    return {
        unquoted(name): block
        for one in blocks.get(kind, [])
        for name, block in one.items()
        if not name.startswith("__")
    }


def plain(value):
    """Values as JSON has them."""
    if isinstance(value, dict):
        return {unquoted(key): plain(one) for key, one in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return unquoted(value) if isinstance(value, str) else value
