"""Rules in real containers, seen from inside. Each test skips where its engine, or the image, is not there.

`make image CONTAINER=podman` makes the image. ASSIGNMENT06_ENGINES_REQUIRED (a list of engines with spaces
between) turns a skip into a failure for the engines it names: a machine that has them must use them.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pytest
from support import library_path

from assignment06.orchestration.container_image import container_url, image_file, image_name

pytestmark = pytest.mark.container
PROJECT = Path(__file__).resolve().parents[2]
ADAPTER = PROJECT / "workflow" / "containers" / "bin"

SNAKEFILE = """
container: {url!r}

rule all:
    default_target: True
    input: "results/inside.json", "results/download.json"

rule inside:
    output: "results/inside.json"
    threads: 2
    script: "scripts/inside.py"

rule download:
    output: "results/download.json"
    script: "scripts/download.py"

rule slow:
    output: "results/slow.txt"
    shell: "touch results/started; sleep 600"

rule fails:
    output: "results/fails.txt"
    shell: "echo the reason >&2; exit 7"
"""
SCRIPT = """
import json, os, sys
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, {library!r})
from assignment06.shared.provenance import container_identity

def writable(path):
    try:
        Path(path).touch()
        return True
    except OSError:
        return False

mirror = os.environ.get("ASSIGNMENT06_MIRROR")
facts = dict(
    identity=container_identity(),
    uid=os.getuid(),
    networks=sorted(path.name for path in Path("/sys/class/net").iterdir()),
    root_writable=writable("/new"),
    tmp_writable=writable("/tmp/new"),
    outside_seen=Path({outside!r}).exists(),
    threads=os.environ.get("OMP_NUM_THREADS"),
    variable=os.environ.get("VARIABLE"),
    secret=os.environ.get("SECRET"),
    mirror=mirror and [sorted(os.listdir(mirror)), writable(mirror + "/new")],
    compiled=Path(find_spec("tensorflow").cached).exists(),
    detection=all(map(find_spec, ["onnxruntime", "mtcnn", "pycocotools"])),
)
Path(snakemake.output[0]).write_text(json.dumps(facts))
"""


def need(engine: str) -> None:
    """Skip, or fail where it is required, unless the engine answers and has the image."""
    if engine == "apptainer":
        found = shutil.which("apptainer") and _sif().exists()
        reason = f"no apptainer, or no {_sif()}: make image CONTAINER=apptainer"
    else:
        answer = shutil.which(engine) and subprocess.run(
            [engine, "image", "inspect", image_name()], capture_output=True, check=False
        )
        found = answer and answer.returncode == 0
        reason = f"no {engine}, or it has no {image_name()}: make image CONTAINER={engine}"
    if not found and engine in os.environ.get("ASSIGNMENT06_ENGINES_REQUIRED", "").split():
        pytest.fail(reason)
    if not found:
        pytest.skip(reason)


def _sif() -> Path:
    return PROJECT / ".snakemake" / "containers" / "apptainer" / image_file(container_url())


def environment(engine: str, **more: str) -> dict[str, str]:
    """The environment in which snakemake finds the adapter, or the real Apptainer."""
    path = [str(Path(sys.executable).parent), os.environ["PATH"]]
    if engine != "apptainer":
        path.insert(0, str(ADAPTER))
    return os.environ | {"PATH": os.pathsep.join(path), "ASSIGNMENT06_ENGINE": engine} | more


@pytest.fixture
def small(tmp_path):
    """Make a workflow of a few tiny rules in a folder; the image is the project's."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        (folder / "scripts").mkdir(parents=True)
        (tmp_path / "outside.txt").write_text("not mounted")
        (folder / "Snakefile").write_text(SNAKEFILE.format(url=container_url()))
        script = SCRIPT.format(library=str(PROJECT / "workflow"), outside=str(tmp_path / "outside.txt"))
        for script_name in ("inside.py", "download.py"):
            (folder / "scripts" / script_name).write_text(script)
        return folder

    return make


def snakemake(folder: Path, engine: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    prefix = _sif().parent if engine == "apptainer" else folder / ".snakemake" / "containers"
    command = ["snakemake", *arguments, "--cores", "2", "--sdm", "apptainer", "--apptainer-prefix", str(prefix)]
    return subprocess.run(
        command, cwd=folder, env=environment(engine, **variables), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_what_a_rule_sees_inside(small, tmp_path, engine):
    need(engine)
    folder = small("my assignment")  # with a space
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "data").touch()
    variables = {"ASSIGNMENT06_MIRROR": str(mirror), "SINGULARITYENV_VARIABLE": "one two", "SECRET": "kept outside"}
    done = snakemake(folder, engine, **variables)
    assert done.returncode == 0, done.stderr
    inside = json.loads((folder / "results/inside.json").read_text())
    assert inside == {
        "identity": {"runtime": engine, "image": image_name()},
        "uid": os.getuid(),
        "networks": ["lo"],
        "root_writable": False,
        "tmp_writable": True,
        "outside_seen": False,
        "threads": "2",
        "variable": "one two",
        "secret": None,
        "mirror": None,
        "compiled": True,
        "detection": True,
    }
    download = json.loads((folder / "results/download.json").read_text())
    assert download["mirror"] == [["data"], False]
    assert not (mirror / "new").exists()
    if engine == "podman":  # a test's own Docker daemon may have no network to give
        assert download["networks"] != ["lo"]
    assert (folder / "results/inside.json").stat().st_uid == os.getuid()
    again = snakemake(folder, engine)
    assert again.returncode == 0 and "Nothing to be done" in again.stdout + again.stderr


def test_real_apptainer_runs_the_same_rules(small):
    need("apptainer")
    folder = small("assignment")
    done = snakemake(folder, "apptainer", APPTAINERENV_VARIABLE="one two")
    assert done.returncode == 0, done.stderr
    inside = json.loads((folder / "results/inside.json").read_text())
    assert inside["identity"] == {"runtime": "apptainer", "image": image_name()}
    assert (inside["uid"], inside["variable"], inside["root_writable"]) == (os.getuid(), "one two", False)


def test_a_rule_may_name_another_image(small):
    need("podman")
    other = "localhost/python:3.11-slim-bookworm"
    if subprocess.run(["podman", "image", "inspect", other], capture_output=True, check=False).returncode:
        pytest.skip(f"podman has no second image, {other}: .ci/containers/base-image makes it")
    folder = small("assignment")
    with open(folder / "Snakefile", "a") as snakefile:
        snakefile.write(
            f"""
rule other:
    output: "results/other.txt"
    container: "docker://{other}"
    shell: "ls /etc > {{output}}"
"""
        )
    done = snakemake(folder, "podman", "results/other.txt")
    assert done.returncode == 0, done.stderr
    listed = (folder / "results/other.txt").read_text().split()
    assert "passwd" in listed and "assignment06-image" not in listed


@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_a_failing_rule_fails_with_its_own_words(small, engine):
    need(engine)
    done = snakemake(small("assignment"), engine, "results/fails.txt")
    assert done.returncode == 1 and "the reason" in done.stderr and "non-zero exit code" in done.stderr


@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_interrupting_snakemake_ends_the_container(small, engine):
    need(engine)
    folder = small("assignment")
    command = ["snakemake", "results/slow.txt", "--cores", "1", "--sdm", "apptainer"]
    process = subprocess.Popen(
        command, cwd=folder, env=environment(engine), start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not (folder / "results/started").exists():
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        assert process.wait(timeout=60) != 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    running = subprocess.run([engine, "ps", "--format", "{{.Mounts}} {{.Command}}"], capture_output=True, text=True)
    assert running.returncode == 0 and "results/started" not in running.stdout


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_files_belong_to_whoever_calls(tmp_path):
    need("docker")  # another user's Podman has images of its own
    socket = Path(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://"))
    folder = tmp_path / "assignment"
    folder.mkdir()
    above = [path for path in folder.parents if path.is_relative_to(tempfile.gettempdir())]
    for path in (folder, *above[:-1]):
        path.chmod(0o755)
    os.chown(folder, 1234, 1234)
    owner = socket.stat()
    os.chown(socket, 1234, 1234)
    try:
        # Debian's Python: the one that runs this test may lie where only root may look.
        python = shutil.which("python3", path="/usr/bin") or sys.executable
        done = subprocess.run(
            [python, ADAPTER / "apptainer", "exec", "--home", folder, container_url(), "sh", "-c", "id -u > mine"],
            cwd=folder, env=environment("docker") | {"HOME": str(folder)}, user=1234, group=1234, extra_groups=[],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        os.chown(socket, owner.st_uid, owner.st_gid)
    assert done.returncode == 0, done.stderr
    assert (folder / "mine").read_text() == "1234\n"
    assert (folder / "mine").stat().st_uid == (folder / "mine").stat().st_gid == 1234


def copy_of_project(folder: Path, **config: object) -> Path:
    """Copy what a checkout holds; the config is made for a quick run on sample data."""
    import yaml

    ignore = shutil.ignore_patterns(
        ".git", ".venv", ".snakemake", "results", "prepared", "sample", "__pycache__", "*.zip"
    )
    shutil.copytree(PROJECT, folder, ignore=ignore)
    settings = yaml.safe_load((folder / "config.yaml").read_text())
    settings |= {"data_source": "sample", **config}
    for experiment in settings["experiments"].values():
        experiment["epochs"] = 1
    (folder / "config.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A copy of the project in which `make submission CONTAINER=podman` ran to its end; what it said is in `said`."""
    need("podman")
    folder = copy_of_project(tmp_path_factory.mktemp("run") / "my assignment")
    # The environment of this test stands in for the one that make would set up.
    venv = folder.parent / "venv"
    venv.mkdir()
    for name in ("pyvenv.cfg", "workflow.stamp", "dev.stamp"):
        (venv / name).touch()
    command = [
        "make", "submission", "CONTAINER=podman", "CORES=2", f"VENV={venv}", f"BIN={Path(sys.executable).parent}",
    ]  # fmt: skip
    variables = os.environ | {"PYTHONPATH": library_path(folder)}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    (folder.parent / "said").write_text(done.stdout + done.stderr)
    return folder


@pytest.mark.slow
def test_every_rule_ran_in_its_own_container(finished):
    log = max(
        (finished / ".snakemake/log").iterdir(), key=lambda path: path.stat().st_size
    )  # drawing the graph has one too
    told = log.read_text()
    jobs = re.findall(r"^(?:local)?rule (?!all:)\w+:$", told, re.MULTILINE)
    assert told.count("Activating singularity image") == len(jobs) > 20


@pytest.mark.slow
def test_the_terminal_has_one_line_a_job_and_the_epochs(finished):
    said = (finished.parent / "said").read_text()
    lines = re.findall(r"^\d\d:\d\d:\d\d  \[ ?(\d+)/(\d+)\]  (\w+.*)$", said, re.MULTILINE)
    total = int(lines[0][1])
    assert [int(number) for number, _, _ in lines] == list(range(1, total + 1))
    assert {"train_convnet mnist", "deliver_submission"} <= {job for _, _, job in lines}
    assert "mnist: epoch 1/1" in said
    assert not re.search("Select jobs|Execute \\d|Activating|^rule ", said, re.MULTILINE)


@pytest.mark.slow
def test_results_say_from_inside_which_image_made_them(finished):
    metrics = [json.loads(path.read_text()) for path in (finished / "results/metrics").glob("*.json")]
    made = [metric["provenance"]["container"] for metric in metrics if "experiment" in metric]
    assert made == [{"runtime": "podman", "image": image_name()}] * 3
    (zip_file,) = finished.glob("assignment06_*.zip")
    with zipfile.ZipFile(zip_file) as archive:
        assert image_name() in json.loads(archive.read("assignment06/manifest.json"))["image"]


@pytest.mark.slow
def test_results_belong_to_the_caller(finished):
    assert {path.lstat().st_uid for path in finished.rglob("*")} == {os.getuid()}


@pytest.mark.slow
def test_same_predictions_inside_and_outside(finished, tmp_path):
    outside = copy_of_project(tmp_path / "outside")
    target = "results/predictions/mnist.csv"
    command = [sys.executable, "-m", "snakemake", target, "--cores", "2"]
    variables = os.environ | {"PYTHONPATH": library_path(outside)}
    done = subprocess.run(command, cwd=outside, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (outside / target).read_bytes() == (finished / target).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["podman", "docker"])
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_whole_workflow_in_one_container_as_whoever_owns_the_folder(tmp_path, engine):
    need(engine)
    folder = copy_of_project(tmp_path / "my assignment")
    target = "data/prepared/mnist/dataset.json"
    subprocess.run(["chown", "-R", "1234:1234", folder], check=True)
    command = [
        engine, "run", "--rm", "--network", "none", "--user", "1234:1234", "--volume", f"{folder}:/work",
        image_name(), "--cores", "2", target,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (folder / target).stat().st_uid == 1234
    assert json.loads((folder / target).read_text())["data_source"] == "sample"
    refused = subprocess.run([*command[:6], "4321:4321", *command[7:]], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.strip().startswith("error: user 4321 in the container may not write into /work, which ")
    assert '--user "$(id -u):$(id -g)"' in refused.stderr
