"""What an `up` in Azure lacks is named before anything is asked of Pulumi, with the step of the page that mends it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import jwt
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from cli.__main__ import main
from cli.needs import before_up
from cli.needs.before_up import plugin, sign_in, stack_key, state_backend
from cli.needs.need import Need
from cloud.sessions import forget_sessions
from tests.standin.running import running_standin

ROOT = Path(__file__).resolve().parents[2]
BLOB = "azblob://state?storage_account=stx"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "PATH": "/usr/bin"}


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, "PULUMI_BACKEND_URL is not set, and no `pulumi login` was done"),
        ({"PULUMI_BACKEND_URL": "azblob://state"}, "azblob://state names no storage account: ?storage_account=<name>"),
        (
            {"PULUMI_BACKEND_URL": "https://api.pulumi.com"},
            "no access token for https://api.pulumi.com: PULUMI_ACCESS_TOKEN is not set",
        ),
    ],
)
def test_a_state_backend_that_is_missing_is_told(home: dict[str, str], variables: dict[str, str], found: str) -> None:
    need = state_backend({**home, **variables})
    assert (need.ok, need.found, need.remedy) == (False, found, 'docs/azure.md, first run, step "State"')


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"PULUMI_BACKEND_URL": BLOB}, BLOB),
        ({"PULUMI_BACKEND_URL": "azblob://state", "AZURE_STORAGE_ACCOUNT": "stx"}, "azblob://state"),
        ({"PULUMI_BACKEND_URL": "file:///somewhere"}, "file:///somewhere"),
        ({"PULUMI_ACCESS_TOKEN": "pul-x"}, "https://api.pulumi.com"),
    ],
)
def test_a_state_backend_is_found_where_pulumi_looks(
    home: dict[str, str], variables: dict[str, str], found: str
) -> None:
    need = state_backend({**home, **variables})
    assert (need.ok, need.found) == (True, found)


def test_a_login_of_before_counts(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".pulumi").mkdir()
    logins = {"current": "https://state.example", "accessTokens": {"https://state.example": "secret-token"}}
    (tmp_path / ".pulumi" / "credentials.json").write_text(json.dumps(logins))
    need = state_backend(home)
    assert (need.ok, need.found) == (True, "https://state.example")
    assert "secret-token" not in str(need)


@pytest.mark.parametrize(
    ("document", "variables", "ok"),
    [
        ({}, {}, False),
        ({"encryptionsalt": "v1"}, {}, False),
        ({"encryptionsalt": "v1"}, {"PULUMI_CONFIG_PASSPHRASE_FILE": "f"}, True),
        ({}, {"PULUMI_CONFIG_PASSPHRASE": ""}, True),
        ({"secretsprovider": "azurekeyvault://kv.vault.azure.net/keys/pulumi"}, {}, True),
    ],
)
def test_the_states_key_is_the_stack_files_or_a_passphrase(
    document: Mapping[str, str], variables: dict[str, str], ok: bool
) -> None:
    assert stack_key(document, BLOB, variables).ok is ok
    assert stack_key({}, "https://api.pulumi.com", {}).ok


def test_the_plugin_is_looked_for_in_pulumis_home_and_on_the_path(home: dict[str, str], tmp_path: Path) -> None:
    missing = plugin(home)
    assert re.fullmatch(r"azure-native v\d+\.\d+\.\d+ is not in .*/\.pulumi/plugins", missing.found) and not missing.ok
    name = missing.found.split(" is not")[0].replace(" ", "-")
    (tmp_path / ".pulumi" / "plugins" / f"resource-{name}").mkdir(parents=True)
    assert plugin(home).ok


def test_who_is_not_signed_in_hears_of_az_and_not_of_ten_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    # a machine in Azure would be signed in by its own identity
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")
    forget_sessions()
    need = sign_in()
    forget_sessions()
    assert (need.ok, need.found) == (
        False,
        "nobody is signed in: AzureCliCredential: Azure CLI not found on path",
    )


def test_it_hears_of_az_however_many_credentials_were_tried_before(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = "".join(f"\n\t{name}Credential: {'not set up. ' * 20}" for name in ("Environment", "Managed", "Broker"))
    told = f"DefaultAzureCredential failed.{tried}\n\tAzureCliCredential: Please run 'az login' to set up an account"

    class NobodyIsSignedIn:
        def get_token(self, *_: str) -> AccessToken:
            raise ClientAuthenticationError(message=told)

    monkeypatch.delenv("AZURE_CLIENT_ID", raising=False)
    monkeypatch.setattr(before_up, "credential", NobodyIsSignedIn)

    assert sign_in().found == "nobody is signed in: AzureCliCredential: Please run 'az login' to set up an account"


def test_roles_that_one_application_would_give_to_itself_and_another_would_need_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class SignedIn:
        def get_token(self, *_: str) -> AccessToken:
            return AccessToken(jwt.encode({"tid": "t", "oid": "object", "appid": "ours"}, "k" * 32), 0)

    monkeypatch.setattr(before_up, "credential", SignedIn)
    refused = sign_in("theirs")
    assert (refused.ok, refused.remedy) == (False, 'docs/azure.md, first run, step "Sign in"')
    assert refused.found == (
        "azure-native signs in as application theirs, everything else as application ours (object id object)"
    )
    assert sign_in("OURS").ok
    assert sign_in(None).found == "tenant t, object id object"


def test_the_steps_that_remedies_name_are_on_the_page() -> None:
    page = (ROOT / "docs" / "azure.md").read_text(encoding="utf-8")
    source = Path(before_up.__file__).read_text(encoding="utf-8")
    steps = set(re.findall(r'"(State|Sign in|Plugin)"\)', source))
    assert steps == {"State", "Sign in", "Plugin"}
    for step in steps:
        assert re.search(rf"^\d\. \*\*{step}\.\*\*", page, re.MULTILINE), step


def test_only_what_is_missing_is_printed_before_an_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Need(name="a", ok=True, found="yes"), Need(name="b", ok=False, found="no", remedy="do")]
    monkeypatch.setattr(before_up, "needs", lambda stack: found)
    assert main(["doctor", "--stack", "dev", "--before-up"]) == 1
    assert capsys.readouterr().out.startswith("NOT b  no\n")
    monkeypatch.setattr(before_up, "needs", lambda stack: found[:1])
    assert main(["doctor", "--stack", "dev", "--before-up"]) == 0
    assert main(["doctor", "--stack", "local", "--before-up"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("script", ["up", "preview", "down"])
def test_a_script_for_dev_without_anything_says_all_that_is_missing_and_asks_pulumi_nothing(
    script: str, tmp_path: Path
) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "AZURE_TOKEN_CREDENTIALS": "dev"}
    environment.update(YES="1", PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION="true")
    command = [f"tools/{script}.sh", "dev"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    told = [line.split("  ")[0] for line in done.stderr.splitlines() if line.startswith("NOT")]
    assert told == ["NOT state backend", "NOT sign-in", "NOT plugin"], done.stderr
    assert "PULUMI_ACCESS_TOKEN must be set" not in done.stderr


@pytest.mark.slow
def test_with_a_subscription_the_doctor_asks_azure_over_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """azure-core refuses to send a token to what is no https:// address, a path alone included."""
    with running_standin(tmp_path, services=("keyvault", "containerinstance", "iothub")) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("cli.needs.machine.needs", lambda root, stack: [])
        forget_sessions()
        main(["doctor", "--stack", "dev", "--json"])
        forget_sessions()
    found = {need["name"]: need for need in json.loads(capsys.readouterr().out)}
    assert found["sign-in"]["ok"] and found["subscription"]["ok"], found
    assert "non-TLS" not in json.dumps(found)
