// @azure/arm-resources and its neighbours: groups, generic resources, tags, locks, subscriptions, deployments, policies.
import { randomUUID } from "node:crypto";

import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { ManagementLockClient } from "@azure/arm-locks";
import { ManagedServiceIdentityClient } from "@azure/arm-msi";
import { PolicyClient } from "@azure/arm-policy";
import { ResourceManagementClient } from "@azure/arm-resources";
import { SubscriptionClient } from "@azure/arm-resources-subscriptions";
import { DeploymentsClient } from "@azure/arm-resourcesdeployments";
import { ClientSecretCredential } from "@azure/identity";

import { REGION, SUBSCRIPTION, credential } from "./arm_iothub.mjs";
import { Judge, all } from "./judge.mjs";

export const GROUP = "rg-judges-node-arm";
const SCOPE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`;
const IDENTITY = "Microsoft.ManagedIdentity";
const READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const VERSION = "2023-01-31";

export async function judgeArm() {
  await identity();
  await resources(new ResourceManagementClient(credential, SUBSCRIPTION));
  await subscriptions();
  await locks();
  await identities();
  await roles();
  await policies();
  await deployments();
}

async function identity() {
  const judge = new Judge("npm @azure/identity");
  await judge.canFail();
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_SECRET: secret } = process.env;
  await judge.passes("DefaultAzureCredential for ARM", () => credential.getToken("https://management.azure.com/.default"), (r) => r.token.split(".").length === 3 && r.expiresOnTimestamp > Date.now());
  for (const [name, scope] of Object.entries({ storage: "https://storage.azure.com/.default", vaults: "https://vault.azure.net/.default", "IoT Hub": "https://iothubs.azure.net/.default", Graph: "https://graph.microsoft.com/.default" })) {
    await judge.passes(`ClientSecretCredential for ${name}`, () => new ClientSecretCredential(tenant, client, secret).getToken(scope), (r) => r.token.length > 100);
  }
  await judge.answers("a wrong secret", "AADSTS7000215", () => new ClientSecretCredential(tenant, client, "wrong").getToken("https://management.azure.com/.default"));
  await judge.answers("an unknown client", "AADSTS700016", () => new ClientSecretCredential(tenant, randomUUID(), secret).getToken("https://management.azure.com/.default"));
}

async function resources(client) {
  const judge = new Judge("npm @azure/arm-resources");
  await judge.canFail();
  const groups = client.resourceGroups;
  await judge.passes("resourceGroups.createOrUpdate", () => groups.createOrUpdate(GROUP, { location: REGION, tags: { by: "judge", kind: "first" } }), (r) => r.properties.provisioningState === "Succeeded" && r.tags.by === "judge");
  await judge.passes("resourceGroups.get in another case", () => groups.get(GROUP.toUpperCase()), (r) => r.name === GROUP);
  await judge.answers("resourceGroups.get what is not there", "ResourceGroupNotFound", () => groups.get("rg-none"));
  await judge.passes("resourceGroups.checkExistence", () => groups.checkExistence(GROUP), (r) => r.body === true);
  await judge.passes("resourceGroups.checkExistence of none", () => groups.checkExistence("rg-none"), (r) => r.body === false);
  await judge.passes("resourceGroups.update tags", () => groups.update(GROUP, { tags: { by: "judge", kind: "second" } }), (r) => r.tags.kind === "second");
  await judge.answers("resourceGroups.createOrUpdate elsewhere", "InvalidResourceGroupLocation", () => groups.createOrUpdate(GROUP, { location: "northeurope" }));
  await judge.passes("resourceGroups.list", () => all(groups.list()), (r) => r.some((one) => one.name === GROUP));
  await judge.passes("resourceGroups.list by a tag", () => all(groups.list({ filter: "tagName eq 'kind' and tagValue eq 'second'" })), (r) => r.length === 1 && r[0].name === GROUP);
  await judge.passes("resourceGroups.list by a tag that none has", () => all(groups.list({ filter: "tagName eq 'kind' and tagValue eq 'third'" })), (r) => r.length === 0);
  await judge.refuses("resourceGroups.exportTemplate", "R-subscription", () => groups.beginExportTemplateAndWait(GROUP, { resources: ["*"], options: "IncludeParameterDefaultValue" }));
  await generic(judge, client.resources);
  await providers(judge, client.providers);
  await tags(judge, client.tagsOperations);
  await judge.passes("resourceGroups.createOrUpdate to delete", () => groups.createOrUpdate("rg-judges-node-gone", { location: REGION }));
  await judge.passes("resourceGroups.delete", () => groups.beginDeleteAndWait("rg-judges-node-gone"), () => true);
  await judge.passes("resourceGroups.checkExistence of a deleted one", () => groups.checkExistence("rg-judges-node-gone"), (r) => r.body === false);
  await judge.answers("resourceGroups.delete what is not there", "ResourceGroupNotFound", () => groups.beginDeleteAndWait("rg-judges-node-gone"));
}

async function generic(judge, resources) {
  const id = `${SCOPE}/providers/${IDENTITY}/userAssignedIdentities/generic`;
  await judge.passes("resources.createOrUpdateById", () => resources.beginCreateOrUpdateByIdAndWait(id, VERSION, { location: REGION, tags: { kind: "generic" } }), (r) => r.name === "generic");
  await judge.passes("resources.getById", () => resources.getById(id, VERSION), (r) => r.tags.kind === "generic");
  await judge.passes("resources.get", () => resources.get(GROUP, IDENTITY, "", "userAssignedIdentities", "generic", VERSION), (r) => r.location === REGION);
  await judge.passes("resources.checkExistenceById", () => resources.checkExistenceById(id, VERSION), (r) => r.body === true);
  await judge.passes("resources.checkExistence of none", () => resources.checkExistence(GROUP, IDENTITY, "", "userAssignedIdentities", "none", VERSION), (r) => r.body === false);
  await judge.passes("resources.updateById", () => resources.beginUpdateByIdAndWait(id, VERSION, { tags: { kind: "patched" } }), (r) => r.tags.kind === "patched");
  await judge.passes("resources.listByResourceGroup", () => all(resources.listByResourceGroup(GROUP)), (r) => r.some((one) => one.name === "generic"));
  await judge.passes("resources.listByResourceGroup of a type", () => all(resources.listByResourceGroup(GROUP, { filter: "resourceType eq 'Microsoft.Storage/storageAccounts'" })), (r) => r.length === 0);
  await judge.passes("resources.listByResourceGroup by a tag", () => all(resources.listByResourceGroup(GROUP, { filter: "tagName eq 'kind' and tagValue eq 'patched'" })), (r) => r.length === 1);
  await judge.passes("resources.listByResourceGroup by name", () => all(resources.listByResourceGroup(GROUP, { filter: "name eq 'none'" })), (r) => r.length === 0);
  await judge.passes("resources.list of a type", () => all(resources.list({ filter: `resourceType eq '${IDENTITY}/userAssignedIdentities'` })), (r) => r.length >= 1 && r.every((one) => one.type.toLowerCase().endsWith("userassignedidentities")));
  await judge.passes("resources.list by page", () => all(resources.list({ top: 1 })), (r) => r.length >= 1);
  await judge.answers("resources.list with a filter that is none", "InvalidFilterInQueryString", () => all(resources.list({ filter: "colour eq 'red'" })));
  await judge.answers("resources.getById with a version that never was", "NoRegisteredProviderFound", () => resources.getById(id, "1999-01-01"));
  await judge.answers("resources.getById of an unknown namespace", "InvalidResourceNamespace", () => resources.getById(`${SCOPE}/providers/Contoso.Things/boxes/a`, VERSION));
  await judge.refuses("resources.getById of a type that is not built", "R-type", () => resources.getById(`${SCOPE}/providers/Microsoft.Storage/nothings/a`, "2023-01-01"));
  await judge.refuses("resources.moveResources", "R-subscription", () => resources.beginMoveResourcesAndWait(GROUP, { resources: [id], targetResourceGroup: SCOPE }));
  await judge.passes("resources.deleteById", () => resources.beginDeleteByIdAndWait(id, VERSION), () => true);
  await judge.answers("resources.getById of a deleted one", "ResourceNotFound", () => resources.getById(id, VERSION));
}

async function providers(judge, providers) {
  await judge.passes("providers.get", () => providers.get("Microsoft.Devices"), (r) => r.registrationState === "Registered" && r.resourceTypes.some((one) => one.resourceType === "IotHubs" && one.apiVersions.length > 0));
  await judge.passes("providers.register", () => providers.register("Microsoft.Storage"), (r) => r.namespace === "Microsoft.Storage");
  await judge.passes("providers.list", () => all(providers.list()), (r) => r.length > 5);
  await judge.answers("providers.get of none", "InvalidResourceNamespace", () => providers.get("Contoso.Things"));
  await judge.refuses("providers.unregister", "R-subscription", () => providers.unregister("Microsoft.Storage"));
}

async function tags(judge, tags) {
  await judge.refuses("tags.getAtScope", "R-type", () => tags.getAtScope(SCOPE));
  await judge.refuses("tags.createOrUpdateAtScope", "R-type", () => tags.beginCreateOrUpdateAtScopeAndWait(SCOPE, { properties: { tags: { a: "1" } } }));
  await judge.refuses("tags.updateAtScope", "R-type", () => tags.beginUpdateAtScopeAndWait(SCOPE, { operation: "Merge", properties: { tags: { b: "2" } } }));
  await judge.refuses("tags.deleteAtScope", "R-type", () => tags.beginDeleteAtScopeAndWait(SCOPE));
  await judge.refuses("tags.list", "R-subscription", () => all(tags.list()));
}

async function subscriptions() {
  const judge = new Judge("npm @azure/arm-resources-subscriptions");
  await judge.canFail();
  const client = new SubscriptionClient(credential);
  await judge.passes("subscriptions.get", () => client.subscriptions.get(SUBSCRIPTION), (r) => r.state === "Enabled");
  await judge.passes("subscriptions.list", () => all(client.subscriptions.list()), (r) => r.length === 1);
  await judge.passes("tenants.list", () => all(client.tenants.list()), (r) => r.length === 1);
  await judge.answers("subscriptions.get of another", "SubscriptionNotFound", () => client.subscriptions.get(randomUUID()));
  await judge.refuses("subscriptions.listLocations", "R-subscription", () => all(client.subscriptions.listLocations(SUBSCRIPTION)));
}

async function locks() {
  const judge = new Judge("npm @azure/arm-locks");
  await judge.canFail();
  const client = new ManagementLockClient(credential, SUBSCRIPTION).managementLocks;
  await judge.refuses("createOrUpdateAtResourceGroupLevel", "R-type", () => client.createOrUpdateAtResourceGroupLevel(GROUP, "keep", { level: "CanNotDelete" }));
  await judge.refuses("listAtResourceGroupLevel", "R-type", () => all(client.listAtResourceGroupLevel(GROUP)));
  await judge.refuses("listAtSubscriptionLevel", "R-type", () => all(client.listAtSubscriptionLevel()));
  await judge.refuses("deleteAtResourceGroupLevel", "R-type", () => client.deleteAtResourceGroupLevel(GROUP, "keep"));
}

async function identities() {
  const judge = new Judge("npm @azure/arm-msi");
  await judge.canFail();
  const client = new ManagedServiceIdentityClient(credential, SUBSCRIPTION).userAssignedIdentities;
  await judge.passes("createOrUpdate", () => client.createOrUpdate(GROUP, "id-a", { location: REGION, tags: { by: "judge" } }), (r) => r.principalId.length === 36 && r.clientId.length === 36 && r.tags.by === "judge");
  await judge.passes("get", () => client.get(GROUP, "id-a"), (r) => r.name === "id-a");
  await judge.passes("update", () => client.update(GROUP, "id-a", { location: REGION, tags: { by: "judge", ring: "1" } }), (r) => r.tags.ring === "1");
  await judge.passes("listByResourceGroup", () => all(client.listByResourceGroup(GROUP)), (r) => r.length === 1);
  await judge.passes("listBySubscription", () => all(client.listBySubscription()), (r) => r.some((one) => one.name === "id-a"));
  await judge.passes("delete", () => client.delete(GROUP, "id-a"), () => true);
  await judge.answers("get a deleted one", "ResourceNotFound", () => client.get(GROUP, "id-a"));
  const federated = new ManagedServiceIdentityClient(credential, SUBSCRIPTION).federatedIdentityCredentials;
  await judge.refuses("federatedIdentityCredentials.list", "R-type", async () => { await client.createOrUpdate(GROUP, "id-b", { location: REGION }); return all(federated.list(GROUP, "id-b")); });
  await judge.refuses("federatedIdentityCredentials.createOrUpdate", "R-type", () => federated.createOrUpdate(GROUP, "id-b", "gh", { issuer: "https://token.actions.githubusercontent.com", subject: "repo:a/b", audiences: ["api://AzureADTokenExchange"] }));
}

async function roles() {
  const judge = new Judge("npm @azure/arm-authorization");
  await judge.canFail();
  const client = new AuthorizationManagementClient(credential, SUBSCRIPTION);
  const { principalId } = await new ManagedServiceIdentityClient(credential, SUBSCRIPTION).userAssignedIdentities.createOrUpdate(GROUP, "id-roles", { location: REGION });
  const definitions = await judge.passes("roleDefinitions.list by name", () => all(client.roleDefinitions.list(SCOPE, { filter: "roleName eq 'AcrPull'" })), (r) => r.length === 1 && r[0].roleName === "AcrPull");
  await judge.passes("roleDefinitions.list of none", () => all(client.roleDefinitions.list(SCOPE, { filter: "roleName eq 'None'" })), (r) => r.length === 0);
  await judge.passes("roleDefinitions.getById", () => client.roleDefinitions.getById(definitions[0].id), (r) => r.roleName === "AcrPull");
  const name = randomUUID();
  const wanted = { principalId, principalType: "ServicePrincipal", roleDefinitionId: definitions[0].id };
  const made = await judge.passes("roleAssignments.create", () => client.roleAssignments.create(SCOPE, name, wanted), (r) => r.principalId === principalId);
  await judge.passes("roleAssignments.create the same again", () => client.roleAssignments.create(SCOPE, name, wanted), (r) => r.name === name);
  await judge.answers("roleAssignments.create under another name", "RoleAssignmentExists", () => client.roleAssignments.create(SCOPE, randomUUID(), wanted));
  await judge.answers("roleAssignments.create of no role", "RoleDefinitionDoesNotExist", () => client.roleAssignments.create(SCOPE, randomUUID(), { ...wanted, roleDefinitionId: definitions[0].id.replace(/[^/]*$/, randomUUID()) }));
  await judge.answers("roleAssignments.create of another type", "UnmatchedPrincipalType", () => client.roleAssignments.create(SCOPE, randomUUID(), { ...wanted, roleDefinitionId: definitions[0].id.replace(/[^/]*$/, READER), principalType: "User" }));
  await judge.passes("roleAssignments.get", () => client.roleAssignments.get(SCOPE, name), (r) => r.id === made.id);
  await judge.passes("roleAssignments.getById", () => client.roleAssignments.getById(made.id), (r) => r.name === name);
  await judge.passes("roleAssignments.listForScope", () => all(client.roleAssignments.listForScope(SCOPE, { filter: "atScope()" })), (r) => r.some((one) => one.name === name));
  await judge.passes("roleAssignments.listForScope of a principal", () => all(client.roleAssignments.listForScope(SCOPE, { filter: `principalId eq '${principalId}'` })), (r) => r.length === 1);
  await judge.passes("roleAssignments.listForResourceGroup", () => all(client.roleAssignments.listForResourceGroup(GROUP)), (r) => r.some((one) => one.name === name));
  await judge.passes("roleAssignments.listForSubscription", () => all(client.roleAssignments.listForSubscription()), (r) => r.length >= 1);
  await judge.passes("permissions.listForResourceGroup", () => all(client.permissions.listForResourceGroup(GROUP)), (r) => r.some((one) => one.actions.includes("*")));
  await judge.passes("roleAssignments.delete", () => client.roleAssignments.delete(SCOPE, name), (r) => r.name === name);
  await judge.answers("roleAssignments.get a deleted one", "RoleAssignmentNotFound", () => client.roleAssignments.get(SCOPE, name));
  await judge.refuses("denyAssignments.listForScope", "R-type", () => all(client.denyAssignments.listForScope(SCOPE)));
  await judge.refuses("classicAdministrators.list", "R-type", () => all(client.classicAdministrators.list()));
}

async function policies() {
  const judge = new Judge("npm @azure/arm-policy");
  await judge.canFail();
  const client = new PolicyClient(credential, SUBSCRIPTION);
  await judge.passes("policyAssignments.list", () => all(client.policyAssignments.list()), (r) => r.length === 0);
  await judge.passes("policyAssignments.listForResourceGroup", () => all(client.policyAssignments.listForResourceGroup(GROUP)), (r) => r.length === 0);
  await judge.refuses("policyAssignments.create", "R-type", () => client.policyAssignments.create(SCOPE, "p", { policyDefinitionId: "/providers/Microsoft.Authorization/policyDefinitions/x" }));
  await judge.refuses("policyDefinitions.list", "R-type", () => all(client.policyDefinitions.list()));
}

async function deployments() {
  const judge = new Judge("npm @azure/arm-resourcesdeployments");
  await judge.canFail();
  const client = new DeploymentsClient(credential, SUBSCRIPTION).deployments;
  const deployment = { properties: { mode: "Incremental", template: { $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", contentVersion: "1.0.0.0", resources: [] } } };
  await judge.refuses("createOrUpdate", "R-type", () => client.beginCreateOrUpdateAndWait ? client.beginCreateOrUpdateAndWait(GROUP, "d", deployment) : client.createOrUpdate(GROUP, "d", deployment));
  await judge.refuses("listByResourceGroup", "R-type", () => all(client.listByResourceGroup(GROUP)));
  await judge.refuses("get", "R-type", () => client.get(GROUP, "d"));
}
