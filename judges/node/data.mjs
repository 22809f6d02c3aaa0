// @azure/storage-blob, @azure/keyvault-secrets and @azure/keyvault-keys: the data planes; they need the accounts of services.mjs.
import { randomUUID } from "node:crypto";

import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { StorageManagementClient } from "@azure/arm-storage";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import { SecretClient } from "@azure/keyvault-secrets";
import { BlobSASPermissions, BlobServiceClient, StorageSharedKeyCredential, generateBlobSASQueryParameters } from "@azure/storage-blob";

import { SUBSCRIPTION, credential } from "./arm_iothub.mjs";
import { Judge, all } from "./judge.mjs";
import { ACCOUNT, GROUP, VAULT } from "./services.mjs";

const SCOPE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`;
const URL_OF_ACCOUNT = `https://${ACCOUNT}.blob.core.windows.net`;

export async function judgeData() {
  await denied();
  await Promise.all(["Storage Blob Data Owner", "Key Vault Secrets Officer", "Key Vault Crypto Officer"].map(grant));
  const { keys } = await new StorageManagementClient(credential, SUBSCRIPTION).storageAccounts.listKeys(GROUP, ACCOUNT);
  await blobs(keys[0].value);
  await secrets();
  await keysOf();
}

async function denied() {
  const judge = new Judge("npm @azure/storage-blob");
  await judge.canFail();
  await judge.answers("listContainers without a data role", "AuthorizationPermissionMismatch", () => all(new BlobServiceClient(URL_OF_ACCOUNT, credential).listContainers()));
}

async function grant(role) {
  const client = new AuthorizationManagementClient(credential, SUBSCRIPTION);
  const [definition] = await all(client.roleDefinitions.list(SCOPE, { filter: `roleName eq '${role}'` }));
  const { token } = await credential.getToken("https://management.azure.com/.default");
  const principalId = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()).oid;
  await client.roleAssignments.create(SCOPE, randomUUID(), { principalId, principalType: "ServicePrincipal", roleDefinitionId: definition.id });
}

async function blobs(key) {
  const judge = new Judge("npm @azure/storage-blob");
  const service = new BlobServiceClient(URL_OF_ACCOUNT, credential);
  const container = service.getContainerClient("models");
  await judge.passes("container.create", () => container.create());
  await judge.answers("container.create what is there", "ContainerAlreadyExists", () => container.create());
  await judge.passes("container.createIfNotExists", () => container.createIfNotExists(), (r) => r.succeeded === false);
  await judge.passes("container.exists", () => container.exists(), (r) => r === true);
  await judge.passes("container.exists of none", () => service.getContainerClient("none").exists(), (r) => r === false);
  await judge.passes("container.getProperties", () => container.getProperties(), (r) => r.etag.length > 2);
  await judge.passes("listContainers", () => all(service.listContainers()), (r) => r.some((one) => one.name === "models"));
  await judge.passes("listContainers by a prefix", () => all(service.listContainers({ prefix: "mod" })), (r) => r.length === 1);
  const blob = container.getBlockBlobClient("a/model.onnx");
  await judge.passes("blob.upload", () => blob.upload("hello", 5, { blobHTTPHeaders: { blobContentType: "text/plain", blobCacheControl: "no-cache" }, metadata: { version: "1" } }), (r) => r.etag.length > 2);
  await judge.passes("blob.download", async () => (await blob.downloadToBuffer()).toString(), (r) => r === "hello");
  await judge.passes("blob.download of a range", async () => (await blob.downloadToBuffer(1, 3)).toString(), (r) => r === "ell");
  await judge.passes("blob.getProperties", () => blob.getProperties(), (r) => r.contentType === "text/plain" && r.metadata.version === "1" && r.contentLength === 5 && r.cacheControl === "no-cache");
  await judge.passes("blob.exists", () => blob.exists(), (r) => r === true);
  await judge.passes("blob.exists of none", () => container.getBlobClient("none").exists(), (r) => r === false);
  await judge.answers("blob.download of none", "BlobNotFound", () => container.getBlobClient("none").downloadToBuffer());
  await judge.passes("blob.setMetadata", () => blob.setMetadata({ version: "2" }));
  await judge.passes("blob.getProperties after it", () => blob.getProperties(), (r) => r.metadata.version === "2");
  await judge.answers("blob.upload if none is there", "BlobAlreadyExists", () => blob.upload("x", 1, { conditions: { ifNoneMatch: "*" } }));
  await judge.answers("blob.upload with an old etag", "ConditionNotMet", () => blob.upload("x", 1, { conditions: { ifMatch: '"0x0"' } }));
  await judge.passes("blob.upload with its etag", async () => blob.upload("hello", 5, { conditions: { ifMatch: (await blob.getProperties()).etag } }));
  await judge.passes("blob.stageBlock and commitBlockList", async () => {
    const id = Buffer.from("000").toString("base64");
    await container.getBlockBlobClient("blocks").stageBlock(id, "block", 5);
    return container.getBlockBlobClient("blocks").commitBlockList([id]);
  });
  await judge.passes("blob.uploadData in blocks", () => container.getBlockBlobClient("big").uploadData(Buffer.alloc(3_000_000, 7), { blockSize: 1_000_000, maxSingleShotSize: 1_000_000 }));
  await judge.passes("blob.download of blocks", () => container.getBlockBlobClient("big").downloadToBuffer(), (r) => r.length === 3_000_000 && r[2_999_999] === 7);
  await judge.passes("listBlobsFlat", () => all(container.listBlobsFlat()), (r) => r.map((one) => one.name).join() === "a/model.onnx,big,blocks");
  await judge.passes("listBlobsFlat by a prefix, with metadata", () => all(container.listBlobsFlat({ prefix: "a/", includeMetadata: true })), (r) => r.length === 1);
  await judge.passes("listBlobsByHierarchy", () => all(container.listBlobsByHierarchy("/")), (r) => r.some((one) => one.kind === "prefix" && one.name === "a/"));
  await judge.passes("listBlobsFlat page by page", () => all(container.listBlobsFlat().byPage({ maxPageSize: 1 })), (r) => r.length === 3);
  await judge.passes("blob.syncCopyFromURL or beginCopyFromURL", async () => { const poller = await container.getBlobClient("copy").beginCopyFromURL(blob.url); return poller.pollUntilDone(); }, (r) => r.copyStatus === "success");
  await judge.passes("blob.setHTTPHeaders", () => blob.setHTTPHeaders({ blobContentType: "text/html" }));
  await judge.passes("blob.getProperties after that", () => blob.getProperties(), (r) => r.contentType === "text/html");
  await judge.passes("blob.setTags", () => blob.setTags({ a: "1" }));
  await judge.passes("blob.getTags", () => blob.getTags(), (r) => r.tags.a === "1");
  await judge.refuses("blob.setAccessTier", "R-blob", () => blob.setAccessTier("Cool"));
  await judge.refuses("blob.createSnapshot", "R-blob", () => blob.createSnapshot());
  await judge.refuses("blob.undelete", "R-blob", () => blob.undelete());
  await judge.refuses("blob lease", "R-blob", () => blob.getBlobLeaseClient().acquireLease(15));
  await judge.refuses("blob.getBlockList", "R-blob", () => blob.getBlockList("committed"));
  await judge.refuses("appendBlob.create", "R-blob", () => container.getAppendBlobClient("log").create());
  await judge.refuses("pageBlob.create", "R-blob", () => container.getPageBlobClient("page").create(512));
  await judge.passes("container.setMetadata", () => container.setMetadata({ a: "1" }));
  await judge.passes("container.getProperties after it", () => container.getProperties(), (r) => r.metadata.a === "1");
  await judge.refuses("container.setAccessPolicy", "R-blob", () => container.setAccessPolicy());
  await judge.refuses("container.getAccessPolicy", "R-blob", () => container.getAccessPolicy());
  await judge.refuses("service.getProperties", "R-blob", () => service.getProperties());
  await judge.refuses("service.getUserDelegationKey", "R-blob", () => service.getUserDelegationKey(new Date(), new Date(Date.now() + 3.6e6)));
  await judge.refuses("service.findBlobsByTags", "R-blob", () => all(service.findBlobsByTags("a='1'")));
  await judge.refuses("batch delete", "R-blob", () => service.getBlobBatchClient().deleteBlobs([blob]));
  await judge.passes("blob.delete", () => container.getBlobClient("big").delete());
  await judge.answers("blob.delete of none", "BlobNotFound", () => container.getBlobClient("big").delete());
  await judge.passes("blob.deleteIfExists of none", () => container.getBlobClient("big").deleteIfExists(), (r) => r.succeeded === false);
  await byKey(judge, key);
  await judge.passes("container.delete", () => container.delete());
  await judge.answers("container.delete of none", "ContainerNotFound", () => container.delete());
}

async function byKey(judge, key) {
  const shared = new StorageSharedKeyCredential(ACCOUNT, key);
  const keyed = new BlobServiceClient(URL_OF_ACCOUNT, shared);
  await judge.passes("listBlobsFlat by the account's key", () => all(keyed.getContainerClient("models").listBlobsFlat()), (r) => r.length > 0);
  await judge.answers("listContainers by a wrong key", "AuthenticationFailed", () => all(new BlobServiceClient(URL_OF_ACCOUNT, new StorageSharedKeyCredential(ACCOUNT, Buffer.alloc(64, 1).toString("base64"))).listContainers()));
  const signed = generateBlobSASQueryParameters({ containerName: "models", blobName: "a/model.onnx", permissions: BlobSASPermissions.parse("r"), expiresOn: new Date(Date.now() + 3.6e6) }, shared);
  const anonymous = new BlobServiceClient(`${URL_OF_ACCOUNT}?${signed}`).getContainerClient("models");
  await judge.passes("download by a SAS", async () => (await anonymous.getBlobClient("a/model.onnx").downloadToBuffer()).toString(), (r) => r === "hello");
  await judge.answers("upload by a SAS that reads", "Authoriz", () => anonymous.getBlockBlobClient("a/model.onnx").upload("x", 1));
}

async function secrets() {
  const judge = new Judge("npm @azure/keyvault-secrets");
  await judge.canFail();
  const client = new SecretClient(`https://${VAULT}.vault.azure.net`, credential);
  await judge.passes("getSecret", () => client.getSecret("arm"), (r) => r.value === "s" && r.properties.version.length === 32);
  await judge.passes("listPropertiesOfSecrets", () => all(client.listPropertiesOfSecrets()), (r) => r.some((one) => one.name === "arm"));
  await judge.answers("getSecret of none", "SecretNotFound", () => client.getSecret("none"));
  const made = await judge.passes("setSecret", () => client.setSecret("set", "v", { tags: { by: "judge" }, contentType: "text/plain" }), (r) => r.value === "v" && r.properties.tags.by === "judge");
  await judge.passes("setSecret a second version", () => client.setSecret("set", "w"), (r) => r.value === "w");
  await judge.passes("listPropertiesOfSecretVersions", () => all(client.listPropertiesOfSecretVersions("set")), (r) => r.length === 2);
  const first = made.properties;
  await judge.passes("getSecret of a version", () => client.getSecret("set", { version: first.version }), (r) => r.value === "v");
  await judge.passes("updateSecretProperties disables a version", () => client.updateSecretProperties("set", first.version, { enabled: false }), (r) => r.enabled === false);
  await judge.answers("getSecret of a disabled version", "403", () => client.getSecret("set", { version: first.version }));
  const backup = await judge.passes("backupSecret", () => client.backupSecret("arm"), (r) => r.length > 10);
  await judge.answers("restoreSecretBackup of what is none", "400", () => client.restoreSecretBackup(new Uint8Array([1])));
  await judge.answers("restoreSecretBackup over one that is there", "409", () => client.restoreSecretBackup(backup));
  await judge.passes("deleteSecret", async () => (await client.beginDeleteSecret("arm")).pollUntilDone(), (r) => r.name === "arm");
  await judge.answers("getSecret a deleted one", "SecretNotFound", () => client.getSecret("arm"));
  await judge.passes("getDeletedSecret", () => client.getDeletedSecret("arm"), (r) => r.name === "arm");
  await judge.passes("listDeletedSecrets", () => all(client.listDeletedSecrets()), (r) => r.length === 1);
  await judge.answers("setSecret under a deleted name", "409", () => client.setSecret("arm", "x"));
  await judge.passes("recoverDeletedSecret", async () => (await client.beginRecoverDeletedSecret("arm")).pollUntilDone(), (r) => r.name === "arm");
  await judge.passes("deleteSecret again", async () => (await client.beginDeleteSecret("arm")).pollUntilDone(), (r) => r.name === "arm");
  await judge.passes("purgeDeletedSecret", () => client.purgeDeletedSecret("arm"), () => true);
  await judge.passes("restoreSecretBackup of a purged one", () => client.restoreSecretBackup(backup), (r) => r.name === "arm");
  await judge.answers("getDeletedSecret a purged one", "SecretNotFound", () => client.getDeletedSecret("arm"));
}

async function keysOf() {
  const judge = new Judge("npm @azure/keyvault-keys");
  await judge.canFail();
  const client = new KeyClient(`https://${VAULT}.vault.azure.net`, credential);
  const key = await judge.passes("createKey", () => client.createKey("k", "RSA"), (r) => r.keyType === "RSA");
  await judge.passes("getKey", () => client.getKey("k"), (r) => r.id === key.id);
  const crypto = new CryptographyClient(key, credential);
  await judge.passes("encrypt and decrypt", async () => { const { result } = await crypto.encrypt({ algorithm: "RSA-OAEP-256", plaintext: Buffer.from("hi") }); return crypto.decrypt({ algorithm: "RSA-OAEP-256", ciphertext: result }); }, (r) => Buffer.from(r.result).toString() === "hi");
  await judge.passes("wrapKey and unwrapKey", async () => { const { result } = await crypto.wrapKey("RSA-OAEP-256", Buffer.alloc(32, 3)); return crypto.unwrapKey("RSA-OAEP-256", result); }, (r) => r.result.length === 32);
  await judge.answers("getKey of none", "KeyNotFound", () => client.getKey("none"));
  for (const [name, call] of Object.entries({
    "createKey EC": () => client.createKey("ec", "EC"),
    sign: () => crypto.signData("RS256", Buffer.from("x")),
    listPropertiesOfKeys: () => all(client.listPropertiesOfKeys()),
    deleteKey: async () => (await client.beginDeleteKey("k")).pollUntilDone(),
    rotateKey: () => client.rotateKey("k"),
    backupKey: () => client.backupKey("k"),
    getRandomBytes: () => client.getRandomBytes(8),
  })) await judge.refuses(name, "R-keys", call);
}
