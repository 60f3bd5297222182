"""The chart renders, is valid for the versions of Kubernetes that it says, and renders as before."""

import difflib
import hashlib
import json
import re
import unittest

import jsonschema_rs

import rig
from variants import ALL, DEFAULT, FULL, REFUSED, SIZES

OWN = {path.stem: json.loads(path.read_text()) for path in (rig.HERE / "schemas").glob("*.json")}


def setUpModule():
    rig.render_all(ALL)


class Renders(unittest.TestCase):
    def test_lint_finds_nothing(self):
        for variant in [DEFAULT, FULL]:
            outcome = rig.helm("lint", "--strict", *variant.arguments()[1:])
            self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def test_every_variant_renders(self):
        for variant in ALL:
            with self.subTest(variant):
                self.assertGreater(len(variant.objects), 20)
                names = [
                    (one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"])
                    for one in variant.objects
                ]
                self.assertEqual(len(names), len(set(names)), "an object is there twice")

    def test_contradictions_are_refused_with_a_reason(self):
        refused = [
            (name, rig.Variant(f"refused-{number}", values), word)
            for number, (name, (values, word)) in enumerate(REFUSED.items())
        ]
        rig.render_all([variant for _, variant, _ in refused])
        for name, variant, word in refused:
            with self.subTest(name):
                self.assertNotEqual(variant.outcome.returncode, 0, "it was rendered")
                self.assertIn(word, variant.outcome.stderr)

    def test_an_older_cluster_is_refused(self):
        outcome = rig.helm("template", *DEFAULT.arguments(), "--kube-version", "1.29.0")
        self.assertIn("incompatible with Kubernetes", outcome.stderr)

    def test_no_text_is_left_unrendered(self):
        for variant in ALL:
            with self.subTest(variant):
                shown = re.sub(r"(?s)\n  amparo-\w+\.json: \|.*?(?=\n---)", "", variant.text)
                self.assertNotIn("{{", shown)
                self.assertNotIn("<no value>", shown)
                self.assertNotRegex(shown, r"value: \"?[0-9.]+e\+")
                self.assertNotRegex(shown, r"%\w+%")

    def test_notes_say_what_to_do_next(self):
        outcome = rig.helm("install", *DEFAULT.arguments(), "--dry-run=client")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        notes = outcome.stdout.split("NOTES:")[1]
        for word in ["rollout status", "tenant open", "install-configuration", "root key", "WARNING"]:
            self.assertIn(word, notes)


class Valid(unittest.TestCase):
    def test_objects_fit_the_schemas_of_kubernetes(self):
        for version in ["1.30.0", "1.35.0", "1.37.0"]:
            definitions = rig.schema(version)["$defs"]
            kinds = kinds_of(definitions)
            validators = {}
            for variant in ALL:
                for one in variant.objects:
                    key = (one["apiVersion"], one["kind"])
                    if key not in kinds:
                        self.assertIn(one["kind"], OWN, f"nothing is known of {key}")
                        continue
                    if key not in validators:
                        wanted = {"$defs": definitions, "$ref": f"#/$defs/{kinds[key]}"}
                        validators[key] = jsonschema_rs.validator_for(wanted)
                    with self.subTest(f"{version} {variant} {rig.title(one)}"):
                        check(self, validators[key], one)

    def test_objects_of_operators_fit_what_we_use_of_them(self):
        for variant in ALL:
            for one in variant.objects:
                if one["kind"] in OWN:
                    with self.subTest(f"{variant} {rig.title(one)}"):
                        check(self, jsonschema_rs.validator_for(OWN[one["kind"]]), one)


def check(test, validator, one):
    problems = [
        f"/{'/'.join(str(step) for step in problem.instance_path)}: {problem.message[:300]}"
        for problem in validator.iter_errors(one)
    ]
    test.assertEqual(problems, [])


def kinds_of(definitions):
    """Where the definition of each kind is."""
    found = {}
    for name, definition in definitions.items():
        properties = definition.get("properties", {})
        version, kind = (properties.get(key, {}).get("enum") for key in ("apiVersion", "kind"))
        if version and kind:
            found[(version[0], kind[0])] = name
    return found


class AsBefore(unittest.TestCase):
    """What is rendered is what was reviewed; `--update` writes it anew."""

    def test_default_and_everything(self):
        for variant in [DEFAULT, FULL]:
            self.compare(f"{variant}.yaml", without_dashboards(variant.text))

    def test_sizes_differ_from_the_default_as_they_did(self):
        for variant in SIZES:
            difference = difflib.unified_diff(
                headed(DEFAULT.text), headed(variant.text), "default", str(variant), "", "", 0, ""
            )
            self.compare(f"{variant}.diff", "\n".join(difference) + "\n")

    def compare(self, name, text):
        path = rig.GOLDEN / name
        if rig.UPDATE:
            path.write_text(text)
        before = path.read_text() if path.exists() else ""
        difference = difflib.unified_diff(
            before.splitlines(), text.splitlines(), f"golden/{name}", "now", lineterm="", n=2
        )
        shown = "\n".join(list(difference)[:60])
        self.assertEqual(before, text, f"\n{shown}\nright? tests/helm/run --update")


def headed(text):
    """Lines under the name of their object, so that a difference says where it is."""
    lines, kind = [], ""
    for line in text.splitlines():
        if line.startswith("kind:"):
            kind = line.split()[1]
        if line.startswith("  name:"):
            lines.append(f"# {kind} {line.split()[1]}")
        lines.append(line)
    return lines


def without_dashboards(text):
    """The text with a hash in place of each dashboard."""

    def shorten(match):
        return f"{match.group(1)} # {hashlib.sha256(match.group(2).encode()).hexdigest()[:16]}"

    return re.sub(r"(?s)(\n  amparo-\w+\.json: \|)(.*?)(?=\n---)", shorten, text)
