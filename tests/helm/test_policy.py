"""Rules that every rendered object keeps: no privilege, limits, selectors that match, no secret."""

import re
import unittest

import rig
from variants import ALL, DEFAULT, FULL


def setUpModule():
    rig.render_all(ALL)


def every_pod():
    for variant in ALL:
        for workload, pod in variant.pods():
            yield variant, workload, pod


def matches(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


def pod_labels(variant):
    """Labels of all pods of the release, by workload."""
    return {
        rig.title(workload): pod["metadata"]["labels"] for workload, pod in variant.pods()
    }


class NoPrivilege(unittest.TestCase):
    def test_pods_are_let_in_at_the_level_restricted(self):
        for variant, workload, pod in every_pod():
            with self.subTest(f"{variant} {rig.title(workload)}"):
                spec = pod["spec"]
                for key in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"]:
                    self.assertNotIn(key, spec)
                self.assertTrue(spec["securityContext"]["runAsNonRoot"])
                self.assertGreater(spec["securityContext"]["runAsUser"], 999)
                self.assertEqual(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
                for container in spec["containers"] + spec.get("initContainers", []):
                    security = container["securityContext"]
                    self.assertIs(security["allowPrivilegeEscalation"], False)
                    self.assertIs(security["privileged"], False)
                    self.assertIs(security["readOnlyRootFilesystem"], True)
                    self.assertIs(security["runAsNonRoot"], True)
                    self.assertEqual(security["capabilities"], {"drop": ["ALL"]})
                    self.assertFalse(any("hostPort" in port for port in container.get("ports", [])))
                for volume in spec.get("volumes", []):
                    kinds = set(volume) - {"name"}
                    allowed = {"secret", "configMap", "emptyDir", "persistentVolumeClaim"}
                    self.assertLessEqual(kinds, allowed)

    def test_no_pod_speaks_with_the_api_server(self):
        for variant, workload, pod in every_pod():
            with self.subTest(f"{variant} {rig.title(workload)}"):
                speaks = pod["metadata"]["labels"]["app.kubernetes.io/component"] == "operator"
                self.assertIs(pod["spec"]["automountServiceAccountToken"], speaks)
                self.assertIs(pod["spec"]["enableServiceLinks"], False)
            if variant.name not in ("everything", "tenants"):
                self.assertEqual(variant.of("Role", "RoleBinding"), [])
            self.assertEqual(variant.of("ClusterRole", "ClusterRoleBinding"), [])

    def test_the_operator_may_do_what_it_does_and_no_more(self):
        for variant in ALL:
            for one in variant.of("Role"):
                allowed = {
                    (group, resource): set(rule["verbs"])
                    for rule in one["rules"]
                    for group in rule["apiGroups"]
                    for resource in rule["resources"]
                }
                if one["metadata"]["namespace"] in ("tenants", "protection-tenants"):
                    wanted = {
                        ("amparo.dev", "tenants"): {"get", "list", "watch", "patch"},
                        ("amparo.dev", "tenants/status"): {"patch"},
                        ("", "secrets"): {"get"},
                        ("", "configmaps"): {"get", "list", "watch"},
                        ("events.k8s.io", "events"): {"create", "patch"},
                    }
                else:
                    # Nothing of the installation's own Secrets.
                    routes = {"get", "list", "watch", "create", "patch", "delete"}
                    kinds = {
                        "everything": ("networking.k8s.io", "ingresses"),
                        "tenants": ("gateway.networking.k8s.io", "httproutes"),
                    }
                    leases = ("coordination.k8s.io", "leases")
                    wanted = {leases: {"get", "update"}, kinds[variant.name]: routes}
                    (named,) = [rule for rule in one["rules"] if "resourceNames" in rule]
                    self.assertEqual(named["resourceNames"], ["amparo-operator"])
                self.assertEqual(allowed, wanted, f"{variant} {one['metadata']['namespace']}")

    def test_every_container_has_requests_and_limits(self):
        for variant, workload, pod in every_pod():
            for container in pod["spec"]["containers"]:
                with self.subTest(f"{variant} {rig.title(workload)}"):
                    resources = container["resources"]
                    for kind in ["requests", "limits"]:
                        self.assertEqual(set(resources[kind]), {"cpu", "memory"})
                    self.assertEqual(resources["requests"]["memory"], resources["limits"]["memory"])
        for one in FULL.of("Cluster"):
            self.assertEqual(set(one["spec"]["resources"]["limits"]), {"cpu", "memory"})

    def test_images_do_not_move(self):
        for variant, workload, pod in every_pod():
            for container in pod["spec"]["containers"]:
                with self.subTest(f"{variant} {rig.title(workload)}"):
                    self.assertRegex(container["image"], r"(:[^:/]+|@sha256:[0-9a-f]{64})$")
                    self.assertFalse(container["image"].endswith(":latest"))

    def test_volumes_that_are_not_bounded_are_not_there(self):
        for variant, workload, pod in every_pod():
            for volume in pod["spec"].get("volumes", []):
                if "emptyDir" in volume:
                    self.assertIn("sizeLimit", volume["emptyDir"], f"{variant} {workload}")


class NoSecret(unittest.TestCase):
    def test_the_chart_makes_no_secret(self):
        for variant in ALL:
            self.assertEqual(variant.of("Secret"), [], variant)

    def test_nothing_secret_is_in_the_environment(self):
        hidden = {name for name, secret in rig.settings_of_the_program().items() if secret}
        self.assertIn("AMPARO_INTERNAL_TOKEN", hidden)
        for variant, workload, pod in every_pod():
            for container in pod["spec"]["containers"]:
                for variable in container.get("env", []):
                    with self.subTest(f"{variant} {rig.title(workload)} {variable['name']}"):
                        self.assertNotIn(variable["name"], hidden)
                        self.assertNotRegex(str(variable.get("value", "")), r"://[^/]*:[^/]*@")

    def test_secrets_are_files_for_our_group_one_key_each(self):
        # A certificate is of no use without its key, and both are renewed together.
        certificate = {"tls.crt", "tls.key"}
        for variant, workload, pod in every_pod():
            for volume in pod["spec"].get("volumes", []):
                if "secret" in volume:
                    with self.subTest(f"{variant} {rig.title(workload)} {volume['name']}"):
                        self.assertEqual(volume["secret"]["defaultMode"], 0o440)
                        keys = {item["key"] for item in volume["secret"]["items"]}
                        self.assertTrue(len(keys) == 1 or certificate <= keys <= certificate | {"ca.crt"})
                        # Files of a subPath would stay as they were when the Secret changes.
                        mounts = [
                            mount
                            for container in pod["spec"]["containers"]
                            for mount in container["volumeMounts"]
                            if mount["name"] == volume["name"]
                        ]
                        self.assertFalse([mount for mount in mounts if "subPath" in mount])

    def test_a_pod_gets_the_secrets_that_it_needs_and_no_other(self):
        usual = {"internal", "postgres", "nats"}
        wanted = {name: usual for name in rig.services_of_the_program()} | {
            "keyring": {"internal", "postgres", "keyring"},
            "identity": usual | {"signing"},
            "gateway": {"internal", "nats"},
            "migrate": {"postgres-owner"},
        }
        got = {}
        for workload, pod in DEFAULT.pods():
            volumes = pod["spec"]["volumes"]
            component = workload["metadata"]["labels"]["app.kubernetes.io/component"]
            got[component] = {volume["name"] for volume in volumes if "secret" in volume}
        self.assertEqual(got, wanted)

    def test_who_calls_or_is_called_shows_a_certificate(self):
        for variant in (FULL, next(one for one in ALL if one.name == "own-certificates")):
            issued = {
                one["spec"]["secretName"]: one["spec"]["dnsNames"] for one in variant.of("Certificate")
            }
            for workload, pod in variant.pods():
                (container,) = pod["spec"]["containers"]
                told = {item["name"]: item.get("value", "") for item in container.get("env", [])}
                if "AMPARO_INTERNAL_TOKEN_FILE" not in told:
                    continue
                with self.subTest(f"{variant} {rig.title(workload)}"):
                    self.assertIn("AMPARO_TLS_CERTIFICATE_FILE", told)
                    for name, value in told.items():
                        if re.fullmatch(r"AMPARO_(?!POSTGRES|NATS).*_URL", name):
                            self.assertTrue(value.startswith("https://"), value)
                    (tls,) = [one for one in pod["spec"]["volumes"] if one["name"] == "tls"]
                    secret = tls["secret"]["secretName"]
                    if issued and "AMPARO_LISTEN" in told:
                        # As it stands in the addresses of those who call it.
                        name = f'{workload["metadata"]["name"]}.{workload["metadata"]["namespace"]}.svc'
                        self.assertEqual(issued[secret], [name])
                    elif issued:
                        self.assertIn(secret, issued)
                    else:
                        self.assertEqual(secret, "amparo-tls")
        told = [item for one, pod in DEFAULT.pods() for item in pod["spec"]["containers"][0]["env"]]
        self.assertFalse([item for item in told if "_TLS_" in item["name"]])

    def test_whoever_connects_to_nats_knows_whom_to_trust(self):
        for workload, pod in FULL.pods():
            for container in pod["spec"]["containers"]:
                names = {variable["name"] for variable in container.get("env", [])}
                with self.subTest(rig.title(workload)):
                    self.assertEqual("AMPARO_NATS_CA_FILE" in names, "AMPARO_NATS_URL_FILE" in names)
        (server,) = FULL.of("StatefulSet")
        mounts = server["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
        self.assertIn("/etc/nats-tls", [mount["mountPath"] for mount in mounts])
        self.assertIn("/etc/nats-tls/tls.crt", FULL.one("ConfigMap", "nats")["data"]["nats.conf"])

    def test_whoever_connects_to_postgres_knows_whom_to_trust(self):
        for workload, pod in FULL.pods():
            for container in pod["spec"]["containers"]:
                names = {variable["name"] for variable in container.get("env", [])}
                connects = {"AMPARO_POSTGRES_URL_FILE", "AMPARO_POSTGRES_OWNER_URL_FILE"} & names
                with self.subTest(rig.title(workload)):
                    self.assertEqual("AMPARO_POSTGRES_CA_FILE" in names, bool(connects))

    def test_mounts_and_volumes_belong_together(self):
        for variant, workload, pod in every_pod():
            with self.subTest(f"{variant} {rig.title(workload)}"):
                volumes = {volume["name"] for volume in pod["spec"].get("volumes", [])}
                claims = workload["spec"].get("volumeClaimTemplates", [])
                volumes |= {claim["metadata"]["name"] for claim in claims}
                mounts = {
                    mount["name"]
                    for container in pod["spec"]["containers"]
                    for mount in container.get("volumeMounts", [])
                }
                self.assertEqual(volumes, mounts)

    def test_files_that_settings_name_are_mounted(self):
        for variant, workload, pod in every_pod():
            for container in pod["spec"]["containers"]:
                paths = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
                for variable in container.get("env", []):
                    if variable["name"].endswith(("_FILE", "_SPOOL")):
                        with self.subTest(f"{variant} {rig.title(workload)} {variable['name']}"):
                            self.assertTrue(variable["value"].startswith(tuple(paths)))


class Belongs(unittest.TestCase):
    def test_names_and_labels(self):
        for variant in ALL:
            for one in variant.objects:
                if one["metadata"]["name"].endswith("-more"):
                    continue
                with self.subTest(f"{variant} {rig.title(one)}"):
                    self.assertLessEqual(len(one["metadata"]["name"]), 63)
                    if one["kind"] != "CustomResourceDefinition":
                        self.assertTrue(one["metadata"]["namespace"])
                    labels = one["metadata"]["labels"]
                    for key in ["name", "instance", "component", "managed-by", "version"]:
                        self.assertTrue(labels[f"app.kubernetes.io/{key}"])
                    for value in labels.values():
                        self.assertRegex(value, r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")

    def test_selectors_match_the_pods_of_one_component(self):
        for variant in ALL:
            pods = pod_labels(variant)
            for one in variant.of("Deployment", "StatefulSet", "Service", "PodDisruptionBudget"):
                with self.subTest(f"{variant} {rig.title(one)}"):
                    selector = one["spec"]["selector"]
                    selector = selector.get("matchLabels", selector)
                    component = one["metadata"]["labels"]["app.kubernetes.io/component"]
                    chosen = [name for name, labels in pods.items() if matches(selector, labels)]
                    self.assertEqual(len(chosen), 1)
                    self.assertEqual(selector["app.kubernetes.io/component"], component)

    def test_selectors_are_those_of_the_first_release(self):
        keys = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"}
        for one in FULL.of("Deployment", "StatefulSet"):
            self.assertEqual(set(one["spec"]["selector"]["matchLabels"]), keys)

    def test_what_is_referred_to_is_there(self):
        for variant in ALL:
            there = {(one["kind"], one["metadata"]["name"]) for one in variant.objects}
            ports = {
                one["metadata"]["name"]: {port["name"]: port for port in one["spec"]["ports"]}
                for one in variant.of("Service")
            }
            for one in variant.of("HorizontalPodAutoscaler"):
                target = one["spec"]["scaleTargetRef"]
                self.assertIn((target["kind"], target["name"]), there)
            for one in variant.of("ScaledObject"):
                self.assertIn(("Deployment", one["spec"]["scaleTargetRef"]["name"]), there)
            for one in variant.of("Ingress"):
                for rule in one["spec"]["rules"]:
                    backend = rule["http"]["paths"][0]["backend"]["service"]
                    self.assertIn(backend["port"]["name"], ports[backend["name"]])
            for one in variant.of("HTTPRoute"):
                backend = one["spec"]["rules"][0]["backendRefs"][0]
                numbers = [port["port"] for port in ports[backend["name"]].values()]
                self.assertIn(backend["port"], numbers)
            for one in variant.of("StatefulSet"):
                self.assertIn(("Service", one["spec"]["serviceName"]), there)
            for one in variant.of("Database", "ScheduledBackup"):
                self.assertIn(("Cluster", one["spec"]["cluster"]["name"]), there)
            for workload, pod in variant.pods():
                account = pod["spec"]["serviceAccountName"]
                if account != "default":
                    self.assertIn(("ServiceAccount", account), there)
                for volume in pod["spec"].get("volumes", []):
                    if "configMap" in volume:
                        self.assertIn(("ConfigMap", volume["configMap"]["name"]), there)
                    claim = volume.get("persistentVolumeClaim", {}).get("claimName", "spool")
                    # These are there already, as the values say.
                    if claim not in ("spool", "exports"):
                        self.assertIn(("PersistentVolumeClaim", claim), there)

    def test_ports_of_services_are_ports_of_containers(self):
        for variant in ALL:
            for service in variant.of("Service"):
                for workload, pod in variant.pods():
                    if not matches(service["spec"]["selector"], pod["metadata"]["labels"]):
                        continue
                    names = {
                        port["name"]
                        for container in pod["spec"]["containers"]
                        for port in container["ports"]
                    }
                    for port in service["spec"]["ports"]:
                        self.assertIn(port["targetPort"], names, f"{variant} {workload}")

    def test_one_service_can_be_closed(self):
        closed = rig.Variant("closed", {"services": {"gateway": {"replicas": 0}}})
        self.assertEqual(closed.one("Deployment", "gateway")["spec"]["replicas"], 0)
        self.assertEqual(closed.one("Deployment", "cases")["spec"]["replicas"], 2)

    def test_a_scaled_deployment_has_no_number_of_its_own(self):
        for variant in ALL:
            scaled = {
                one["spec"]["scaleTargetRef"]["name"]
                for one in variant.of("HorizontalPodAutoscaler", "ScaledObject")
            }
            for one in variant.of("Deployment"):
                self.assertEqual("replicas" in one["spec"], one["metadata"]["name"] not in scaled)


class ComesAndGoes(unittest.TestCase):
    def test_probes_ask_ports_that_are_there(self):
        for variant, workload, pod in every_pod():
            if workload["kind"] not in ("Deployment", "StatefulSet"):
                continue
            for container in pod["spec"]["containers"]:
                names = {port["name"] for port in container["ports"]}
                for kind in ["startupProbe", "readinessProbe", "livenessProbe"]:
                    self.assertIn(container[kind]["httpGet"]["port"], names, rig.title(workload))

    def test_liveness_asks_nothing_that_a_service_stands_on(self):
        for one in DEFAULT.of("Deployment"):
            container = one["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(container["livenessProbe"]["httpGet"]["path"], "/livez")

    def test_whoever_waits_for_a_migration_is_not_restarted(self):
        for one in FULL.of("Deployment"):
            container = one["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(container["startupProbe"]["httpGet"]["path"], "/livez", rig.title(one))

    def test_readiness_asks_what_calls_need_and_no_more(self):
        """A pod that waits for NATS still answers; `/health` would take it out of service."""
        for one in DEFAULT.of("Deployment"):
            container = one["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(container["readinessProbe"]["httpGet"]["path"], "/readyz")

    def test_paths_are_those_that_the_program_serves(self):
        admin = rig.source(rig.SERVICES / "kit" / "serve" / "src" / "admin.rs")
        served = {"admin": set(re.findall(r'\.route\("([^"]+)"', admin))}
        self.assertLess({"/livez", "/readyz", "/metrics"}, served["admin"])
        for one in FULL.of("Deployment"):
            container = one["spec"]["template"]["spec"]["containers"][0]
            for kind in ["startupProbe", "readinessProbe", "livenessProbe"]:
                asked = container[kind]["httpGet"]
                self.assertIn(asked["path"], served[asked["port"]])
        for one in FULL.of("ServiceMonitor"):
            self.assertIn(one["spec"]["endpoints"][0]["path"], served["admin"])

    def test_a_pod_has_time_to_drain(self):
        for variant in ALL:
            for one in variant.of("Deployment"):
                spec = one["spec"]["template"]["spec"]
                container = spec["containers"][0]
                values = {item["name"]: item.get("value") for item in container["env"]}
                if one["metadata"]["labels"]["app.kubernetes.io/component"] == "operator":
                    # Nobody calls it; it finishes a look at a tenant.
                    self.assertGreaterEqual(spec["terminationGracePeriodSeconds"], 60)
                    continue
                before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
                drain = int(values["AMPARO_DRAIN_TIMEOUT"])
                self.assertGreaterEqual(before, 5, "endpoints need a moment to forget a pod")
                self.assertGreater(spec["terminationGracePeriodSeconds"], before + drain)

    def test_a_rollout_takes_nothing_away_before_the_new_is_there(self):
        for variant in ALL:
            for one in variant.of("Deployment"):
                with self.subTest(f"{variant} {rig.title(one)}"):
                    strategy = one["spec"]["strategy"]
                    if strategy["type"] == "RollingUpdate":
                        self.assertEqual(strategy["rollingUpdate"]["maxUnavailable"], 0)
                        continue
                    claims = [
                        volume["persistentVolumeClaim"]["claimName"]
                        for volume in one["spec"]["template"]["spec"]["volumes"]
                        if "persistentVolumeClaim" in volume
                    ]
                    modes = [
                        mode
                        for claim in variant.of("PersistentVolumeClaim")
                        if claim["metadata"]["name"] in claims
                        for mode in claim["spec"]["accessModes"]
                    ]
                    self.assertEqual(modes, ["ReadWriteOnce"])
                    self.assertEqual(one["spec"]["replicas"], 1)

    def test_pods_that_are_alike_are_apart(self):
        for variant in ALL:
            for one in variant.of("Deployment"):
                pod = one["spec"]["template"]
                constraints = pod["spec"].get("topologySpreadConstraints", [])
                self.assertEqual(len(constraints), 0 if "small" in variant.name else 2, variant)
                for constraint in constraints:
                    selector = constraint["labelSelector"]["matchLabels"]
                    self.assertTrue(matches(selector, pod["metadata"]["labels"]))

    def test_an_eviction_is_always_possible(self):
        for variant in ALL:
            for one in variant.of("PodDisruptionBudget"):
                allowed = one["spec"].get("maxUnavailable", "50%")
                self.assertNotIn(allowed, (0, "0%"))
                self.assertEqual(len({"minAvailable", "maxUnavailable"} & set(one["spec"])), 1)

    def test_the_migration_runs_before_and_keeps_its_name(self):
        (job,) = DEFAULT.of("Job")
        annotations = job["metadata"]["annotations"]
        self.assertEqual(annotations["helm.sh/hook"], "pre-install,pre-upgrade")
        self.assertIn("before-hook-creation", annotations["helm.sh/hook-delete-policy"])
        self.assertEqual(job["metadata"]["name"], "amparo-migrate")
        self.assertEqual(job["spec"]["template"]["spec"]["serviceAccountName"], "default")
        (policy,) = [
            one for one in DEFAULT.of("NetworkPolicy") if one["metadata"]["name"] == "amparo-migrate"
        ]
        before = int(policy["metadata"]["annotations"]["helm.sh/hook-weight"])
        self.assertLess(before, int(annotations["helm.sh/hook-weight"]))

    def test_a_plain_migration_has_another_name_with_another_image(self):
        names = set()
        for number, tag in enumerate(["1.0.0", "1.0.1"]):
            values = {"migrate": {"kind": "job"}, "image": {"tag": tag}}
            (job,) = rig.Variant(f"tag-{number}", values).of("Job")
            self.assertNotIn("annotations", job["metadata"])
            names.add(job["metadata"]["name"])
        self.assertEqual(len(names), 2)

    def test_a_release_can_be_tried(self):
        """The test goes by the policy of commands, to one whom they call."""
        (pod,) = FULL.of("Pod")
        self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
        self.assertEqual(pod["metadata"]["labels"]["app.kubernetes.io/component"], "commands")
        (container,) = pod["spec"]["containers"]
        self.assertEqual(container["args"], ["tenant", "list"])
        self.assertIn("AMPARO_IDENTITY_URL", {variable["name"] for variable in container["env"]})
        self.assertEqual({volume["name"] for volume in pod["spec"]["volumes"]}, {"internal", "tls"})
        self.assertEqual(DEFAULT.of("Pod"), [])

    def test_a_server_of_nats_knows_its_limit(self):
        for variant in ALL:
            for one in variant.of("StatefulSet"):
                (container,) = one["spec"]["template"]["spec"]["containers"]
                (told,) = [item["value"] for item in container["env"] if item["name"] == "GOMEMLIMIT"]
                number, unit = re.fullmatch(r"(\d+)([MG])i", container["resources"]["limits"]["memory"]).groups()
                limit = int(number) << {"M": 20, "G": 30}[unit]
                self.assertAlmostEqual(int(told) / limit, 0.9, 3)

    def test_pods_of_each_kind_go_where_they_are_told(self):
        given = {
            "podLabels": {"mesh": "out"},
            "podAnnotations": {"sidecar.istio.io/inject": "false"},
        }
        place = {
            "nodeSelector": {"disk": "fast"},
            "tolerations": [{"key": "own", "operator": "Exists"}],
            "affinity": {"nodeAffinity": {}},
            "priorityClassName": "first",
        }
        values = {
            "defaults": {"tolerations": [{"key": "all", "operator": "Exists"}], "priorityClassName": "usual"},
            "migrate": given,
            "commands": {"enabled": True, **given},
            "nats": {"bundled": {"enabled": True, **given, **place}},
            "operator": {
                "enabled": True,
                "tenantsNamespace": "tenants",
                "kubernetesApi": {"network": [{"ipBlock": {"cidr": "10.1.0.1/32"}}]},
                **given,
                **place,
            },
        }
        for workload, pod in rig.Variant("placed", values).pods():
            component = workload["metadata"]["labels"]["app.kubernetes.io/component"]
            with self.subTest(rig.title(workload)):
                own = component in ("migrate", "commands", "nats", "operator")
                self.assertEqual(pod["metadata"]["labels"].get("mesh") == "out", own)
                annotations = pod["metadata"].get("annotations", {})
                self.assertEqual(annotations.get("sidecar.istio.io/inject") == "false", own)
                if component in ("nats", "operator"):
                    for key, value in place.items():
                        self.assertEqual(pod["spec"][key], value)
                else:
                    self.assertEqual(pod["spec"]["tolerations"][0]["key"], "all")
                    self.assertEqual(pod["spec"]["priorityClassName"], "usual")

    def test_a_service_can_have_more_volumes(self):
        more = {
            "extraVolumes": [{"name": "more", "configMap": {"name": "more"}}],
            "extraVolumeMounts": [{"name": "more", "mountPath": "/more", "readOnly": True}],
        }
        for one in rig.Variant("volumes", {"services": {"cases": more}}).of("Deployment"):
            spec = one["spec"]["template"]["spec"]
            has = one["metadata"]["name"] == "amparo-cases"
            self.assertEqual(more["extraVolumes"][0] in spec["volumes"], has)
            self.assertEqual(more["extraVolumeMounts"][0] in spec["containers"][0]["volumeMounts"], has)

    def test_what_must_outlive_the_release_does(self):
        for kind in ["PersistentVolumeClaim", "Cluster", "Database", "ScheduledBackup"]:
            for one in FULL.of(kind):
                self.assertEqual(one["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")
