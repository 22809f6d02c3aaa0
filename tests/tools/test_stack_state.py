"""A stack that was taken down comes up again with what encrypts its secrets, judged by the real engine.

The key service is a HashiCorp Vault's transit engine, the one of Pulumi's cloud secrets providers that is reached over
plain HTTP: https://developer.hashicorp.com/vault/api-docs/secret/transit. What Pulumi does with it, it does with a key
of Azure Key Vault: both are one `cloud` secrets manager to it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from clone.root import ROOT
from tests.pluginbase.workspace import engine_folder

pytestmark = pytest.mark.engine

_SCRIPT = """
. "$TOOLS/lib.sh"; stack=dev; work=$PWD/..
in_stack() { "$@"; }
. "$TOOLS/state.sh"
"""
SECRET = "only-for-this-test"


class _Transit(BaseHTTPRequestHandler):
    """Encrypts by base64: it is the key's presence that counts here."""

    def do_PUT(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "/encrypt/" in self.path:
            data = {"ciphertext": f"vault:v1:{base64.b64encode(given['plaintext'].encode()).decode()}"}
        else:
            data = {"plaintext": base64.b64decode(given["ciphertext"].removeprefix("vault:v1:")).decode()}
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        return None


class Project:
    def __init__(self, folder: Path, vault: str) -> None:
        self.folder = folder / "project"
        self.state = folder / "state"
        for made in (self.folder, self.state, folder / "home"):
            made.mkdir()
        (self.folder / "Pulumi.yaml").write_text("name: edgeway\nruntime: yaml\n")
        self.file = self.folder / "Pulumi.dev.yaml"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_", "AZURE_"))}
        self.environment = {
            **kept,
            "PATH": os.pathsep.join([str(engine_folder()), kept["PATH"]]),
            "TOOLS": str(ROOT / "tools"),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "VAULT_SERVER_URL": vault,
            "VAULT_SERVER_TOKEN": "t",
        }

    def run(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euc", _SCRIPT + script],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def done(self, script: str, **more: str) -> str:
        result = self.run(script, **more)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Transit)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Project(tmp_path, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("passphrase", [{}, {"PULUMI_CONFIG_PASSPHRASE": "x"}], ids=["plain", "with a passphrase"])
@pytest.mark.parametrize("taken_down", ["true", "pulumi stack rm dev --yes --preserve-config"], ids=["kept", "removed"])
def test_what_was_taken_down_comes_up_again_with_its_secrets_provider(
    project: Project, taken_down: str, passphrase: dict[str, str]
) -> None:
    project.done(f"pulumi stack init dev --secrets-provider hashivault://pulumi; pulumi config set --secret k {SECRET}")
    before = project.file.read_bytes()
    assert b"secretsprovider: hashivault://pulumi" in before and b"encryptedkey:" in before
    project.done(f"pulumi destroy --stack dev --yes --skip-preview; {taken_down}", **passphrase)

    project.done("select_stack", **passphrase)
    assert project.file.read_bytes() == before
    # and what was encrypted is read with the provider that the file names
    assert project.done("pulumi config get k", **passphrase) == SECRET
    assert project.file.read_bytes() == before


def test_a_stack_that_is_encrypted_by_a_passphrase_keeps_its_salt(project: Project) -> None:
    variables = {"PULUMI_CONFIG_PASSPHRASE": "x"}
    project.done(f"pulumi stack init dev; pulumi config set --secret k {SECRET}", **variables)
    before = project.file.read_bytes()
    assert b"encryptionsalt:" in before
    project.done("pulumi stack rm dev --yes --preserve-config; select_stack", **variables)
    assert project.file.read_bytes() == before
    assert project.done("pulumi config get k", **variables) == SECRET


def test_a_preview_of_what_is_not_there_opens_the_secrets_of_a_copy_and_leaves_the_file(project: Project) -> None:
    project.done(f"pulumi stack init dev --secrets-provider hashivault://pulumi; pulumi config set --secret k {SECRET}")
    before = project.file.read_bytes()
    copy = project.folder.parent / "copy"
    copy.mkdir()
    (copy / "Pulumi.yaml").write_text("name: edgeway\nruntime: yaml\n")
    (copy / project.file.name).write_bytes(before)
    backend = {"PULUMI_BACKEND_URL": f"file://{copy}"}
    project.done(f'new_stack "{copy}/{project.file.name}" --cwd "{copy}" --no-select', **backend)
    assert project.done(f'pulumi config get k --stack dev --cwd "{copy}"', **backend) == SECRET
    assert project.file.read_bytes() == (copy / project.file.name).read_bytes() == before


def test_a_stack_whose_file_names_nothing_that_encrypts_is_not_made(project: Project) -> None:
    project.file.write_text("config: {}\n")
    refused = project.run("select_stack", PULUMI_CONFIG_PASSPHRASE="x")
    assert refused.returncode == 1
    assert f"the stack 'dev' is not in file://{project.state}, and Pulumi.dev.yaml names nothing" in refused.stderr
    assert "tools/stack.sh dev pulumi stack init dev --secrets-provider azurekeyvault://" in refused.stderr
    assert project.file.read_text() == "config: {}\n"


def test_the_backend_of_an_earlier_login_is_asked_for_what_encrypts(project: Project) -> None:
    project.file.write_text("config: {}\n")
    variables = {"PULUMI_CONFIG_PASSPHRASE": "x"}
    login = f"pulumi login file://{project.state} > /dev/null; unset PULUMI_BACKEND_URL; select_stack"
    refused = project.run(login, **variables)
    assert refused.returncode == 1
    assert f"is not in file://{project.state}" in refused.stderr


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("secretsprovider: azurekeyvault://kv.vault.azure.net/keys/p", "azurekeyvault://kv.vault.azure.net/keys/p"),
        ('secretsprovider: "azurekeyvault://kv.vault.azure.net/keys/p"  ', "azurekeyvault://kv.vault.azure.net/keys/p"),
        ("encryptedkey: abc", ""),
    ],
)
def test_the_provider_is_read_as_the_file_spells_it(project: Project, line: str, value: str) -> None:
    project.file.write_text(f"config: {{}}\n{line}\n")
    assert project.done("of_stack_file secretsprovider Pulumi.dev.yaml") == value
