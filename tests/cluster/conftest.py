"""What the tests of clusters and clouds need: the profiles' plugins, a Slurm, and an AWS made of moto."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import PLUGINS

CLOUDS = PLUGINS / "test-clouds"


def need(folder: Path) -> None:
    """Skip where the plugins of a lock are not installed."""
    if not (folder / "stamp").exists():
        pytest.skip(f"no {folder}: `make test` puts these plugins there")


@pytest.fixture(scope="session")
def clouds() -> dict[str, str]:
    """The environment in which Snakemake finds the clouds' plugins."""
    need(CLOUDS)
    return {"PYTHONPATH": str(CLOUDS)}


@pytest.fixture(scope="session")
def slurm() -> str:
    """The partition of the Slurm that $ASSIGNMENT06_SLURM says may be used (.ci/cluster/slurm start DIR makes one)."""
    need(PLUGINS / "slurm")
    if not os.environ.get("ASSIGNMENT06_SLURM"):
        pytest.skip("ASSIGNMENT06_SLURM is not set: no Slurm to test with (.ci/cluster/slurm start DIR makes one)")
    answer = subprocess.run(["sinfo", "-h", "-o", "%P"], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, f"ASSIGNMENT06_SLURM is set, and Slurm does not answer: {answer.stderr}"
    return answer.stdout.split()[0].strip("*")


@dataclass
class Cloud:
    """A made-up AWS on loopback: what Snakemake needs to know of it."""

    endpoint: str
    environment: dict[str, str]

    def client(self, service: str):
        """A boto3 client of one of its services."""
        import boto3

        return boto3.client(
            service, endpoint_url=self.endpoint, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="testtest",  # noqa: S106
        )  # fmt: skip


@contextmanager
def moto(folder: Path, environment: dict[str, str]):
    """Run moto's server on a free port of loopback; yield the cloud that it is."""
    sys.path.append(str(CLOUDS))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(folder / "log", "w") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=file, stderr=file,
            env=os.environ | environment | {"MOTO_DOCKER_NETWORK_MODE": "host"},
        )  # fmt: skip
    cloud = Cloud(f"http://127.0.0.1:{port}", {})
    try:
        _wait_for(port, server, folder / "log")
        queue, role = _make_queue(cloud)
        cloud.environment = environment | {
            "AWS_ENDPOINT_URL": cloud.endpoint, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "testtest",
            "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": "test", "SNAKEMAKE_STORAGE_S3_SECRET_KEY": "testtest",
            "SNAKEMAKE_AWS_BATCH_JOB_QUEUE": queue, "SNAKEMAKE_AWS_BATCH_JOB_ROLE": role,
        }  # fmt: skip
        yield cloud
    finally:
        server.terminate()
        server.wait(timeout=20)
        sys.path.remove(str(CLOUDS))


@pytest.fixture(scope="session")
def aws_storage(clouds, tmp_path_factory):
    """IAM, EC2, S3 and Batch of moto; a job of its Batch needs a Docker daemon."""
    with moto(tmp_path_factory.mktemp("moto"), clouds) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def aws(aws_storage) -> Cloud:
    """The same where Batch can run its jobs, as containers of the Docker daemon at $DOCKER_HOST."""
    if "docker" not in os.environ.get("ASSIGNMENT06_ENGINES_REQUIRED", "").split():
        pytest.skip("ASSIGNMENT06_ENGINES_REQUIRED names no docker: no daemon for AWS Batch's jobs")
    assert shutil.which("docker"), "ASSIGNMENT06_ENGINES_REQUIRED names docker, and there is none"
    return aws_storage


def _wait_for(port: int, server: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"moto does not answer: {log.read_text()}")


def _make_queue(cloud: Cloud) -> tuple[str, str]:
    """Make a bucket and a job queue; return the ARNs of the queue and of the jobs' role."""
    iam, ec2, batch = cloud.client("iam"), cloud.client("ec2"), cloud.client("batch")
    cloud.client("s3").create_bucket(Bucket="assignment")
    role = iam.create_role(RoleName="batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.create_instance_profile(InstanceProfileName="batch")
    iam.add_role_to_instance_profile(InstanceProfileName="batch", RoleName="batch")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    resources = {
        "type": "EC2", "minvCpus": 0, "maxvCpus": 4, "desiredvCpus": 0, "instanceTypes": ["t2.small"],
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]],
        "instanceRole": iam.get_instance_profile(InstanceProfileName="batch")["InstanceProfile"]["Arn"],
    }  # fmt: skip
    environment = batch.create_compute_environment(
        computeEnvironmentName="machines", type="MANAGED", state="ENABLED", serviceRole=role, computeResources=resources
    )["computeEnvironmentArn"]
    order = [{"order": 1, "computeEnvironment": environment}]
    queue = batch.create_job_queue(jobQueueName="queue", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    return queue["jobQueueArn"], role
