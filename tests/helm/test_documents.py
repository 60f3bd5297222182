"""What is written about the chart is so."""

import json
import re
import subprocess
import sys
import unittest

import yaml

import rig
from variants import SIZES

SCHEMA = json.loads((rig.CHART / "values.schema.json").read_text())
VALUES = yaml.safe_load((rig.CHART / "values.yaml").read_text())


def nodes(node, path=""):
    """Every property of the schema, definitions too."""
    for key, below in node.get("properties", {}).items():
        yield f"{path}/{key}", below
        yield from nodes(below, f"{path}/{key}")
    for key, below in node.get("$defs", {}).items():
        yield from nodes(below, f"{path}/$defs/{key}")


class Documents(unittest.TestCase):
    def test_the_readme_is_current(self):
        command = [sys.executable, str(rig.ROOT / "helm" / "readme"), "--check"]
        outcome = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def test_every_value_is_described_and_typed(self):
        for path, node in nodes(SCHEMA):
            with self.subTest(path):
                self.assertTrue({"type", "enum", "$ref"} & set(node), "no type")
                self.assertRegex(node.get("description", ""), r"\.$", "no description")

    def test_every_value_of_the_chart_is_in_the_schema(self):
        """Objects are closed, so that a misspelt key is refused; but for those of Kubernetes."""
        loose = {"/podSecurityContext", "/securityContext", "/global"}
        for path, node in nodes(SCHEMA):
            if node.get("type") == "object" and "properties" in node and "$defs" not in path:
                shut = node.get("additionalProperties") is False
                shut = shut or node.get("unevaluatedProperties") is False
                self.assertTrue(shut or path in loose, path)

    def test_references_stay_within_the_file(self):
        for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(SCHEMA)):
            self.assertTrue(reference.startswith("#/$defs/"), reference)

    def test_sizes_say_nothing_that_the_default_says(self):
        for variant in SIZES:
            given = yaml.safe_load((rig.CHART / variant.files[0]).read_text())
            known = {key for key in VALUES}
            self.assertLessEqual(set(given), known)

    def test_files_that_are_named_are_there(self):
        for path in [rig.CHART / "README.md", rig.ROOT / "deploy" / "README.md", rig.ROOT / "infra" / "README.md"]:
            for link in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
                if "://" not in link:
                    self.assertTrue((path.parent / link).exists(), f"{path.name}: {link}")

    def test_no_template_is_longer_than_a_screen_or_three(self):
        for path in (rig.CHART / "templates").iterdir():
            self.assertLessEqual(len(path.read_text().splitlines()), 200, path.name)
