package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/msi/armmsi"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armlocks"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armpolicy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
)

const armGroup = "rg-judges-go"

func judgeArm() {
	scope := "/subscriptions/" + subscription + "/resourceGroups/" + armGroup
	judgeResourceGroups()
	judgeIdentities()
	judgeGeneric(scope)
	judgeRoles(scope)
	judgeLocks(scope)
	j := newJudge("go armsubscriptions")
	subscriptions := must(armsubscriptions.NewClient(credential, nil))
	passes(j, "Get", "enabled", func(ctx context.Context) (armsubscriptions.ClientGetResponse, error) {
		return subscriptions.Get(ctx, subscription, nil)
	}, func(r armsubscriptions.ClientGetResponse) bool {
		return *r.State == armsubscriptions.SubscriptionStateEnabled
	})
	passes(j, "NewListPager", "one", all(subscriptions.NewListPager(nil), func(p armsubscriptions.ClientListResponse) []*armsubscriptions.Subscription { return p.Value }), func(r []*armsubscriptions.Subscription) bool { return len(r) == 1 })
	refuses(j, "NewListLocationsPager", "R-subscription", all(subscriptions.NewListLocationsPager(subscription, nil), func(p armsubscriptions.ClientListLocationsResponse) []*armsubscriptions.Location { return p.Value }))
	policies := newJudge("go armpolicy")
	assignments := must(armpolicy.NewAssignmentsClient(subscription, credential, nil))
	passes(policies, "NewListPager", "none", all(assignments.NewListPager(nil), func(p armpolicy.AssignmentsClientListResponse) []*armpolicy.Assignment { return p.Value }), func(r []*armpolicy.Assignment) bool { return len(r) == 0 })
	refuses(policies, "Create", "R-type", func(ctx context.Context) (armpolicy.AssignmentsClientCreateResponse, error) {
		return assignments.Create(ctx, scope, "p", armpolicy.Assignment{}, nil)
	})
}

func judgeResourceGroups() {
	j := newJudge("go armresources")
	client := must(armresources.NewResourceGroupsClient(subscription, credential, nil))
	create := func(name, where string) func(context.Context) (armresources.ResourceGroupsClientCreateOrUpdateResponse, error) {
		return func(ctx context.Context) (armresources.ResourceGroupsClientCreateOrUpdateResponse, error) {
			body := armresources.ResourceGroup{Location: ptr(where), Tags: map[string]*string{"lang": ptr("go")}}
			return client.CreateOrUpdate(ctx, name, body, nil)
		}
	}
	get := func(name string) func(context.Context) (armresources.ResourceGroupsClientGetResponse, error) {
		return func(ctx context.Context) (armresources.ResourceGroupsClientGetResponse, error) {
			return client.Get(ctx, name, nil)
		}
	}
	there := func(name string) func(context.Context) (armresources.ResourceGroupsClientCheckExistenceResponse, error) {
		return func(ctx context.Context) (armresources.ResourceGroupsClientCheckExistenceResponse, error) {
			return client.CheckExistence(ctx, name, nil)
		}
	}
	listed := func(filter string) func(context.Context) ([]*armresources.ResourceGroup, error) {
		var options armresources.ResourceGroupsClientListOptions
		if filter != "" {
			options.Filter = ptr(filter)
		}
		return all(client.NewListPager(&options), func(p armresources.ResourceGroupsClientListResponse) []*armresources.ResourceGroup { return p.Value })
	}
	passes(j, "ResourceGroups.CreateOrUpdate", "a group", create(armGroup, region), func(r armresources.ResourceGroupsClientCreateOrUpdateResponse) bool {
		return *r.Properties.ProvisioningState == "Succeeded"
	})
	passes(j, "ResourceGroups.Get", "its tag", get(armGroup), func(r armresources.ResourceGroupsClientGetResponse) bool { return *r.Tags["lang"] == "go" })
	answers(j, "ResourceGroups.Get what is not there", "404 and ResourceGroupNotFound", get("rg-none"))
	passes(j, "ResourceGroups.CheckExistence", "true", there(armGroup), func(r armresources.ResourceGroupsClientCheckExistenceResponse) bool { return r.Success })
	passes(j, "ResourceGroups.CheckExistence of none", "false", there("rg-none"), func(r armresources.ResourceGroupsClientCheckExistenceResponse) bool { return !r.Success })
	passes(j, "ResourceGroups.Update", "the tag", func(ctx context.Context) (armresources.ResourceGroupsClientUpdateResponse, error) {
		return client.Update(ctx, armGroup, armresources.ResourceGroupPatchable{Tags: map[string]*string{"lang": ptr("go"), "ring": ptr("1")}}, nil)
	}, func(r armresources.ResourceGroupsClientUpdateResponse) bool { return *r.Tags["ring"] == "1" })
	passes(j, "ResourceGroups.NewListPager", "groups", listed(""), func(r []*armresources.ResourceGroup) bool { return len(r) >= 1 })
	passes(j, "ResourceGroups.NewListPager by a tag", "one", listed("tagName eq 'lang' and tagValue eq 'go'"), func(r []*armresources.ResourceGroup) bool { return len(r) == 1 })
	passes(j, "ResourceGroups.CreateOrUpdate to delete", "a group", create("rg-judges-go-gone", region), nil)
	passes(j, "ResourceGroups.BeginDelete", "done", done(func(ctx context.Context) (*runtime.Poller[armresources.ResourceGroupsClientDeleteResponse], error) {
		return client.BeginDelete(ctx, "rg-judges-go-gone", nil)
	}), nil)
	answers(j, "ResourceGroups.Get a deleted one", "ResourceGroupNotFound", get("rg-judges-go-gone"))
	providers := must(armresources.NewProvidersClient(subscription, credential, nil))
	passes(j, "Providers.Get", "registered", func(ctx context.Context) (armresources.ProvidersClientGetResponse, error) {
		return providers.Get(ctx, "Microsoft.Devices", nil)
	}, func(r armresources.ProvidersClientGetResponse) bool { return *r.RegistrationState == "Registered" })
	passes(j, "Providers.Register", "registered", func(ctx context.Context) (armresources.ProvidersClientRegisterResponse, error) {
		return providers.Register(ctx, "Microsoft.KeyVault", nil)
	}, func(r armresources.ProvidersClientRegisterResponse) bool { return *r.Namespace == "Microsoft.KeyVault" })
	passes(j, "Providers.NewListPager", "some", all(providers.NewListPager(nil), func(p armresources.ProvidersClientListResponse) []*armresources.Provider { return p.Value }), func(r []*armresources.Provider) bool { return len(r) > 5 })
	deployments := must(armresources.NewDeploymentsClient(subscription, credential, nil))
	refuses(j, "Deployments.BeginCreateOrUpdate", "R-type", done(func(ctx context.Context) (*runtime.Poller[armresources.DeploymentsClientCreateOrUpdateResponse], error) {
		return deployments.BeginCreateOrUpdate(ctx, armGroup, "d", armresources.Deployment{Properties: &armresources.DeploymentProperties{Mode: ptr(armresources.DeploymentModeIncremental), Template: map[string]any{}}}, nil)
	}))
	refuses(j, "Deployments.Get", "R-type", func(ctx context.Context) (armresources.DeploymentsClientGetResponse, error) {
		return deployments.Get(ctx, armGroup, "d", nil)
	})
	refuses(j, "Deployments.NewListByResourceGroupPager", "R-type", all(deployments.NewListByResourceGroupPager(armGroup, nil), func(p armresources.DeploymentsClientListByResourceGroupResponse) []*armresources.DeploymentExtended {
		return p.Value
	}))
}

func judgeGeneric(scope string) {
	j := newJudge("go armresources, generic")
	client := must(armresources.NewClient(subscription, credential, nil))
	const version = "2023-01-31"
	id := scope + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-go"
	get := func(id, version string) func(context.Context) (armresources.ClientGetByIDResponse, error) {
		return func(ctx context.Context) (armresources.ClientGetByIDResponse, error) {
			return client.GetByID(ctx, id, version, nil)
		}
	}
	listed := func(filter string) func(context.Context) ([]*armresources.GenericResourceExpanded, error) {
		pager := client.NewListByResourceGroupPager(armGroup, &armresources.ClientListByResourceGroupOptions{Filter: ptr(filter)})
		return all(pager, func(p armresources.ClientListByResourceGroupResponse) []*armresources.GenericResourceExpanded {
			return p.Value
		})
	}
	passes(j, "GetByID", "the identity", get(id, version), func(r armresources.ClientGetByIDResponse) bool { return *r.Name == "id-go" })
	passes(j, "CheckExistenceByID", "true", func(ctx context.Context) (armresources.ClientCheckExistenceByIDResponse, error) {
		return client.CheckExistenceByID(ctx, id, version, nil)
	}, func(r armresources.ClientCheckExistenceByIDResponse) bool { return r.Success })
	passes(j, "BeginUpdateByID", "the tag", done(func(ctx context.Context) (*runtime.Poller[armresources.ClientUpdateByIDResponse], error) {
		return client.BeginUpdateByID(ctx, id, version, armresources.GenericResource{Tags: map[string]*string{"kind": ptr("go")}}, nil)
	}), func(r armresources.ClientUpdateByIDResponse) bool { return *r.Tags["kind"] == "go" })
	passes(j, "NewListByResourceGroupPager of a type", "one", listed("resourceType eq 'Microsoft.ManagedIdentity/userAssignedIdentities'"), func(r []*armresources.GenericResourceExpanded) bool { return len(r) == 1 })
	passes(j, "NewListByResourceGroupPager of another type", "none", listed("resourceType eq 'Microsoft.Storage/storageAccounts'"), func(r []*armresources.GenericResourceExpanded) bool { return len(r) == 0 })
	passes(j, "NewListByResourceGroupPager by a tag", "one", listed("tagName eq 'kind' and tagValue eq 'go'"), func(r []*armresources.GenericResourceExpanded) bool { return len(r) == 1 })
	answers(j, "GetByID of an unknown namespace", "InvalidResourceNamespace", get(scope+"/providers/Contoso.Things/boxes/a", version))
	refuses(j, "GetByID of a type that is not built", "R-type", get(scope+"/providers/Microsoft.Storage/nothings/a", "2023-01-01"))
	answers(j, "GetByID of a missing one", "ResourceNotFound", get(id+"-none", version))
	refuses(j, "BeginMoveResources", "R-subscription", done(func(ctx context.Context) (*runtime.Poller[armresources.ClientMoveResourcesResponse], error) {
		return client.BeginMoveResources(ctx, armGroup, armresources.MoveInfo{Resources: []*string{ptr(id)}, TargetResourceGroup: ptr(scope)}, nil)
	}))
	tags := must(armresources.NewTagsClient(subscription, credential, nil))
	refuses(j, "Tags.GetAtScope", "R-type", func(ctx context.Context) (armresources.TagsClientGetAtScopeResponse, error) {
		return tags.GetAtScope(ctx, id, nil)
	})
}

func judgeIdentities() {
	j := newJudge("go armmsi")
	client := must(armmsi.NewUserAssignedIdentitiesClient(subscription, credential, nil))
	create := func(name string) func(context.Context) (armmsi.UserAssignedIdentitiesClientCreateOrUpdateResponse, error) {
		return func(ctx context.Context) (armmsi.UserAssignedIdentitiesClientCreateOrUpdateResponse, error) {
			return client.CreateOrUpdate(ctx, armGroup, name, armmsi.Identity{Location: ptr(region)}, nil)
		}
	}
	get := func(ctx context.Context) (armmsi.UserAssignedIdentitiesClientGetResponse, error) {
		return client.Get(ctx, armGroup, "id-gone", nil)
	}
	passes(j, "CreateOrUpdate", "a principal", create("id-go"), func(r armmsi.UserAssignedIdentitiesClientCreateOrUpdateResponse) bool {
		return len(*r.Properties.PrincipalID) == 36
	})
	passes(j, "CreateOrUpdate to delete", "a principal", create("id-gone"), nil)
	passes(j, "Get", "its client", get, func(r armmsi.UserAssignedIdentitiesClientGetResponse) bool { return len(*r.Properties.ClientID) == 36 })
	passes(j, "NewListByResourceGroupPager", "two", all(client.NewListByResourceGroupPager(armGroup, nil), func(p armmsi.UserAssignedIdentitiesClientListByResourceGroupResponse) []*armmsi.Identity {
		return p.Value
	}), func(r []*armmsi.Identity) bool { return len(r) == 2 })
	passes(j, "Delete", "done", func(ctx context.Context) (armmsi.UserAssignedIdentitiesClientDeleteResponse, error) {
		return client.Delete(ctx, armGroup, "id-gone", nil)
	}, nil)
	answers(j, "Get a deleted one", "ResourceNotFound", get)
	federated := must(armmsi.NewFederatedIdentityCredentialsClient(subscription, credential, nil))
	refuses(j, "FederatedIdentityCredentials.NewListPager", "R-type", all(federated.NewListPager(armGroup, "id-go", nil), func(p armmsi.FederatedIdentityCredentialsClientListResponse) []*armmsi.FederatedIdentityCredential {
		return p.Value
	}))
}

func judgeRoles(scope string) {
	j := newJudge("go armauthorization")
	definitions := must(armauthorization.NewRoleDefinitionsClient(credential, nil))
	assignments := must(armauthorization.NewRoleAssignmentsClient(subscription, credential, nil))
	find := func(name string) func(context.Context) ([]*armauthorization.RoleDefinition, error) {
		pager := definitions.NewListPager(scope, &armauthorization.RoleDefinitionsClientListOptions{Filter: ptr("roleName eq '" + name + "'")})
		return all(pager, func(p armauthorization.RoleDefinitionsClientListResponse) []*armauthorization.RoleDefinition {
			return p.Value
		})
	}
	found := passes(j, "RoleDefinitions.NewListPager by name", "one", find("AcrPush"), func(r []*armauthorization.RoleDefinition) bool { return len(r) == 1 })
	passes(j, "RoleDefinitions.NewListPager of none", "none", find("None"), func(r []*armauthorization.RoleDefinition) bool { return len(r) == 0 })
	identity := must(must(armmsi.NewUserAssignedIdentitiesClient(subscription, credential, nil)).Get(context.Background(), armGroup, "id-go", nil))
	create := func(name string) func(context.Context) (armauthorization.RoleAssignmentsClientCreateResponse, error) {
		return func(ctx context.Context) (armauthorization.RoleAssignmentsClientCreateResponse, error) {
			properties := armauthorization.RoleAssignmentProperties{PrincipalID: identity.Properties.PrincipalID, PrincipalType: ptr(armauthorization.PrincipalTypeServicePrincipal), RoleDefinitionID: found[0].ID}
			return assignments.Create(ctx, scope, name, armauthorization.RoleAssignmentCreateParameters{Properties: &properties}, nil)
		}
	}
	const first, second = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	passes(j, "RoleAssignments.Create", "an assignment", create(first), nil)
	answers(j, "RoleAssignments.Create under another name", "RoleAssignmentExists", create(second))
	get := func(ctx context.Context) (armauthorization.RoleAssignmentsClientGetResponse, error) {
		return assignments.Get(ctx, scope, first, nil)
	}
	passes(j, "RoleAssignments.Get", "its role", get, func(r armauthorization.RoleAssignmentsClientGetResponse) bool {
		return *r.Properties.RoleDefinitionID == *found[0].ID
	})
	// this client leaves the encoding of the filter to its caller
	listed := all(assignments.NewListForScopePager(scope, &armauthorization.RoleAssignmentsClientListForScopeOptions{Filter: ptr(url.PathEscape("principalId eq '" + *identity.Properties.PrincipalID + "'"))}), func(p armauthorization.RoleAssignmentsClientListForScopeResponse) []*armauthorization.RoleAssignment {
		return p.Value
	})
	passes(j, "RoleAssignments.NewListForScopePager of a principal", "one", listed, func(r []*armauthorization.RoleAssignment) bool { return len(r) == 1 })
	passes(j, "RoleAssignments.Delete", "what was there", func(ctx context.Context) (armauthorization.RoleAssignmentsClientDeleteResponse, error) {
		return assignments.Delete(ctx, scope, first, nil)
	}, func(r armauthorization.RoleAssignmentsClientDeleteResponse) bool { return *r.Name == first })
	answers(j, "RoleAssignments.Get a deleted one", "RoleAssignmentNotFound", get)
}

func judgeLocks(scope string) {
	j := newJudge("go armlocks")
	client := must(armlocks.NewManagementLocksClient(subscription, credential, nil))
	refuses(j, "CreateOrUpdateAtResourceGroupLevel", "R-type", func(ctx context.Context) (armlocks.ManagementLocksClientCreateOrUpdateAtResourceGroupLevelResponse, error) {
		return client.CreateOrUpdateAtResourceGroupLevel(ctx, armGroup, "keep", armlocks.ManagementLockObject{Properties: &armlocks.ManagementLockProperties{Level: ptr(armlocks.LockLevelCanNotDelete)}}, nil)
	})
	refuses(j, "NewListByScopePager", "R-type", all(client.NewListByScopePager(scope, nil), func(p armlocks.ManagementLocksClientListByScopeResponse) []*armlocks.ManagementLockObject {
		return p.Value
	}))
}

// grant gives the judge's own principal a role for data, which takes effect at once.
func grant(scope, role, name string) {
	ctx := context.Background()
	token := must(credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{"https://management.azure.com/.default"}}))
	var claims struct {
		OID string `json:"oid"`
	}
	payload := must(base64.RawURLEncoding.DecodeString(strings.Split(token.Token, ".")[1]))
	must(0, json.Unmarshal(payload, &claims))
	definitions := must(armauthorization.NewRoleDefinitionsClient(credential, nil))
	pager := definitions.NewListPager(scope, &armauthorization.RoleDefinitionsClientListOptions{Filter: ptr("roleName eq '" + role + "'")})
	page := must(pager.NextPage(ctx))
	properties := armauthorization.RoleAssignmentProperties{PrincipalID: ptr(claims.OID), PrincipalType: ptr(armauthorization.PrincipalTypeServicePrincipal), RoleDefinitionID: page.Value[0].ID}
	must(must(armauthorization.NewRoleAssignmentsClient(subscription, credential, nil)).Create(ctx, scope, name, armauthorization.RoleAssignmentCreateParameters{Properties: &properties}, nil))
	time.Sleep(10 * time.Millisecond)
}
