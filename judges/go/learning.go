package main

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	ml "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/machinelearning/armmachinelearning/v4"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
)

const (
	lab      = "mlw-judged-go"
	cluster  = "cpu-go"
	endpoint = "ep-judged-go"
)

var (
	learningScope = "/subscriptions/" + subscription + "/resourceGroups/" + armGroup + "/providers"
	labScope      = learningScope + "/Microsoft.MachineLearningServices/workspaces/" + lab
)

// The workspace stands on the account and the vault of the judges before it.
func judgeLearning() {
	j := newJudge("go armmachinelearning")
	clients := must(ml.NewClientFactory(subscription, credential, nil))
	judgeLab(j, clients.NewWorkspacesClient())
	judgeClusters(j, clients.NewComputeClient())
	judgeAssets(j, clients)
	judgeJobs(j, clients.NewJobsClient())
	judgeEndpoints(j, clients.NewOnlineEndpointsClient(), clients.NewOnlineDeploymentsClient())
	passes(j, "Workspaces.BeginDelete for good", "done", done(func(ctx context.Context) (*runtime.Poller[ml.WorkspacesClientDeleteResponse], error) {
		return clients.NewWorkspacesClient().BeginDelete(ctx, armGroup, lab, &ml.WorkspacesClientBeginDeleteOptions{ForceToPurge: ptr(true)})
	}), nil)
}

func judgeLab(j judge, client *ml.WorkspacesClient) {
	insights := learningScope + "/Microsoft.Insights/components/appi-go"
	passes(j, "an Application Insights for it (armresources)", "a component", done(func(ctx context.Context) (*runtime.Poller[armresources.ClientCreateOrUpdateByIDResponse], error) {
		body := armresources.GenericResource{Location: ptr(region), Kind: ptr("web"), Properties: map[string]any{"Application_Type": "web"}}
		return must(armresources.NewClient(subscription, credential, nil)).BeginCreateOrUpdateByID(ctx, insights, "2020-02-02", body, nil)
	}), nil)
	passes(j, "Workspaces.BeginCreateOrUpdate", "a workspace", done(func(ctx context.Context) (*runtime.Poller[ml.WorkspacesClientCreateOrUpdateResponse], error) {
		return client.BeginCreateOrUpdate(ctx, armGroup, lab, ml.Workspace{
			Location: ptr(region),
			Identity: &ml.ManagedServiceIdentity{Type: ptr(ml.ManagedServiceIdentityTypeSystemAssigned)},
			Properties: &ml.WorkspaceProperties{
				ApplicationInsights: ptr(insights),
				KeyVault:            ptr(learningScope + "/Microsoft.KeyVault/vaults/" + vault),
				StorageAccount:      ptr(learningScope + "/Microsoft.Storage/storageAccounts/" + account),
			},
		}, nil)
	}), func(r ml.WorkspacesClientCreateOrUpdateResponse) bool {
		return *r.Properties.ProvisioningState == ml.ProvisioningStateSucceeded && *r.Properties.WorkspaceID != ""
	})
	passes(j, "Workspaces.Get", "the workspace", func(ctx context.Context) (ml.WorkspacesClientGetResponse, error) {
		return client.Get(ctx, armGroup, lab, nil)
	}, func(r ml.WorkspacesClientGetResponse) bool { return len(*r.Identity.PrincipalID) == 36 })
}

func judgeClusters(j judge, client *ml.ComputeClient) {
	create := func(name, size string) func(context.Context) (ml.ComputeClientCreateOrUpdateResponse, error) {
		return done(func(ctx context.Context) (*runtime.Poller[ml.ComputeClientCreateOrUpdateResponse], error) {
			scale := ml.ScaleSettings{MinNodeCount: ptr[int32](0), MaxNodeCount: ptr[int32](1), NodeIdleTimeBeforeScaleDown: ptr("PT2M")}
			body := ml.AmlCompute{ComputeType: ptr(ml.ComputeTypeAmlCompute), Properties: &ml.AmlComputeProperties{VMSize: ptr(size), ScaleSettings: &scale}}
			return client.BeginCreateOrUpdate(ctx, armGroup, lab, name, ml.ComputeResource{Location: ptr(region), Properties: &body}, nil)
		})
	}
	passes(j, "Compute.BeginCreateOrUpdate", "a cluster", create(cluster, "Standard_DS3_v2"), func(r ml.ComputeClientCreateOrUpdateResponse) bool {
		made, right := r.Properties.(*ml.AmlCompute)
		return right && *made.ProvisioningState == ml.ProvisioningStateSucceeded && *made.Properties.VMSize == "Standard_DS3_v2"
	})
	passes(j, "Compute.Get", "no machine", func(ctx context.Context) (ml.ComputeClientGetResponse, error) {
		return client.Get(ctx, armGroup, lab, cluster, nil)
	}, func(r ml.ComputeClientGetResponse) bool {
		return *r.Properties.(*ml.AmlCompute).Properties.CurrentNodeCount == 0
	})
	passes(j, "Compute.NewListPager", "one", all(client.NewListPager(armGroup, lab, nil), func(p ml.ComputeClientListResponse) []*ml.ComputeResource { return p.Value }), func(r []*ml.ComputeResource) bool { return len(r) == 1 })
	passes(j, "Compute.NewListNodesPager", "none", all(client.NewListNodesPager(armGroup, lab, cluster, nil), func(p ml.ComputeClientListNodesResponse) []*ml.AmlComputeNodeInformation { return p.Nodes }), func(r []*ml.AmlComputeNodeInformation) bool { return len(r) == 0 })
	passes(j, "Compute.BeginUpdate", "two machines at most", done(func(ctx context.Context) (*runtime.Poller[ml.ComputeClientUpdateResponse], error) {
		scale := ml.ScaleSettings{MinNodeCount: ptr[int32](0), MaxNodeCount: ptr[int32](2)}
		return client.BeginUpdate(ctx, armGroup, lab, cluster, ml.ClusterUpdateParameters{Properties: &ml.ClusterUpdateProperties{Properties: &ml.ScaleSettingsInformation{ScaleSettings: &scale}}}, nil)
	}), func(r ml.ComputeClientUpdateResponse) bool {
		return *r.Properties.(*ml.AmlCompute).Properties.ScaleSettings.MaxNodeCount == 2
	})
	answers(j, "Compute.BeginCreateOrUpdate with another size", "cannot be changed", create(cluster, "Standard_DS2_v2"))
	answers(j, "Compute.BeginCreateOrUpdate of a size that is none", "InvalidPropertyValue", create("other", "Standard_B2s"))
	refuses(j, "Compute.ListKeys", "R-type", func(ctx context.Context) (ml.ComputeClientListKeysResponse, error) {
		return client.ListKeys(ctx, armGroup, lab, cluster, nil)
	})
}

func judgeAssets(j judge, clients *ml.ClientFactory) {
	environments, data, codes, models := clients.NewEnvironmentVersionsClient(), clients.NewDataVersionsClient(), clients.NewCodeVersionsClient(), clients.NewModelVersionsClient()
	image := func(name string) func(context.Context) (ml.EnvironmentVersionsClientCreateOrUpdateResponse, error) {
		return func(ctx context.Context) (ml.EnvironmentVersionsClientCreateOrUpdateResponse, error) {
			return environments.CreateOrUpdate(ctx, armGroup, lab, "training", "1", ml.EnvironmentVersion{Properties: &ml.EnvironmentVersionProperties{Image: ptr(name)}}, nil)
		}
	}
	passes(j, "EnvironmentVersions.CreateOrUpdate", "an image", image("python:3.11-slim-bookworm"), func(r ml.EnvironmentVersionsClientCreateOrUpdateResponse) bool {
		return *r.Properties.EnvironmentType == ml.EnvironmentTypeUserCreated
	})
	answers(j, "EnvironmentVersions.CreateOrUpdate is immutable", "already registered", image("i:2"))
	passes(j, "DataVersions.CreateOrUpdate", "a whole path", func(ctx context.Context) (ml.DataVersionsClientCreateOrUpdateResponse, error) {
		folder := ml.URIFolderDataVersion{DataType: ptr(ml.DataTypeURIFolder), DataURI: ptr("azureml://datastores/workspaceblobstore/paths/d/")}
		return data.CreateOrUpdate(ctx, armGroup, lab, "d", "1", ml.DataVersionBase{Properties: &folder}, nil)
	}, func(r ml.DataVersionsClientCreateOrUpdateResponse) bool {
		return strings.HasPrefix(*r.Properties.GetDataVersionBaseProperties().DataURI, "azureml://subscriptions/")
	})
	passes(j, "CodeVersions.CreateOrUpdate", "a code", func(ctx context.Context) (ml.CodeVersionsClientCreateOrUpdateResponse, error) {
		uri := "https://" + account + ".blob.core.windows.net/c/src"
		return codes.CreateOrUpdate(ctx, armGroup, lab, "c", "1", ml.CodeVersion{Properties: &ml.CodeVersionProperties{CodeURI: ptr(uri)}}, nil)
	}, nil)
	passes(j, "CodeVersions.NewListPager", "one", all(codes.NewListPager(armGroup, lab, "c", nil), func(p ml.CodeVersionsClientListResponse) []*ml.CodeVersion { return p.Value }), func(r []*ml.CodeVersion) bool { return len(r) == 1 })
	passes(j, "ModelVersions.CreateOrUpdate", "its tags", func(ctx context.Context) (ml.ModelVersionsClientCreateOrUpdateResponse, error) {
		properties := ml.ModelVersionProperties{ModelType: ptr("custom_model"), ModelURI: ptr("azureml://datastores/workspaceblobstore/paths/m"), Tags: map[string]*string{"job": ptr("j")}}
		return models.CreateOrUpdate(ctx, armGroup, lab, "m", "1", ml.ModelVersion{Properties: &properties}, nil)
	}, func(r ml.ModelVersionsClientCreateOrUpdateResponse) bool { return *r.Properties.Tags["job"] == "j" })
}

func judgeJobs(j judge, client *ml.JobsClient) {
	send := func(name, command, compute string) func(context.Context) (ml.JobsClientCreateOrUpdateResponse, error) {
		return func(ctx context.Context) (ml.JobsClientCreateOrUpdateResponse, error) {
			body := ml.CommandJob{JobType: ptr(ml.JobTypeCommand), Command: ptr(command), ComputeID: ptr(labScope + "/computes/" + compute), EnvironmentID: ptr(labScope + "/environments/training/versions/1")}
			return client.CreateOrUpdate(ctx, armGroup, lab, name, ml.JobBase{Properties: &body}, nil)
		}
	}
	status := func(want ml.JobStatus) func(ml.JobsClientGetResponse) bool {
		return func(r ml.JobsClientGetResponse) bool { return *r.Properties.GetJobBaseProperties().Status == want }
	}
	get := func(name string) func(context.Context) (ml.JobsClientGetResponse, error) {
		return func(ctx context.Context) (ml.JobsClientGetResponse, error) {
			return client.Get(ctx, armGroup, lab, name, nil)
		}
	}
	cancel := done(func(ctx context.Context) (*runtime.Poller[ml.JobsClientCancelResponse], error) {
		return client.BeginCancel(ctx, armGroup, lab, "j", nil)
	})
	passes(j, "Jobs.CreateOrUpdate", "a job", send("j", "sleep 600", cluster), func(r ml.JobsClientCreateOrUpdateResponse) bool {
		return *r.Properties.GetJobBaseProperties().JobType == ml.JobTypeCommand
	})
	answers(j, "Jobs.CreateOrUpdate under a used name", "A job with this name already exists", send("j", "sleep 1", cluster))
	answers(j, "Jobs.CreateOrUpdate without its compute", "does not exist", send("k", "sleep 1", "none"))
	answers(j, "Jobs.Get of none", "404", get("none"))
	passes(j, "Jobs.NewListPager", "one", all(client.NewListPager(armGroup, lab, nil), func(p ml.JobsClientListResponse) []*ml.JobBase { return p.Value }), func(r []*ml.JobBase) bool { return len(r) == 1 })
	passes(j, "Jobs.BeginCancel", "done", cancel, nil)
	passes(j, "Jobs.Get of one that was canceled", "Canceled", get("j"), status(ml.JobStatusCanceled))
	answers(j, "Jobs.BeginCancel of one that is over", "cannot be canceled", cancel)
	refuses(j, "Jobs.BeginDelete", "R-job-delete", done(func(ctx context.Context) (*runtime.Poller[ml.JobsClientDeleteResponse], error) {
		return client.BeginDelete(ctx, armGroup, lab, "j", nil)
	}))
}

func judgeEndpoints(j judge, client *ml.OnlineEndpointsClient, deployments *ml.OnlineDeploymentsClient) {
	create := func(traffic map[string]*int32) func(context.Context) (ml.OnlineEndpointsClientCreateOrUpdateResponse, error) {
		return done(func(ctx context.Context) (*runtime.Poller[ml.OnlineEndpointsClientCreateOrUpdateResponse], error) {
			return client.BeginCreateOrUpdate(ctx, armGroup, lab, endpoint, ml.OnlineEndpoint{
				Location:   ptr(region),
				Identity:   &ml.ManagedServiceIdentity{Type: ptr(ml.ManagedServiceIdentityTypeSystemAssigned)},
				Properties: &ml.OnlineEndpointProperties{AuthMode: ptr(ml.EndpointAuthModeKey), Traffic: traffic},
			}, nil)
		})
	}
	keys := func(ctx context.Context) (ml.OnlineEndpointsClientListKeysResponse, error) {
		return client.ListKeys(ctx, armGroup, lab, endpoint, nil)
	}
	passes(j, "OnlineEndpoints.BeginCreateOrUpdate", "an endpoint", create(nil), func(r ml.OnlineEndpointsClientCreateOrUpdateResponse) bool {
		return *r.Properties.ScoringURI == "https://"+endpoint+"."+region+".inference.ml.azure.com/score"
	})
	answers(j, "OnlineEndpoints.BeginCreateOrUpdate with traffic of none", "The request is invalid", create(map[string]*int32{"blue": ptr[int32](100)}))
	passes(j, "OnlineEndpoints.NewListPager", "one", all(client.NewListPager(armGroup, lab, nil), func(p ml.OnlineEndpointsClientListResponse) []*ml.OnlineEndpoint { return p.Value }), func(r []*ml.OnlineEndpoint) bool { return len(r) == 1 })
	before := passes(j, "OnlineEndpoints.ListKeys", "two", keys, func(r ml.OnlineEndpointsClientListKeysResponse) bool { return *r.PrimaryKey != *r.SecondaryKey })
	passes(j, "OnlineEndpoints.BeginRegenerateKeys", "done", done(func(ctx context.Context) (*runtime.Poller[ml.OnlineEndpointsClientRegenerateKeysResponse], error) {
		return client.BeginRegenerateKeys(ctx, armGroup, lab, endpoint, ml.RegenerateEndpointKeysRequest{KeyType: ptr(ml.KeyTypePrimary)}, nil)
	}), nil)
	passes(j, "OnlineEndpoints.ListKeys afterwards", "another primary key", keys, func(r ml.OnlineEndpointsClientListKeysResponse) bool {
		return *r.PrimaryKey != *before.PrimaryKey && *r.SecondaryKey == *before.SecondaryKey
	})
	passes(j, "OnlineDeployments.NewListPager", "none", all(deployments.NewListPager(armGroup, lab, endpoint, nil), func(p ml.OnlineDeploymentsClientListResponse) []*ml.OnlineDeployment { return p.Value }), func(r []*ml.OnlineDeployment) bool { return len(r) == 0 })
	answers(j, "OnlineDeployments.BeginCreateOrUpdate in no environment", "The request is invalid", done(func(ctx context.Context) (*runtime.Poller[ml.OnlineDeploymentsClientCreateOrUpdateResponse], error) {
		properties := ml.ManagedOnlineDeployment{EndpointComputeType: ptr(ml.EndpointComputeTypeManaged), EnvironmentID: ptr("/none"), InstanceType: ptr("Standard_DS3_v2")}
		sku := ml.SKU{Name: ptr("Default"), Capacity: ptr[int32](1)}
		return deployments.BeginCreateOrUpdate(ctx, armGroup, lab, endpoint, "blue", ml.OnlineDeployment{Location: ptr(region), SKU: &sku, Properties: &properties}, nil)
	}))
	answers(j, "OnlineDeployments.Get of none", "404", func(ctx context.Context) (ml.OnlineDeploymentsClientGetResponse, error) {
		return deployments.Get(ctx, armGroup, lab, endpoint, "blue", nil)
	})
	passes(j, "OnlineEndpoints.BeginDelete", "done", done(func(ctx context.Context) (*runtime.Poller[ml.OnlineEndpointsClientDeleteResponse], error) {
		return client.BeginDelete(ctx, armGroup, lab, endpoint, nil)
	}), nil)
}
