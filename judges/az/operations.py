"""What is called, in this order: later commands stand on earlier ones. `{...}` is filled in by `running`."""

from __future__ import annotations

from collections.abc import Sequence

from judges.az.learning import learning
from judges.az.networks import networks
from judges.az.operation import Operation, ok, refused, unbuilt

GROUP, REGION = "rg-judges-az", "westeurope"
_IN = f"-g {GROUP}"
_ID = "{scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-az"
_ACCOUNT = "{scope}/providers/Microsoft.Storage/storageAccounts/stjudgedaz"
_LOGIN = "--auth-mode login --account-name stjudgedaz"
_BLOB = f"{_LOGIN} -c models"

OPERATIONS: Sequence[Operation] = (
    refused("login --service-principal -u {client} -p wrong --tenant {tenant}", "AADSTS7000215"),
    ok("login --service-principal -u {client} -p {secret} --tenant {tenant}", n=1),
    ok("account show", state="Enabled", user__type="servicePrincipal"),
    ok("account list", n=1),
    ok("account get-access-token", tokenType="Bearer"),
    ok("account get-access-token --resource https://iothubs.azure.net", tokenType="Bearer"),
    unbuilt("account list-locations", "R-subscription"),
    # groups
    ok(f"group create -n {GROUP} -l {REGION} --tags by=judge", properties__provisioningState="Succeeded"),
    ok(f"group show -n {GROUP}", tags__by="judge"),
    ok(f"group exists -n {GROUP}"),
    ok("group list --tag by=judge --query \"[?name=='rg-judges-az']\"", n=1),
    ok("group list --tag by=nobody", n=0),
    ok(f"group update -n {GROUP} --set tags.ring=1", tags__ring="1"),
    refused("group show -n rg-none", "ResourceGroupNotFound"),
    ok(f"group create -n rg-judges-az-gone -l {REGION}"),
    ok("group delete -n rg-judges-az-gone --yes"),
    refused("group show -n rg-judges-az-gone", "ResourceGroupNotFound"),
    unbuilt(f"group export -n {GROUP}", "R-subscription"),
    unbuilt(f"lock create -n keep {_IN} --lock-type CanNotDelete", "R-type"),
    unbuilt(f"lock list {_IN}", "R-type"),
    unbuilt(f"deployment group list {_IN}", "R-type"),
    unbuilt(f"deployment group show {_IN} -n d", "R-type"),
    ok("policy assignment list", n=0),
    # providers, identities, generic resources, tags
    ok("provider show -n Microsoft.Devices", registrationState="Registered"),
    ok("provider register -n Microsoft.Storage"),
    ok("provider list --query \"[?namespace=='Microsoft.KeyVault']\"", n=1),
    ok(f"identity create {_IN} -n id-az --tags by=judge", name="id-az"),
    ok(f"identity show {_IN} -n id-az", tags__by="judge"),
    ok(f"identity list {_IN}", n=1),
    ok(f"resource show --ids {_ID}", name="id-az"),
    ok(f"resource show {_IN} -n id-az --resource-type Microsoft.ManagedIdentity/userAssignedIdentities", name="id-az"),
    ok(f"resource list {_IN}", n=1),
    ok(f"resource list {_IN} --resource-type Microsoft.Storage/storageAccounts", n=0),
    ok("resource list --tag by=judge --query \"[?name=='id-az']\"", n=1),
    ok(f"resource tag --ids {_ID} --tags by=judge ring=2", tags__ring="2"),
    unbuilt(f"tag list --resource-id {_ID}", "R-type"),
    unbuilt(f"tag create --resource-id {_ID} --tags a=1", "R-type"),
    # roles
    ok("role definition list --name AcrPull", n=1, _0__roleName="AcrPull"),
    ok("role definition list --name Nobody", n=0),
    ok(
        "role assignment create --assignee-object-id {principal} --assignee-principal-type ServicePrincipal "
        "--role AcrPull --scope {scope}",
        principalType="ServicePrincipal",
    ),
    ok("role assignment list --assignee {principal} --scope {scope}", n=1, _0__roleDefinitionName="AcrPull"),
    ok(f"role assignment list {_IN} --role AcrPull", n=1),
    ok("role assignment delete --assignee {principal} --role AcrPull --scope {scope}"),
    ok("role assignment list --assignee {principal} --scope {scope}", n=0),
    refused("role assignment create --assignee {principal} --role Nobody --scope {scope}", "Nobody"),
    ok("ad sp show --id {principal}", id="{principal}"),
    # storage
    ok("storage account check-name -n stjudgedaz", nameAvailable=True),
    ok(f"storage account create -n stjudgedaz {_IN} -l {REGION} --sku Standard_LRS", provisioningState="Succeeded"),
    ok("storage account check-name -n stjudgedaz", nameAvailable=False),
    ok(f"storage account show -n stjudgedaz {_IN}", sku__name="Standard_LRS"),
    ok(f"storage account list {_IN}", n=1),
    ok(f"storage account keys list -n stjudgedaz {_IN}", n=2),
    ok(f"storage account update -n stjudgedaz {_IN} --tags ring=1", tags__ring="1"),
    refused(f"storage account create -n No-Name {_IN} -l {REGION}", "AccountNameInvalid"),
    unbuilt(f"storage account keys renew -n stjudgedaz {_IN} --key key1", "R-type"),
    refused(f"storage container create -n models {_LOGIN}", "permissions"),
    ok(
        "role assignment create --assignee-object-id {deployer} --assignee-principal-type ServicePrincipal "
        "--role 'Storage Blob Data Owner' --scope {scope}"
    ),
    ok(f"storage container create -n models {_LOGIN}", created=True),
    ok(f"storage container create -n models {_LOGIN}", created=False),
    ok(f"storage container list {_LOGIN}", n=1),
    ok(f"storage container exists -n models {_LOGIN}", exists=True),
    ok(f"storage blob upload {_BLOB} -n a/m.onnx -f {{file}}"),
    ok(f"storage blob show {_BLOB} -n a/m.onnx", properties__contentLength=5),
    ok(f"storage blob exists {_BLOB} -n a/m.onnx", exists=True),
    ok(f"storage blob list {_BLOB}", n=1),
    ok(f"storage blob list {_BLOB} --prefix b/", n=0),
    ok(f"storage blob download {_BLOB} -n a/m.onnx -f {{file}}.back"),
    refused(f"storage blob download {_BLOB} -n none -f {{file}}.none", "not exist"),
    unbuilt(f"storage blob set-tier {_BLOB} -n a/m.onnx --tier Cool", "R-blob"),
    ok(f"storage blob delete {_BLOB} -n a/m.onnx"),
    ok(f"storage container delete -n models {_LOGIN}", deleted=True),
    # vaults
    ok(
        f"keyvault create -n kv-judged-az {_IN} -l {REGION} --retention-days 7",
        properties__provisioningState="Succeeded",
    ),
    ok(f"keyvault show -n kv-judged-az {_IN}", properties__softDeleteRetentionInDays=7),
    ok(f"keyvault list {_IN}", n=1),
    refused("keyvault secret list --vault-name kv-judged-az", "Forbidden"),
    ok(
        "role assignment create --assignee-object-id {deployer} --assignee-principal-type ServicePrincipal "
        "--role 'Key Vault Administrator' --scope {scope}"
    ),
    ok("keyvault secret list --vault-name kv-judged-az", n=0),
    refused("keyvault secret show --vault-name kv-judged-az -n none", "SecretNotFound"),
    ok("keyvault key create --vault-name kv-judged-az -n k --kty RSA", key__kty="RSA"),
    ok("keyvault key show --vault-name kv-judged-az -n k", key__kty="RSA"),
    ok(f"keyvault delete -n kv-judged-az {_IN}"),
    ok("keyvault list-deleted --query \"[?name=='kv-judged-az']\"", n=1),
    ok("keyvault show-deleted -n kv-judged-az", name="kv-judged-az"),
    ok(f"keyvault recover -n kv-judged-az -l {REGION} {_IN}", name="kv-judged-az"),
    ok(f"keyvault delete -n kv-judged-az {_IN}"),
    ok(f"keyvault purge -n kv-judged-az -l {REGION}"),
    ok("keyvault list-deleted --query \"[?name=='kv-judged-az']\"", n=0),
    # registries
    ok("acr check-name -n acrjudgedaz", nameAvailable=True),
    ok(f"acr create -n acrjudgedaz {_IN} --sku Standard --admin-enabled", sku__name="Standard"),
    ok("acr check-name -n acrjudgedaz", nameAvailable=False),
    ok("acr show -n acrjudgedaz", adminUserEnabled=True),
    ok(f"acr list {_IN}", n=1),
    ok("acr credential show -n acrjudgedaz", username="acrjudgedaz"),
    ok("acr update -n acrjudgedaz --admin-enabled false", adminUserEnabled=False),
    ok(f"acr scope-map create -n pulls -r acrjudgedaz {_IN} --repository scorer content/read", name="pulls"),
    ok(f"acr scope-map list -r acrjudgedaz {_IN} --query \"[?name=='pulls']\"", n=1),
    ok(f"acr token create -n device -r acrjudgedaz {_IN} --scope-map pulls --no-passwords", status="enabled"),
    ok(f"acr token list -r acrjudgedaz {_IN}", n=1),
    ok(f"acr token delete -n device -r acrjudgedaz {_IN} --yes"),
    unbuilt(f"acr show-usage -n acrjudgedaz {_IN}", "R-type"),
    unbuilt(f"acr webhook list -r acrjudgedaz {_IN}", "R-type"),
    ok(f"acr delete -n acrjudgedaz {_IN} --yes"),
    # hubs
    ok(f"iot hub create -n judgedaz {_IN} --sku S1 --partition-count 4 -l {REGION}", properties__state="Active"),
    ok(f"iot hub show -n judgedaz {_IN}", sku__name="S1"),
    ok(f"iot hub list {_IN}", n=1),
    ok(f"iot hub policy list --hub-name judgedaz {_IN}", n=5),
    ok(f"iot hub policy show --hub-name judgedaz {_IN} -n service", rights="ServiceConnect"),
    ok(f"iot hub consumer-group create --hub-name judgedaz {_IN} -n monitor", name="monitor"),
    ok(f"iot hub consumer-group list --hub-name judgedaz {_IN}", n=2),
    ok(f"iot hub consumer-group show --hub-name judgedaz {_IN} -n monitor", name="monitor"),
    ok(f"iot hub consumer-group delete --hub-name judgedaz {_IN} -n monitor"),
    ok(f"iot hub update -n judgedaz {_IN} --tags ring=1", tags__ring="1"),
    unbuilt(f"iot hub create -n judgedbasicaz {_IN} --sku B1 -l {REGION}", "R-hub-arm"),
    unbuilt(f"iot hub show-stats -n judgedaz {_IN}", "R-type"),
    unbuilt(f"iot hub show-quota-metrics -n judgedaz {_IN}", "R-type"),
    unbuilt(f"iot hub list-skus -n judgedaz {_IN}", "R-type"),
    ok(f"iot hub delete -n judgedaz {_IN}"),
    # logs, metrics, container groups
    ok(f"monitor log-analytics workspace create -n log-az {_IN} -l {REGION}", provisioningState="Succeeded"),
    ok(f"monitor log-analytics workspace show -n log-az {_IN}", name="log-az"),
    ok(f"monitor log-analytics workspace list {_IN}", n=1),
    ok(f"monitor log-analytics workspace delete -n log-az {_IN} --force --yes"),
    unbuilt(f"monitor metrics alert list {_IN}", "R-type"),
    unbuilt("monitor metrics list --resource {scope}/providers/Microsoft.Storage/storageAccounts/stjudgedaz", "R-type"),
    unbuilt(
        "monitor diagnostic-settings list --resource {scope}/providers/Microsoft.Storage/storageAccounts/stjudgedaz",
        "R-type",
    ),
    ok(f"container list {_IN}", n=0),
    refused(f"container show -n ci-none {_IN}", "ResourceNotFound"),
    *learning(GROUP),
    *networks(GROUP, REGION),
    ok(f"storage account delete -n stjudgedaz {_IN} --yes"),
    ok(f"identity delete {_IN} -n id-az"),
    ok(f"group delete -n {GROUP} --yes"),
    ok(f"group exists -n {GROUP}"),
    ok("logout"),
)
