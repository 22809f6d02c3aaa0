package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerregistry/armcontainerregistry"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/keyvault/armkeyvault"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/operationalinsights/armoperationalinsights/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/storage/armstorage"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

const (
	account  = "stjudgedgo"
	vault    = "kv-judged-go"
	registry = "acrjudgedgo"
)

func judgeServices() {
	judgeStorage()
	judgeBlobs()
	judgeVaults()
	judgeRegistries()
	judgeLogs()
}

func judgeStorage() {
	j := newJudge("go armstorage")
	client := must(armstorage.NewAccountsClient(subscription, credential, nil))
	create := func(name string) func(context.Context) (armstorage.AccountsClientCreateResponse, error) {
		return done(func(ctx context.Context) (*runtime.Poller[armstorage.AccountsClientCreateResponse], error) {
			body := armstorage.AccountCreateParameters{Kind: ptr(armstorage.KindStorageV2), Location: ptr(region), SKU: &armstorage.SKU{Name: ptr(armstorage.SKUNameStandardLRS)}}
			return client.BeginCreate(ctx, armGroup, name, body, nil)
		})
	}
	get := func(name string) func(context.Context) (armstorage.AccountsClientGetPropertiesResponse, error) {
		return func(ctx context.Context) (armstorage.AccountsClientGetPropertiesResponse, error) {
			return client.GetProperties(ctx, armGroup, name, nil)
		}
	}
	free := func(ctx context.Context) (armstorage.AccountsClientCheckNameAvailabilityResponse, error) {
		return client.CheckNameAvailability(ctx, armstorage.AccountCheckNameAvailabilityParameters{Name: ptr(account), Type: ptr("Microsoft.Storage/storageAccounts")}, nil)
	}
	passes(j, "CheckNameAvailability of a free name", "available", free, func(r armstorage.AccountsClientCheckNameAvailabilityResponse) bool { return *r.NameAvailable })
	passes(j, "BeginCreate", "an account", create(account), func(r armstorage.AccountsClientCreateResponse) bool {
		return strings.HasPrefix(*r.Properties.PrimaryEndpoints.Blob, "https://"+account+".blob.")
	})
	passes(j, "CheckNameAvailability of a taken name", "not available", free, func(r armstorage.AccountsClientCheckNameAvailabilityResponse) bool { return !*r.NameAvailable })
	passes(j, "GetProperties", "its tier", get(account), func(r armstorage.AccountsClientGetPropertiesResponse) bool {
		return *r.SKU.Name == armstorage.SKUNameStandardLRS
	})
	answers(j, "BeginCreate with a bad name", "AccountNameInvalid", create("No-Name"))
	answers(j, "GetProperties of none", "ResourceNotFound", get("stnobody"))
	passes(j, "ListKeys", "two", func(ctx context.Context) (armstorage.AccountsClientListKeysResponse, error) {
		return client.ListKeys(ctx, armGroup, account, nil)
	}, func(r armstorage.AccountsClientListKeysResponse) bool { return len(r.Keys) == 2 })
	passes(j, "Update", "the tag", func(ctx context.Context) (armstorage.AccountsClientUpdateResponse, error) {
		return client.Update(ctx, armGroup, account, armstorage.AccountUpdateParameters{Tags: map[string]*string{"ring": ptr("1")}}, nil)
	}, func(r armstorage.AccountsClientUpdateResponse) bool { return *r.Tags["ring"] == "1" })
	passes(j, "NewListByResourceGroupPager", "one", all(client.NewListByResourceGroupPager(armGroup, nil), func(p armstorage.AccountsClientListByResourceGroupResponse) []*armstorage.Account { return p.Value }), func(r []*armstorage.Account) bool { return len(r) == 1 })
	passes(j, "BeginCreate to delete", "an account", create("stjudgedgogone"), nil)
	passes(j, "Delete", "done", func(ctx context.Context) (armstorage.AccountsClientDeleteResponse, error) {
		return client.Delete(ctx, armGroup, "stjudgedgogone", nil)
	}, nil)
	answers(j, "GetProperties a deleted one", "ResourceNotFound", get("stjudgedgogone"))
	refuses(j, "RegenerateKey", "R-type", func(ctx context.Context) (armstorage.AccountsClientRegenerateKeyResponse, error) {
		return client.RegenerateKey(ctx, armGroup, account, armstorage.AccountRegenerateKeyParameters{KeyName: ptr("key1")}, nil)
	})
	containers := must(armstorage.NewBlobContainersClient(subscription, credential, nil))
	refuses(j, "BlobContainers.Create", "R-type", func(ctx context.Context) (armstorage.BlobContainersClientCreateResponse, error) {
		return containers.Create(ctx, armGroup, account, "c", armstorage.BlobContainer{}, nil)
	})
}

func judgeBlobs() {
	j := newJudge("go azblob")
	client := must(azblob.NewClient("https://"+account+".blob.core.windows.net", credential, nil))
	create := func(ctx context.Context) (azblob.CreateContainerResponse, error) {
		return client.CreateContainer(ctx, "models", nil)
	}
	answers(j, "CreateContainer without a data role", "AuthorizationPermissionMismatch", create)
	grant("/subscriptions/"+subscription+"/resourceGroups/"+armGroup, "Storage Blob Data Contributor", "33333333-3333-4333-8333-333333333333")
	passes(j, "CreateContainer", "a container", create, nil)
	answers(j, "CreateContainer what is there", "ContainerAlreadyExists", create)
	passes(j, "UploadBuffer", "a blob", func(ctx context.Context) (azblob.UploadBufferResponse, error) {
		return client.UploadBuffer(ctx, "models", "a/m.onnx", []byte("hello"), &azblob.UploadBufferOptions{Metadata: map[string]*string{"version": ptr("1")}})
	}, nil)
	read := func(name string) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			answer, err := client.DownloadStream(ctx, "models", name, nil)
			if err != nil {
				return "", err
			}
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			return string(text), err
		}
	}
	passes(j, "DownloadStream", "hello", read("a/m.onnx"), func(text string) bool { return text == "hello" })
	answers(j, "DownloadStream of none", "BlobNotFound", read("none"))
	passes(j, "UploadStream in blocks", "a blob", func(ctx context.Context) (azblob.UploadStreamResponse, error) {
		return client.UploadStream(ctx, "models", "big", bytes.NewReader(make([]byte, 3_000_000)), &azblob.UploadStreamOptions{BlockSize: 1 << 20})
	}, nil)
	passes(j, "NewListBlobsFlatPager", "two", all(client.NewListBlobsFlatPager("models", nil), func(p azblob.ListBlobsFlatResponse) []*container.BlobItem { return p.Segment.BlobItems }), func(r []*container.BlobItem) bool {
		return len(r) == 2 && *r[0].Name == "a/m.onnx"
	})
	passes(j, "NewListBlobsFlatPager one a page", "two", all(client.NewListBlobsFlatPager("models", &azblob.ListBlobsFlatOptions{MaxResults: ptr[int32](1)}), func(p azblob.ListBlobsFlatResponse) []*container.BlobItem { return p.Segment.BlobItems }), func(r []*container.BlobItem) bool { return len(r) == 2 })
	passes(j, "DeleteBlob", "done", func(ctx context.Context) (azblob.DeleteBlobResponse, error) {
		return client.DeleteBlob(ctx, "models", "big", nil)
	}, nil)
	answers(j, "DeleteBlob of none", "BlobNotFound", func(ctx context.Context) (azblob.DeleteBlobResponse, error) {
		return client.DeleteBlob(ctx, "models", "big", nil)
	})
	passes(j, "DeleteContainer", "done", func(ctx context.Context) (azblob.DeleteContainerResponse, error) {
		return client.DeleteContainer(ctx, "models", nil)
	}, nil)
}

func judgeVaults() {
	j := newJudge("go armkeyvault")
	client := must(armkeyvault.NewVaultsClient(subscription, credential, nil))
	create := func(name string) func(context.Context) (armkeyvault.VaultsClientCreateOrUpdateResponse, error) {
		return done(func(ctx context.Context) (*runtime.Poller[armkeyvault.VaultsClientCreateOrUpdateResponse], error) {
			properties := armkeyvault.VaultProperties{TenantID: ptr(os.Getenv("AZURE_TENANT_ID")), SKU: &armkeyvault.SKU{Family: ptr(armkeyvault.SKUFamilyA), Name: ptr(armkeyvault.SKUNameStandard)}, EnableRbacAuthorization: ptr(true), SoftDeleteRetentionInDays: ptr[int32](7)}
			return client.BeginCreateOrUpdate(ctx, armGroup, name, armkeyvault.VaultCreateOrUpdateParameters{Location: ptr(region), Properties: &properties}, nil)
		})
	}
	passes(j, "BeginCreateOrUpdate", "a vault", create(vault), func(r armkeyvault.VaultsClientCreateOrUpdateResponse) bool {
		return *r.Properties.VaultURI == "https://"+vault+".vault.azure.net/"
	})
	passes(j, "Get", "its retention", func(ctx context.Context) (armkeyvault.VaultsClientGetResponse, error) {
		return client.Get(ctx, armGroup, vault, nil)
	}, func(r armkeyvault.VaultsClientGetResponse) bool { return *r.Properties.SoftDeleteRetentionInDays == 7 })
	answers(j, "BeginCreateOrUpdate with a bad name", "VaultNameNotValid", create("1--x"))
	passes(j, "BeginCreateOrUpdate to delete", "a vault", create("kv-judged-go-gone"), nil)
	passes(j, "Delete", "done", func(ctx context.Context) (armkeyvault.VaultsClientDeleteResponse, error) {
		return client.Delete(ctx, armGroup, "kv-judged-go-gone", nil)
	}, nil)
	passes(j, "GetDeleted", "the vault", func(ctx context.Context) (armkeyvault.VaultsClientGetDeletedResponse, error) {
		return client.GetDeleted(ctx, "kv-judged-go-gone", region, nil)
	}, nil)
	answers(j, "BeginCreateOrUpdate under a deleted name", "ConflictError", create("kv-judged-go-gone"))
	passes(j, "BeginPurgeDeleted", "done", done(func(ctx context.Context) (*runtime.Poller[armkeyvault.VaultsClientPurgeDeletedResponse], error) {
		return client.BeginPurgeDeleted(ctx, "kv-judged-go-gone", region, nil)
	}), nil)
	secrets := must(armkeyvault.NewSecretsClient(subscription, credential, nil))
	passes(j, "Secrets.CreateOrUpdate", "a secret", func(ctx context.Context) (armkeyvault.SecretsClientCreateOrUpdateResponse, error) {
		return secrets.CreateOrUpdate(ctx, armGroup, vault, "arm", armkeyvault.SecretCreateOrUpdateParameters{Properties: &armkeyvault.SecretProperties{Value: ptr("s")}}, nil)
	}, func(r armkeyvault.SecretsClientCreateOrUpdateResponse) bool { return r.Properties.Value == nil })
	judgeSecrets()
}

func judgeSecrets() {
	j := newJudge("go azsecrets")
	client := must(azsecrets.NewClient("https://"+vault+".vault.azure.net", credential, nil))
	get := func(name string) func(context.Context) (azsecrets.GetSecretResponse, error) {
		return func(ctx context.Context) (azsecrets.GetSecretResponse, error) {
			return client.GetSecret(ctx, name, "", nil)
		}
	}
	answers(j, "GetSecret without a data role", "403", get("arm"))
	grant("/subscriptions/"+subscription+"/resourceGroups/"+armGroup, "Key Vault Secrets Officer", "44444444-4444-4444-8444-444444444444")
	passes(j, "GetSecret", "s", get("arm"), func(r azsecrets.GetSecretResponse) bool { return *r.Value == "s" })
	answers(j, "GetSecret of none", "SecretNotFound", get("none"))
	passes(j, "NewListSecretPropertiesPager", "one", all(client.NewListSecretPropertiesPager(nil), func(p azsecrets.ListSecretPropertiesResponse) []*azsecrets.SecretProperties { return p.Value }), func(r []*azsecrets.SecretProperties) bool { return len(r) == 1 })
	passes(j, "DeleteSecret", "the secret", func(ctx context.Context) (azsecrets.DeleteSecretResponse, error) {
		return client.DeleteSecret(ctx, "arm", nil)
	}, nil)
	answers(j, "GetSecret a deleted one", "SecretNotFound", get("arm"))
	passes(j, "PurgeDeletedSecret", "done", func(ctx context.Context) (azsecrets.PurgeDeletedSecretResponse, error) {
		return client.PurgeDeletedSecret(ctx, "arm", nil)
	}, nil)
}

func judgeRegistries() {
	j := newJudge("go armcontainerregistry")
	client := must(armcontainerregistry.NewRegistriesClient(subscription, credential, nil))
	create := func(name, tier string) func(context.Context) (armcontainerregistry.RegistriesClientCreateResponse, error) {
		return done(func(ctx context.Context) (*runtime.Poller[armcontainerregistry.RegistriesClientCreateResponse], error) {
			return client.BeginCreate(ctx, armGroup, name, armcontainerregistry.Registry{Location: ptr(region), SKU: &armcontainerregistry.SKU{Name: ptr(armcontainerregistry.SKUName(tier))}}, nil)
		})
	}
	passes(j, "BeginCreate", "a registry", create(registry, "Standard"), func(r armcontainerregistry.RegistriesClientCreateResponse) bool {
		return *r.Properties.LoginServer != ""
	})
	passes(j, "Get", "its tier", func(ctx context.Context) (armcontainerregistry.RegistriesClientGetResponse, error) {
		return client.Get(ctx, armGroup, registry, nil)
	}, func(r armcontainerregistry.RegistriesClientGetResponse) bool { return *r.SKU.Tier == "Standard" })
	answers(j, "BeginCreate with a bad name", "InvalidName", create("a-b", "Basic"))
	answers(j, "BeginCreate with no tier", "InvalidSku", create("acrjudgedgonone", "Gold"))
	passes(j, "NewListByResourceGroupPager", "one", all(client.NewListByResourceGroupPager(armGroup, nil), func(p armcontainerregistry.RegistriesClientListByResourceGroupResponse) []*armcontainerregistry.Registry {
		return p.Value
	}), func(r []*armcontainerregistry.Registry) bool { return len(r) == 1 })
	refuses(j, "ListUsages", "R-type", func(ctx context.Context) (armcontainerregistry.RegistriesClientListUsagesResponse, error) {
		return client.ListUsages(ctx, armGroup, registry, nil)
	})
	passes(j, "BeginDelete", "done", done(func(ctx context.Context) (*runtime.Poller[armcontainerregistry.RegistriesClientDeleteResponse], error) {
		return client.BeginDelete(ctx, armGroup, registry, nil)
	}), nil)
}

func judgeLogs() {
	j := newJudge("go armoperationalinsights")
	client := must(armoperationalinsights.NewWorkspacesClient(subscription, credential, nil))
	passes(j, "BeginCreateOrUpdate", "a workspace", done(func(ctx context.Context) (*runtime.Poller[armoperationalinsights.WorkspacesClientCreateOrUpdateResponse], error) {
		return client.BeginCreateOrUpdate(ctx, armGroup, "log-go", armoperationalinsights.Workspace{Location: ptr(region), Properties: &armoperationalinsights.WorkspaceProperties{SKU: &armoperationalinsights.WorkspaceSKU{Name: ptr(armoperationalinsights.WorkspaceSKUNameEnumPerGB2018)}}}, nil)
	}), func(r armoperationalinsights.WorkspacesClientCreateOrUpdateResponse) bool {
		return len(*r.Properties.CustomerID) == 36
	})
	passes(j, "Get", "the workspace", func(ctx context.Context) (armoperationalinsights.WorkspacesClientGetResponse, error) {
		return client.Get(ctx, armGroup, "log-go", nil)
	}, nil)
	passes(j, "BeginDelete for good", "done", done(func(ctx context.Context) (*runtime.Poller[armoperationalinsights.WorkspacesClientDeleteResponse], error) {
		return client.BeginDelete(ctx, armGroup, "log-go", &armoperationalinsights.WorkspacesClientBeginDeleteOptions{Force: ptr(true)})
	}), nil)
}
