import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from deploy.environments import ROOT

KUSTOMIZE = ROOT / "containers/kustomize"
OVERLAYS = sorted(path.name for path in KUSTOMIZE.iterdir() if path.is_dir())


def documents(path):
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


def kustomization(name):
    [found] = documents(KUSTOMIZE / name / "kustomization.yaml")
    return found


def identity(resource):
    return resource["kind"], resource["metadata"]["name"]


def resources(name):
    """The resources of an overlay and its base, by kind and name; patches are not applied."""
    found = {}
    for path in kustomization(name)["resources"]:
        place = KUSTOMIZE / name / path
        found |= (
            resources(place.resolve().name) if place.is_dir() else {identity(each): each for each in documents(place)}
        )
    return found


def pod_of(resource):
    spec = resource["spec"]
    return (spec["jobTemplate"]["spec"] if resource["kind"] == "CronJob" else spec)["template"]["spec"]


def pods(name):
    return [pod_of(each) for each in resources(name).values() if each["kind"] in ("CronJob", "Deployment")]


@pytest.mark.parametrize("name", OVERLAYS)
def test_each_file_is_used_and_each_patch_has_its_resource(name):
    settings = kustomization(name)
    patches = [patch["path"] for patch in settings.get("patches", [])]
    generated = [file for each in settings.get("configMapGenerator", []) for file in each["files"]]

    used = {
        *patches,
        *generated,
        *(path for path in settings["resources"] if not path.startswith("..")),
        "kustomization.yaml",
    }
    assert used == {path.name for path in (KUSTOMIZE / name).iterdir()}
    assert {identity(each) for path in patches for each in documents(KUSTOMIZE / name / path)} <= resources(name).keys()


def test_the_nightly_job_runs_once_a_day_of_the_shop_and_never_twice_at_a_time():
    spec = resources("base")["CronJob", "nightly"]["spec"]
    settings = (KUSTOMIZE / "base/shoplake.toml").read_text()

    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == ("0 3 * * *", "Europe/London", "Forbid")
    assert f'timezone = "{spec["timeZone"]}"' in settings
    assert spec["jobTemplate"]["spec"]["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"] == [2, 3, 4]


@pytest.mark.parametrize("name", OVERLAYS)
def test_no_container_has_rights_that_it_does_not_need(name):
    for pod in pods(name):
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_each_volume_that_is_mounted_exists(name):
    for pod in pods(name):
        volumes = {volume["name"] for volume in pod["volumes"]}
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes


def test_no_manifest_has_a_secret():
    kinds = {kind for name in OVERLAYS for kind, _ in resources(name)}

    assert "Secret" not in kinds


def worker_pod():
    """The pod that Sail starts as a worker, with what Sail itself adds."""
    [patch] = documents(KUSTOMIZE / "sail-cluster/driver.yaml")
    [run] = pod_of(patch)["initContainers"]
    [text] = [each["value"] for each in run["env"] if each["name"] == "SAIL_KUBERNETES__WORKER_POD_TEMPLATE"]
    spec = json.loads(text)["spec"]
    spec["containers"][0] |= {"image": "shoplake", "command": ["sail"], "args": ["worker"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "worker"}, "spec": spec}


def test_a_worker_mounts_what_the_driver_mounts():
    driver = pod_of(resources("base")["CronJob", "nightly"])["initContainers"][0]
    [worker] = worker_pod()["spec"]["containers"]

    paths = {mount["mountPath"] for mount in worker["volumeMounts"]}
    assert paths == {mount["mountPath"] for mount in driver["volumeMounts"]} - {"/shop"}


@pytest.mark.slow
@pytest.mark.parametrize("name", OVERLAYS)
def test_what_kustomize_makes_is_valid(name, checker, tmp_path):
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    made = subprocess.run(["kubectl", "kustomize", KUSTOMIZE / name], capture_output=True, text=True, check=True).stdout
    file = Path(tmp_path / "all.yaml")
    file.write_text(made)

    checker("kubernetes-validate", "--strict", file)

    assert "image: registry.example.org/shoplake:0.1.0" in made
    assert "value: shoplake\n" not in made


@pytest.mark.slow
def test_a_worker_is_a_valid_pod(checker, tmp_path):
    file = tmp_path / "worker.json"
    file.write_text(json.dumps(worker_pod()))

    checker("kubernetes-validate", "--strict", file)
