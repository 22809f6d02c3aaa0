// The @azure/arm-* packages of single services: storage, registries, vaults, container groups, logs, Azure ML.
import { ContainerInstanceManagementClient } from "@azure/arm-containerinstance";
import { ContainerRegistryManagementClient } from "@azure/arm-containerregistry";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { AzureMachineLearningWorkspaces } from "@azure/arm-machinelearning";
import { MonitorClient } from "@azure/arm-monitor";
import { OperationalInsightsManagementClient } from "@azure/arm-operationalinsights";
import { ResourceManagementClient } from "@azure/arm-resources";
import { StorageManagementClient } from "@azure/arm-storage";

import { REGION, SUBSCRIPTION, credential } from "./arm_iothub.mjs";
import { Judge, all } from "./judge.mjs";

export const GROUP = "rg-judges-node-services";
export const ACCOUNT = "stjudgednode";
export const VAULT = "kv-judged-node";
const SCOPE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers`;
const TENANT = process.env.AZURE_TENANT_ID;

export async function judgeServices() {
  const groups = new ResourceManagementClient(credential, SUBSCRIPTION).resourceGroups;
  await groups.createOrUpdate(GROUP, { location: REGION });
  await storage();
  await registries();
  await vaults();
  await containers();
  await logs();
  await learning();
  await monitor();
}

async function storage() {
  const judge = new Judge("npm @azure/arm-storage");
  await judge.canFail();
  const client = new StorageManagementClient(credential, SUBSCRIPTION);
  const accounts = client.storageAccounts;
  const wanted = { location: REGION, kind: "StorageV2", sku: { name: "Standard_LRS" }, tags: { by: "judge" }, minimumTlsVersion: "TLS1_2", allowBlobPublicAccess: false };
  const available = (name) => accounts.checkNameAvailability({ name, type: "Microsoft.Storage/storageAccounts" });
  await judge.passes("storageAccounts.checkNameAvailability of a free name", () => available(ACCOUNT), (r) => r.nameAvailable === true);
  await judge.passes("storageAccounts.create", () => accounts.create(GROUP, ACCOUNT, wanted), (r) => r.provisioningState === "Succeeded" && r.primaryEndpoints.blob.startsWith(`https://${ACCOUNT}.blob.`));
  await judge.passes("storageAccounts.checkNameAvailability of a taken name", () => available(ACCOUNT), (r) => r.nameAvailable === false && r.reason === "AlreadyExists");
  await judge.passes("storageAccounts.checkNameAvailability of a bad name", () => available("No"), (r) => r.nameAvailable === false && r.reason === "AccountNameInvalid");
  await judge.passes("storageAccounts.getProperties", () => accounts.getProperties(GROUP, ACCOUNT), (r) => r.sku.name === "Standard_LRS" && r.tags.by === "judge" && r.minimumTlsVersion === "TLS1_2");
  await judge.passes("storageAccounts.update", () => accounts.update(GROUP, ACCOUNT, { tags: { by: "judge", ring: "1" } }), (r) => r.tags.ring === "1");
  await judge.passes("storageAccounts.listByResourceGroup", () => all(accounts.listByResourceGroup(GROUP)), (r) => r.length === 1);
  await judge.passes("storageAccounts.list", () => all(accounts.list()), (r) => r.some((one) => one.name === ACCOUNT));
  await judge.passes("storageAccounts.listKeys", () => accounts.listKeys(GROUP, ACCOUNT), (r) => r.keys.length === 2 && r.keys[0].value.length > 40);
  await judge.answers("storageAccounts.create with a bad name", "AccountNameInvalid", () => accounts.create(GROUP, "No-Name", wanted));
  await judge.answers("storageAccounts.create with a hierarchical namespace later", "40", () => accounts.create(GROUP, ACCOUNT, { ...wanted, isHnsEnabled: true }));
  await judge.answers("storageAccounts.getProperties of none", "ResourceNotFound", () => accounts.getProperties(GROUP, "stnobody"));
  for (const [name, call] of Object.entries({
    "storageAccounts.regenerateKey": () => accounts.regenerateKey(GROUP, ACCOUNT, { keyName: "key1" }),
    "storageAccounts.listAccountSAS": () => accounts.listAccountSAS(GROUP, ACCOUNT, { services: "b", resourceTypes: "s", permissions: "r", sharedAccessExpiryTime: new Date(Date.now() + 3.6e6) }),
    "storageAccounts.failover": () => accounts.failover(GROUP, ACCOUNT),
    "blobServices.getServiceProperties": () => client.blobServices.getServiceProperties(GROUP, ACCOUNT),
    "blobContainers.create": () => client.blobContainers.create(GROUP, ACCOUNT, "c", {}),
    "blobContainers.list": () => all(client.blobContainers.list(GROUP, ACCOUNT)),
    "fileShares.list": () => all(client.fileShares.list(GROUP, ACCOUNT)),
    "managementPolicies.get": () => client.managementPolicies.get(GROUP, ACCOUNT, "default"),
    "skus.list": () => all(client.skus.list()),
    "usages.listByLocation": () => all(client.usages.listByLocation(REGION)),
    "deletedAccounts.list": () => all(client.deletedAccounts.list()),
  })) await judge.refuses(name, "R-type", call);
  await judge.passes("storageAccounts.create to delete", () => accounts.create(GROUP, "stjudgedgone", wanted));
  await judge.passes("storageAccounts.delete", () => accounts.delete(GROUP, "stjudgedgone"), () => true);
  await judge.passes("storageAccounts.delete what is not there", () => accounts.delete(GROUP, "stjudgedgone"), () => true);
}

async function registries() {
  const judge = new Judge("npm @azure/arm-containerregistry");
  await judge.canFail();
  const client = new ContainerRegistryManagementClient(credential, SUBSCRIPTION);
  const name = "acrjudgednode";
  const available = (asked) => client.registries.checkNameAvailability({ name: asked, type: "Microsoft.ContainerRegistry/registries" });
  await judge.passes("registries.checkNameAvailability of a free name", () => available(name), (r) => r.nameAvailable === true);
  await judge.passes("registries.create", () => client.registries.create(GROUP, name, { location: REGION, sku: { name: "Basic" }, adminUserEnabled: true }), (r) => r.provisioningState === "Succeeded" && r.loginServer.length > 0);
  await judge.passes("registries.checkNameAvailability of a taken name", () => available(name), (r) => r.nameAvailable === false);
  await judge.passes("registries.checkNameAvailability of a bad name", () => available("a-b"), (r) => r.nameAvailable === false);
  await judge.passes("registries.get", () => client.registries.get(GROUP, name), (r) => r.sku.tier === "Basic" && r.adminUserEnabled === true);
  await judge.passes("registries.update", () => client.registries.update(GROUP, name, { tags: { by: "judge" }, sku: { name: "Standard" } }), (r) => r.tags.by === "judge" && r.sku.name === "Standard");
  await judge.passes("registries.listByResourceGroup", () => all(client.registries.listByResourceGroup(GROUP)), (r) => r.length === 1);
  await judge.passes("registries.list", () => all(client.registries.list()), (r) => r.some((one) => one.name === name));
  await judge.passes("registries.listCredentials", () => client.registries.listCredentials(GROUP, name), (r) => r.username === name && r.passwords.length === 2);
  await judge.passes("registries.regenerateCredential", async () => { const before = await client.registries.listCredentials(GROUP, name); const after = await client.registries.regenerateCredential(GROUP, name, { name: "password" }); return [before, after]; }, ([before, after]) => before.passwords[0].value !== after.passwords[0].value && before.passwords[1].value === after.passwords[1].value);
  await judge.answers("registries.create with a bad name", "InvalidName", () => client.registries.create(GROUP, "a-b", { location: REGION, sku: { name: "Basic" } }));
  await judge.answers("registries.create with no tier", "InvalidSku", () => client.registries.create(GROUP, "acrjudgednone", { location: REGION, sku: { name: "Gold" } }));
  const map = `${SCOPE}/Microsoft.ContainerRegistry/registries/${name}/scopeMaps/pulls`;
  await judge.passes("scopeMaps.create", () => client.scopeMaps.create(GROUP, name, "pulls", { actions: ["repositories/scorer/content/read"] }), (r) => r.actions.length === 1);
  await judge.passes("scopeMaps.update", () => client.scopeMaps.update(GROUP, name, "pulls", { actions: ["repositories/scorer/content/read", "repositories/scorer/metadata/read"] }), (r) => r.actions.length === 2);
  await judge.passes("scopeMaps.list", () => all(client.scopeMaps.list(GROUP, name)), (r) => r.some((one) => one.name === "pulls"));
  await judge.passes("tokens.create", () => client.tokens.create(GROUP, name, "device", { scopeMapId: map, status: "enabled" }), (r) => r.status === "enabled");
  await judge.passes("registries.generateCredentials", () => client.registries.generateCredentials(GROUP, name, { tokenId: map.replace("scopeMaps/pulls", "tokens/device"), name: "password1" }), (r) => r.username === "device" && r.passwords[0].value.length > 20);
  await judge.passes("tokens.update", () => client.tokens.update(GROUP, name, "device", { status: "disabled" }), (r) => r.status === "disabled");
  await judge.passes("tokens.get", () => client.tokens.get(GROUP, name, "device"), (r) => r.scopeMapId.toLowerCase() === map.toLowerCase());
  await judge.passes("tokens.list", () => all(client.tokens.list(GROUP, name)), (r) => r.length === 1);
  await judge.passes("tokens.delete", () => client.tokens.delete(GROUP, name, "device"), () => true);
  await judge.passes("scopeMaps.delete", () => client.scopeMaps.delete(GROUP, name, "pulls"), () => true);
  for (const [operation, call] of Object.entries({
    "registries.listUsages": () => client.registries.listUsages(GROUP, name),
    "registries.importImage": () => client.registries.importImage(GROUP, name, { source: { registryUri: "mcr.microsoft.com", sourceImage: "hello-world:latest" }, targetTags: ["a:1"] }),
    "replications.list": () => all(client.replications.list(GROUP, name)),
    "webhooks.list": () => all(client.webhooks.list(GROUP, name)),
    "webhooks.create": () => client.webhooks.create(GROUP, name, "hook1", { location: REGION, serviceUri: "https://example.com", actions: ["push"] }),
    "cacheRules.list": () => all(client.cacheRules.list(GROUP, name)),
  })) await judge.refuses(operation, "R-type", call);
  await judge.passes("registries.delete", () => client.registries.delete(GROUP, name), () => true);
  await judge.answers("registries.get a deleted one", "ResourceNotFound", () => client.registries.get(GROUP, name));
}

async function vaults() {
  const judge = new Judge("npm @azure/arm-keyvault");
  await judge.canFail();
  const client = new KeyVaultManagementClient(credential, SUBSCRIPTION);
  const wanted = { location: REGION, tags: { by: "judge" }, properties: { tenantId: TENANT, sku: { family: "A", name: "standard" }, enableRbacAuthorization: true, softDeleteRetentionInDays: 7, accessPolicies: [] } };
  const available = (name) => client.vaults.checkNameAvailability({ name, type: "Microsoft.KeyVault/vaults" });
  await judge.passes("vaults.checkNameAvailability of a free name", () => available(VAULT), (r) => r.nameAvailable === true);
  await judge.passes("vaults.createOrUpdate", () => client.vaults.createOrUpdate(GROUP, VAULT, wanted), (r) => r.properties.vaultUri === `https://${VAULT}.vault.azure.net/` && r.properties.provisioningState === "Succeeded");
  await judge.passes("vaults.checkNameAvailability of a taken name", () => available(VAULT), (r) => r.nameAvailable === false && r.reason === "AlreadyExists");
  await judge.passes("vaults.get", () => client.vaults.get(GROUP, VAULT), (r) => r.properties.softDeleteRetentionInDays === 7 && r.tags.by === "judge");
  await judge.passes("vaults.update", () => client.vaults.update(GROUP, VAULT, { tags: { ring: "1" } }), (r) => r.tags.ring === "1");
  await judge.passes("vaults.listByResourceGroup", () => all(client.vaults.listByResourceGroup(GROUP)), (r) => r.length === 1);
  await judge.passes("vaults.listBySubscription", () => all(client.vaults.listBySubscription()), (r) => r.some((one) => one.name === VAULT));
  await judge.passes("vaults.list", () => all(client.vaults.list()), (r) => r.some((one) => one.name === VAULT));
  await judge.answers("vaults.createOrUpdate with a bad name", "VaultNameNotValid", () => client.vaults.createOrUpdate(GROUP, "1--x", wanted));
  await judge.answers("vaults.createOrUpdate with another retention", "400", () => client.vaults.createOrUpdate(GROUP, VAULT, { ...wanted, properties: { ...wanted.properties, softDeleteRetentionInDays: 90 } }));
  await judge.passes("secrets.createOrUpdate", () => client.secrets.createOrUpdate(GROUP, VAULT, "arm", { properties: { value: "s" } }), (r) => r.properties.value === undefined && r.properties.secretUri.includes("/secrets/arm"));
  await judge.passes("secrets.get", () => client.secrets.get(GROUP, VAULT, "arm"), (r) => r.name === "arm" && r.properties.value === undefined);
  await judge.passes("secrets.list", () => all(client.secrets.list(GROUP, VAULT)), (r) => r.length === 1);
  await judge.refuses("vaults.updateAccessPolicy", "R-type", () => client.vaults.updateAccessPolicy(GROUP, VAULT, "add", { properties: { accessPolicies: [] } }));
  await judge.refuses("keys.createIfNotExist", "R-type", () => client.keys.createIfNotExist(GROUP, VAULT, "k", { properties: { kty: "RSA" } }));
  await judge.passes("vaults.createOrUpdate to delete", () => client.vaults.createOrUpdate(GROUP, "kv-judged-gone", wanted));
  await judge.passes("vaults.delete", () => client.vaults.delete(GROUP, "kv-judged-gone"), () => true);
  await judge.passes("vaults.getDeleted", () => client.vaults.getDeleted("kv-judged-gone", REGION), (r) => r.properties.location === REGION);
  await judge.passes("vaults.listDeleted", () => all(client.vaults.listDeleted()), (r) => r.some((one) => one.name === "kv-judged-gone"));
  await judge.answers("vaults.createOrUpdate under a deleted name", "ConflictError", () => client.vaults.createOrUpdate(GROUP, "kv-judged-gone", wanted));
  await judge.passes("vaults.createOrUpdate recovers", () => client.vaults.createOrUpdate(GROUP, "kv-judged-gone", { ...wanted, properties: { ...wanted.properties, createMode: "recover" } }), (r) => r.name === "kv-judged-gone");
  await judge.passes("vaults.delete again", () => client.vaults.delete(GROUP, "kv-judged-gone"), () => true);
  await judge.passes("vaults.purgeDeleted", () => client.vaults.purgeDeleted("kv-judged-gone", REGION), () => true);
  await judge.answers("vaults.getDeleted a purged one", "404", () => client.vaults.getDeleted("kv-judged-gone", REGION));
}

async function containers() {
  const judge = new Judge("npm @azure/arm-containerinstance");
  await judge.canFail();
  const client = new ContainerInstanceManagementClient(credential, SUBSCRIPTION);
  const container = { name: "web", image: "mcr.microsoft.com/none:1", resources: { requests: { cpu: 1, memoryInGB: 1 } } };
  const group = { location: REGION, osType: "Linux", containers: [container] };
  const create = (change) => () => client.containerGroups.beginCreateOrUpdateAndWait(GROUP, "ci-judged", { ...group, ...change });
  await judge.passes("containerGroups.listByResourceGroup", () => all(client.containerGroups.listByResourceGroup(GROUP)), (r) => r.length === 0);
  await judge.passes("containerGroups.list", () => all(client.containerGroups.list()), (r) => Array.isArray(r));
  await judge.answers("containerGroups.get of none", "ResourceNotFound", () => client.containerGroups.get(GROUP, "ci-none"));
  await judge.answers("containers.listLogs of none", "ResourceNotFound", () => client.containers.listLogs(GROUP, "ci-none", "web"));
  await judge.passes("location.listCapabilities", () => all(client.location.listCapabilities(REGION)), (r) => r.some((one) => one.osType === "Linux"));
  await judge.passes("location.listUsage", () => all(client.location.listUsage(REGION)), (r) => r.some((one) => one.name.value === "ContainerGroups"));
  await judge.refuses("location.listCachedImages", "R-type", () => all(client.location.listCachedImages(REGION)));
  await judge.answers("containerGroups.create with a bad name", "InvalidContainerGroupName", () => client.containerGroups.beginCreateOrUpdateAndWait(GROUP, "Bad_Name", group));
  await judge.refuses("containerGroups.create with initContainers", "R-containers", create({ initContainers: [{ name: "i", image: "a" }] }));
  await judge.refuses("containerGroups.create in a subnet", "R-containers", create({ subnetIds: [{ id: `${SCOPE}/Microsoft.Network/virtualNetworks/v/subnets/s` }] }));
  await judge.refuses("containerGroups.create with Windows", "R-containers", create({ osType: "Windows" }));
  await judge.refuses("containerGroups.create with a GPU", "R-containers", create({ containers: [{ ...container, resources: { requests: { cpu: 1, memoryInGB: 1, gpu: { count: 1, sku: "V100" } } } }] }));
  await judge.refuses("containerGroups.create with a file share", "R-containers", create({ volumes: [{ name: "v", azureFile: { shareName: "s", storageAccountName: "a", storageAccountKey: "a" } }] }));
  await judge.refuses("containerGroups.create with a DNS of its own", "R-containers", create({ dnsConfig: { nameServers: ["10.0.0.1"] } }));
  await judge.passes("containerGroups.delete of none", () => client.containerGroups.beginDeleteAndWait(GROUP, "ci-none"), () => true);
}

async function logs() {
  const judge = new Judge("npm @azure/arm-operationalinsights");
  await judge.canFail();
  const client = new OperationalInsightsManagementClient(credential, SUBSCRIPTION);
  const wanted = { location: REGION, sku: { name: "PerGB2018" }, retentionInDays: 30, tags: { by: "judge" } };
  await judge.passes("workspaces.createOrUpdate", () => client.workspaces.beginCreateOrUpdateAndWait(GROUP, "log-judged", wanted), (r) => r.provisioningState === "Succeeded" && r.customerId.length === 36);
  await judge.passes("workspaces.get", () => client.workspaces.get(GROUP, "log-judged"), (r) => r.retentionInDays === 30 && r.tags.by === "judge");
  await judge.passes("workspaces.update", () => client.workspaces.update(GROUP, "log-judged", { tags: { ring: "1" } }), (r) => r.tags.ring === "1");
  await judge.passes("workspaces.listByResourceGroup", () => all(client.workspaces.listByResourceGroup(GROUP)), (r) => r.length === 1);
  await judge.passes("workspaces.list", () => all(client.workspaces.list()), (r) => r.length >= 1);
  await judge.passes("sharedKeys.getSharedKeys", () => client.sharedKeysOperations.getSharedKeys(GROUP, "log-judged"), (r) => r.primarySharedKey.length > 20);
  await judge.refuses("sharedKeys.regenerate", "R-type", () => client.sharedKeysOperations.regenerate(GROUP, "log-judged"));
  await judge.refuses("tables.listByWorkspace", "R-type", () => all(client.tables.listByWorkspace(GROUP, "log-judged")));
  await judge.refuses("savedSearches.listByWorkspace", "R-type", () => client.savedSearches.listByWorkspace(GROUP, "log-judged"));
  await judge.passes("workspaces.delete", () => client.workspaces.beginDeleteAndWait(GROUP, "log-judged"), () => true);
  await judge.passes("deletedWorkspaces.list", () => all(client.deletedWorkspaces.list()), (r) => r.some((one) => one.name === "log-judged"));
  await judge.passes("workspaces.createOrUpdate recovers", () => client.workspaces.beginCreateOrUpdateAndWait(GROUP, "log-judged", wanted), (r) => r.name === "log-judged");
  await judge.passes("workspaces.delete for good", () => client.workspaces.beginDeleteAndWait(GROUP, "log-judged", { force: true }), () => true);
  await judge.answers("workspaces.get a deleted one", "ResourceNotFound", () => client.workspaces.get(GROUP, "log-judged"));
}

async function learning() {
  const judge = new Judge("npm @azure/arm-machinelearning");
  await judge.canFail();
  const client = new AzureMachineLearningWorkspaces(credential, SUBSCRIPTION);
  const resources = new ResourceManagementClient(credential, SUBSCRIPTION).resources;
  const insights = `${SCOPE}/Microsoft.Insights/components/appi-judged`;
  await judge.passes("an Application Insights for it (@azure/arm-resources)", () => resources.beginCreateOrUpdateByIdAndWait(insights, "2020-02-02", { location: REGION, kind: "web", properties: { Application_Type: "web" } }), (r) => r.name === "appi-judged");
  const workspace = { location: REGION, identity: { type: "SystemAssigned" }, friendlyName: "judged", storageAccount: `${SCOPE}/Microsoft.Storage/storageAccounts/${ACCOUNT}`, keyVault: `${SCOPE}/Microsoft.KeyVault/vaults/${VAULT}`, applicationInsights: insights };
  await judge.passes("workspaces.createOrUpdate", () => client.workspaces.beginCreateOrUpdateAndWait(GROUP, "mlw-judged", workspace), (r) => r.provisioningState === "Succeeded" && r.workspaceId.length > 0 && r.discoveryUrl.startsWith("https://"));
  await judge.passes("workspaces.get", () => client.workspaces.get(GROUP, "mlw-judged"), (r) => r.friendlyName === "judged" && r.identity.principalId.length === 36);
  await judge.passes("workspaces.listByResourceGroup", () => all(client.workspaces.listByResourceGroup(GROUP)), (r) => r.length === 1);
  await judge.passes("workspaces.listBySubscription", () => all(client.workspaces.listBySubscription()), (r) => r.length >= 1);
  await judge.passes("workspaces.update", () => client.workspaces.beginUpdateAndWait(GROUP, "mlw-judged", { tags: { by: "judge" } }), (r) => r.tags.by === "judge");
  await judge.passes("datastores.list", () => all(client.datastores.list(GROUP, "mlw-judged")), (r) => r.some((one) => one.name === "workspaceblobstore"));
  await judge.passes("datastores.list the default one", () => all(client.datastores.list(GROUP, "mlw-judged", { isDefault: true })), (r) => r.length === 1);
  await judge.passes("datastores.get", () => client.datastores.get(GROUP, "mlw-judged", "workspaceblobstore"), (r) => r.properties.accountName === ACCOUNT);
  await judge.answers("datastores.get of none", "404", () => client.datastores.get(GROUP, "mlw-judged", "none"));
  const version = (path) => ({ properties: { modelUri: `azureml://datastores/workspaceblobstore/paths/${path}`, modelType: "custom_model", tags: { a: "1" } } });
  await judge.passes("modelVersions.createOrUpdate", () => client.modelVersions.createOrUpdate(GROUP, "mlw-judged", "m", "1", version("a")), (r) => r.name === "1" && r.properties.tags.a === "1");
  await judge.passes("modelVersions.createOrUpdate a second", () => client.modelVersions.createOrUpdate(GROUP, "mlw-judged", "m", "2", version("b")), (r) => r.name === "2");
  await judge.answers("modelVersions.createOrUpdate is immutable", "40", () => client.modelVersions.createOrUpdate(GROUP, "mlw-judged", "m", "1", version("c")));
  await judge.passes("modelVersions.get", () => client.modelVersions.get(GROUP, "mlw-judged", "m", "1"), (r) => r.properties.modelUri.endsWith("/a"));
  await judge.passes("modelVersions.list", () => all(client.modelVersions.list(GROUP, "mlw-judged", "m")), (r) => r.length === 2);
  await judge.passes("modelContainers.list", () => all(client.modelContainers.list(GROUP, "mlw-judged")), (r) => r.length === 1 && r[0].properties.latestVersion === "2");
  await judge.passes("modelContainers.get", () => client.modelContainers.get(GROUP, "mlw-judged", "m"), (r) => r.properties.nextVersion === "3");
  await judge.passes("modelVersions.delete", () => client.modelVersions.delete(GROUP, "mlw-judged", "m", "2"), () => true);
  await clusters(judge, client);
  await jobs(judge, client);
  await assets(judge, client);
  await endpoints(judge, client);
  await judge.refuses("batchEndpoints.list", "R-type", () => all(client.batchEndpoints.list(GROUP, "mlw-judged")));
  await judge.refuses("workspaces.listKeys", "R-type", () => client.workspaces.listKeys(GROUP, "mlw-judged"));
  await judge.refuses("workspaces.diagnose", "R-type", () => client.workspaces.beginDiagnoseAndWait(GROUP, "mlw-judged"));
  await judge.passes("workspaces.delete", () => client.workspaces.beginDeleteAndWait(GROUP, "mlw-judged", { forceToPurge: true }), () => true);
}

async function clusters(judge, client) {
  const place = [GROUP, "mlw-judged", "cpu-judged"];
  const cluster = (vmSize, minNodeCount) => ({ location: REGION, properties: { computeType: "AmlCompute", properties: { vmSize, scaleSettings: { minNodeCount, maxNodeCount: 2, nodeIdleTimeBeforeScaleDown: "PT2M" } } } });
  const made = (vmSize, least) => client.computeOperations.beginCreateOrUpdateAndWait(...place, cluster(vmSize, least));
  await judge.passes("compute.createOrUpdate", () => made("Standard_DS3_v2", 1), (r) => r.properties.provisioningState === "Succeeded" && r.properties.properties.vmSize === "Standard_DS3_v2");
  await judge.passes("compute.get", () => client.computeOperations.get(...place), (r) => r.properties.properties.currentNodeCount === 1 && r.properties.properties.nodeStateCounts.idleNodeCount === 1 && r.properties.properties.allocationState === "Steady");
  await judge.passes("compute.list", () => all(client.computeOperations.list(GROUP, "mlw-judged")), (r) => r.length === 1);
  await judge.passes("compute.listNodes", () => all(client.computeOperations.listNodes(...place)), (r) => r.length === 1 && r[0].nodeState === "idle");
  await judge.passes("compute.update", () => client.computeOperations.beginUpdateAndWait(...place, { properties: { scaleSettings: { minNodeCount: 0, maxNodeCount: 3 } } }), (r) => r.properties.properties.scaleSettings.maxNodeCount === 3);
  await judge.answers("compute.createOrUpdate with another size", "cannot be changed", () => made("Standard_DS2_v2", 1));
  await judge.answers("compute.createOrUpdate of a size that is none", "InvalidPropertyValue", () => client.computeOperations.beginCreateOrUpdateAndWait(GROUP, "mlw-judged", "other", cluster("Standard_B2s", 0)));
  await judge.answers("compute.createOrUpdate beyond the quota", "vCPU quota of 0", () => client.computeOperations.beginCreateOrUpdateAndWait(GROUP, "mlw-judged", "gpu", cluster("Standard_NC4as_T4_v3", 0)));
  await judge.passes("usages.list", () => all(client.usages.list(REGION)), (r) => r.some((one) => one.name.value === "Standard DSv2 Family Cluster Dedicated vCPUs" && one.limit === 24));
  await judge.passes("virtualMachineSizes.list", () => client.virtualMachineSizes.list(REGION), (r) => r.value.some((one) => one.name === "Standard_DS3_v2" && one.vCPUs === 4));
  await judge.refuses("compute.listKeys", "R-type", () => client.computeOperations.listKeys(...place));
  await judge.passes("compute.delete", () => client.computeOperations.beginDeleteAndWait(...place, "Delete"), () => true);
}

async function jobs(judge, client) {
  const place = [GROUP, "mlw-judged"];
  const below = `${SCOPE}/Microsoft.MachineLearningServices/workspaces/mlw-judged`;
  const cluster = { computeType: "AmlCompute", properties: { vmSize: "Standard_DS2_v2", scaleSettings: { minNodeCount: 0, maxNodeCount: 1 } } };
  await client.computeOperations.beginCreateOrUpdateAndWait(...place, "cpu-jobs", { location: REGION, properties: cluster });
  await client.environmentVersions.createOrUpdate(...place, "training", "1", { properties: { image: "python:3.11-slim-bookworm" } });
  const job = (command) => ({ properties: { jobType: "Command", command, computeId: `${below}/computes/cpu-jobs`, environmentId: `${below}/environments/training/versions/1`, tags: { by: "judge" } } });
  await judge.passes("jobs.createOrUpdate", () => client.jobs.createOrUpdate(...place, "j", job("sleep 600")), (r) => r.properties.jobType === "Command" && r.properties.tags.by === "judge" && r.properties.services.Studio.endpoint.startsWith("https://"));
  await judge.answers("jobs.createOrUpdate under a used name", "A job with this name already exists", () => client.jobs.createOrUpdate(...place, "j", job("sleep 1")));
  await judge.answers("jobs.createOrUpdate without its compute", "does not exist", () => client.jobs.createOrUpdate(...place, "k", { properties: { ...job("sleep 1").properties, computeId: `${below}/computes/none` } }));
  await judge.passes("jobs.get", () => client.jobs.get(...place, "j"), (r) => r.properties.command === "sleep 600");
  await judge.answers("jobs.get of none", "404", () => client.jobs.get(...place, "none"));
  await judge.passes("jobs.list", () => all(client.jobs.list(...place)), (r) => r.length === 1 && r[0].name === "j");
  await judge.passes("jobs.list of those that are archived", () => all(client.jobs.list(...place, { listViewType: "ArchivedOnly" })), (r) => r.length === 0);
  await judge.passes("jobs.cancel", () => client.jobs.beginCancelAndWait(...place, "j"), () => true);
  await judge.passes("jobs.get of one that was canceled", () => client.jobs.get(...place, "j"), (r) => r.properties.status === "Canceled");
  await judge.answers("jobs.cancel of one that is over", "cannot be canceled", () => client.jobs.beginCancelAndWait(...place, "j"));
  await judge.refuses("jobs.delete", "R-job-delete", () => client.jobs.beginDeleteAndWait(...place, "j"));
}

async function endpoints(judge, client) {
  const place = [GROUP, "mlw-judged", "ep-judged"];
  const endpoint = (more) => ({ location: REGION, identity: { type: "SystemAssigned" }, properties: { authMode: "Key", ...more } });
  await judge.passes("onlineEndpoints.createOrUpdate", () => client.onlineEndpoints.beginCreateOrUpdateAndWait(...place, endpoint({ description: "d" })), (r) => r.properties.provisioningState === "Succeeded" && r.properties.scoringUri === `https://ep-judged.${REGION}.inference.ml.azure.com/score`);
  await judge.passes("onlineEndpoints.get", () => client.onlineEndpoints.get(...place), (r) => r.properties.authMode === "Key" && r.properties.description === "d" && r.properties.keys === undefined);
  await judge.passes("onlineEndpoints.list", () => all(client.onlineEndpoints.list(GROUP, "mlw-judged")), (r) => r.length === 1);
  await judge.passes("onlineEndpoints.list by name", () => all(client.onlineEndpoints.list(GROUP, "mlw-judged", { name: "none" })), (r) => r.length === 0);
  await judge.passes("onlineEndpoints.update", () => client.onlineEndpoints.beginUpdateAndWait(...place, { tags: { a: "b" } }), (r) => r.tags.a === "b" && r.properties.description === "d");
  const keys = await client.onlineEndpoints.listKeys(...place);
  await judge.passes("onlineEndpoints.listKeys", () => client.onlineEndpoints.listKeys(...place), (r) => r.primaryKey.length > 0 && r.primaryKey !== r.secondaryKey);
  await judge.passes("onlineEndpoints.regenerateKeys", () => client.onlineEndpoints.beginRegenerateKeysAndWait(...place, { keyType: "Primary" }).then(() => client.onlineEndpoints.listKeys(...place)), (r) => r.primaryKey !== keys.primaryKey && r.secondaryKey === keys.secondaryKey);
  await judge.answers("onlineEndpoints.createOrUpdate with traffic of none", "The request is invalid", () => client.onlineEndpoints.beginCreateOrUpdateAndWait(...place, endpoint({ traffic: { blue: 100 } })));
  await judge.passes("onlineDeployments.list", () => all(client.onlineDeployments.list(...place)), (r) => r.length === 0);
  const properties = { endpointComputeType: "Managed", environmentId: "/none", instanceType: "Standard_DS3_v2" };
  await judge.answers("onlineDeployments.createOrUpdate in no environment", "The request is invalid", () => client.onlineDeployments.beginCreateOrUpdateAndWait(...place, "blue", { location: REGION, sku: { name: "Default", capacity: 1 }, properties }));
  await judge.answers("onlineDeployments.get of none", "404", () => client.onlineDeployments.get(...place, "blue"));
  await judge.passes("onlineEndpoints.delete", () => client.onlineEndpoints.beginDeleteAndWait(...place), () => true);
}

async function assets(judge, client) {
  const place = [GROUP, "mlw-judged"];
  const image = (name) => ({ properties: { image: name, inferenceConfig: { scoringRoute: { path: "/score", port: 5001 } } } });
  await judge.passes("environmentVersions.createOrUpdate", () => client.environmentVersions.createOrUpdate(...place, "e", "1", image("i:1")), (r) => r.properties.environmentType === "UserCreated" && r.properties.inferenceConfig.scoringRoute.port === 5001);
  await judge.answers("environmentVersions.createOrUpdate is immutable", "already registered", () => client.environmentVersions.createOrUpdate(...place, "e", "1", image("i:2")));
  await judge.passes("environmentVersions.list", () => all(client.environmentVersions.list(...place, "e")), (r) => r.length === 1 && r[0].properties.image === "i:1");
  await judge.passes("environmentContainers.get", () => client.environmentContainers.get(...place, "e"), (r) => r.properties.nextVersion === "2");
  await judge.passes("environmentVersions.delete", () => client.environmentVersions.delete(...place, "e", "1"), () => true);
  const file = { properties: { dataType: "uri_file", dataUri: "azureml://datastores/workspaceblobstore/paths/a.csv" } };
  await judge.passes("dataVersions.createOrUpdate", () => client.dataVersions.createOrUpdate(...place, "d", "1", file), (r) => r.properties.dataUri.startsWith("azureml://subscriptions/"));
  await judge.passes("dataVersions.get", () => client.dataVersions.get(...place, "d", "1"), (r) => r.properties.dataType === "uri_file");
  await judge.passes("dataContainers.list", () => all(client.dataContainers.list(...place)), (r) => r.length === 1 && r[0].properties.dataType === "uri_file");
  const code = { properties: { codeUri: `https://${ACCOUNT}.blob.core.windows.net/c/src` } };
  await judge.passes("codeVersions.createOrUpdate", () => client.codeVersions.createOrUpdate(...place, "c", "1", code), (r) => r.properties.codeUri.endsWith("/c/src"));
  await judge.passes("codeVersions.list", () => all(client.codeVersions.list(...place, "c")), (r) => r.length === 1);
  await judge.passes("codeContainers.list", () => all(client.codeContainers.list(...place)), (r) => r.length === 1);
}

async function monitor() {
  const judge = new Judge("npm @azure/arm-monitor");
  await judge.canFail();
  const client = new MonitorClient(credential, SUBSCRIPTION);
  const account = `${SCOPE}/Microsoft.Storage/storageAccounts/${ACCOUNT}`;
  await judge.refuses("metrics.list", "R-type", () => client.metrics.list(account));
  await judge.refuses("metricDefinitions.list", "R-type", () => all(client.metricDefinitions.list(account)));
  await judge.refuses("diagnosticSettings.list", "R-type", () => client.diagnosticSettings.list(account));
  await judge.refuses("metricAlerts.listByResourceGroup", "R-type", () => all(client.metricAlerts.listByResourceGroup(GROUP)));
  await judge.refuses("activityLogs.list", "R-type", () => all(client.activityLogs.list("eventTimestamp ge '2026-01-01T00:00:00Z'")));
}
