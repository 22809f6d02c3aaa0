package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/iothub/armiothub"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
)

const (
	hubGroup = "rg-judges-go-hub"
	hubName  = "judgedgo"
)

// hub is what a back end knows of one.
type hub struct{ host, key, events, path string }

func judgeHub() hub {
	j := newJudge("go armiothub")
	groups := must(armresources.NewResourceGroupsClient(subscription, credential, nil))
	must(groups.CreateOrUpdate(context.Background(), hubGroup, armresources.ResourceGroup{Location: ptr(region)}, nil))
	client := must(armiothub.NewResourceClient(subscription, credential, nil))
	wanted := armiothub.Description{
		Location: ptr(region),
		SKU:      &armiothub.SKUInfo{Name: ptr(armiothub.IotHubSKUS1), Capacity: ptr[int64](1)},
		Tags:     map[string]*string{"by": ptr("judge")},
	}
	create := func(name string, wanted armiothub.Description, etag *string) func(context.Context) (armiothub.ResourceClientCreateOrUpdateResponse, error) {
		return done(func(ctx context.Context) (*runtime.Poller[armiothub.ResourceClientCreateOrUpdateResponse], error) {
			return client.BeginCreateOrUpdate(ctx, hubGroup, name, wanted, &armiothub.ResourceClientBeginCreateOrUpdateOptions{IfMatch: etag})
		})
	}
	free := func(name string) func(context.Context) (armiothub.ResourceClientCheckNameAvailabilityResponse, error) {
		return func(ctx context.Context) (armiothub.ResourceClientCheckNameAvailabilityResponse, error) {
			return client.CheckNameAvailability(ctx, armiothub.OperationInputs{Name: ptr(name)}, nil)
		}
	}
	get := func(name string) func(context.Context) (armiothub.ResourceClientGetResponse, error) {
		return func(ctx context.Context) (armiothub.ResourceClientGetResponse, error) {
			return client.Get(ctx, hubGroup, name, nil)
		}
	}
	passes(j, "CheckNameAvailability of a free name", "available", free(hubName), func(r armiothub.ResourceClientCheckNameAvailabilityResponse) bool { return *r.NameAvailable })
	passes(j, "BeginCreateOrUpdate", "an active hub", create(hubName, wanted, nil), func(r armiothub.ResourceClientCreateOrUpdateResponse) bool { return *r.Properties.State == "Active" })
	passes(j, "CheckNameAvailability of a taken name", "not available", free(hubName), func(r armiothub.ResourceClientCheckNameAvailabilityResponse) bool { return !*r.NameAvailable })
	got := passes(j, "Get", "its host name", get(hubName), func(r armiothub.ResourceClientGetResponse) bool {
		return strings.HasPrefix(*r.Properties.HostName, hubName) && *r.Tags["by"] == "judge"
	})
	answers(j, "Get what is not there", "404", get("nobody"))
	passes(j, "BeginCreateOrUpdate of what was read", "a hub", create(hubName, got.Description, got.Etag), nil)
	answers(j, "BeginCreateOrUpdate with an old etag", "412", create(hubName, got.Description, ptr("AAAAAAAAAAA=")))
	refuses(j, "BeginCreateOrUpdate with a Basic tier", "R-hub-arm", create("judgedgobasic", armiothub.Description{Location: ptr(region), SKU: &armiothub.SKUInfo{Name: ptr(armiothub.IotHubSKUB1), Capacity: ptr[int64](1)}}, nil))
	passes(j, "BeginUpdate of tags", "the tag", done(func(ctx context.Context) (*runtime.Poller[armiothub.ResourceClientUpdateResponse], error) {
		return client.BeginUpdate(ctx, hubGroup, hubName, armiothub.TagsResource{Tags: map[string]*string{"ring": ptr("1")}}, nil)
	}), func(r armiothub.ResourceClientUpdateResponse) bool { return *r.Tags["ring"] == "1" })
	passes(j, "NewListByResourceGroupPager", "one hub", all(client.NewListByResourceGroupPager(hubGroup, nil), func(p armiothub.ResourceClientListByResourceGroupResponse) []*armiothub.Description { return p.Value }), func(r []*armiothub.Description) bool { return len(r) == 1 })
	passes(j, "NewListBySubscriptionPager", "hubs", all(client.NewListBySubscriptionPager(nil), func(p armiothub.ResourceClientListBySubscriptionResponse) []*armiothub.Description { return p.Value }), func(r []*armiothub.Description) bool { return len(r) >= 1 })
	passes(j, "NewListKeysPager", "five policies", all(client.NewListKeysPager(hubGroup, hubName, nil), func(p armiothub.ResourceClientListKeysResponse) []*armiothub.SharedAccessSignatureAuthorizationRule {
		return p.Value
	}), func(r []*armiothub.SharedAccessSignatureAuthorizationRule) bool { return len(r) == 5 })
	keys := passes(j, "GetKeysForKeyName", "a key", func(ctx context.Context) (armiothub.ResourceClientGetKeysForKeyNameResponse, error) {
		return client.GetKeysForKeyName(ctx, hubGroup, hubName, "iothubowner", nil)
	}, func(r armiothub.ResourceClientGetKeysForKeyNameResponse) bool { return len(*r.PrimaryKey) > 40 })
	judgeGroups(j, client)
	refuses(j, "GetStats", "R-type", func(ctx context.Context) (armiothub.ResourceClientGetStatsResponse, error) {
		return client.GetStats(ctx, hubGroup, hubName, nil)
	})
	refuses(j, "NewListJobsPager", "R-type", all(client.NewListJobsPager(hubGroup, hubName, nil), func(p armiothub.ResourceClientListJobsResponse) []*armiothub.JobResponse { return p.Value }))
	refuses(j, "NewGetQuotaMetricsPager", "R-type", all(client.NewGetQuotaMetricsPager(hubGroup, hubName, nil), func(p armiothub.ResourceClientGetQuotaMetricsResponse) []*armiothub.QuotaMetricInfo { return p.Value }))
	refuses(j, "NewGetValidSKUsPager", "R-type", all(client.NewGetValidSKUsPager(hubGroup, hubName, nil), func(p armiothub.ResourceClientGetValidSKUsResponse) []*armiothub.SKUDescription { return p.Value }))
	refuses(j, "NewGetEndpointHealthPager", "R-type", all(client.NewGetEndpointHealthPager(hubGroup, hubName, nil), func(p armiothub.ResourceClientGetEndpointHealthResponse) []*armiothub.EndpointHealthData {
		return p.Value
	}))
	refuses(j, "TestAllRoutes", "R-type", func(ctx context.Context) (armiothub.ResourceClientTestAllRoutesResponse, error) {
		return client.TestAllRoutes(ctx, hubName, hubGroup, armiothub.TestAllRoutesInput{}, nil)
	})
	events := got.Properties.EventHubEndpoints["events"]
	return hub{*got.Properties.HostName, *keys.PrimaryKey, strings.TrimSuffix(*events.Endpoint, "/"), *events.Path}
}

func judgeGroups(j judge, client *armiothub.ResourceClient) {
	create := func(name string) func(context.Context) (armiothub.ResourceClientCreateEventHubConsumerGroupResponse, error) {
		return func(ctx context.Context) (armiothub.ResourceClientCreateEventHubConsumerGroupResponse, error) {
			body := armiothub.EventHubConsumerGroupBodyDescription{Properties: &armiothub.EventHubConsumerGroupName{Name: ptr(name)}}
			return client.CreateEventHubConsumerGroup(ctx, hubGroup, hubName, "events", name, body, nil)
		}
	}
	get := func(ctx context.Context) (armiothub.ResourceClientGetEventHubConsumerGroupResponse, error) {
		return client.GetEventHubConsumerGroup(ctx, hubGroup, hubName, "events", "short", nil)
	}
	passes(j, "CreateEventHubConsumerGroup", "a group", create("monitor"), nil)
	passes(j, "CreateEventHubConsumerGroup to delete", "a group", create("short"), nil)
	passes(j, "GetEventHubConsumerGroup", "its name", get, func(r armiothub.ResourceClientGetEventHubConsumerGroupResponse) bool { return *r.Name == "short" })
	passes(j, "NewListEventHubConsumerGroupsPager", "three groups", all(client.NewListEventHubConsumerGroupsPager(hubGroup, hubName, "events", nil), func(p armiothub.ResourceClientListEventHubConsumerGroupsResponse) []*armiothub.EventHubConsumerGroupInfo {
		return p.Value
	}), func(r []*armiothub.EventHubConsumerGroupInfo) bool { return len(r) == 3 })
	passes(j, "DeleteEventHubConsumerGroup", "done", func(ctx context.Context) (armiothub.ResourceClientDeleteEventHubConsumerGroupResponse, error) {
		return client.DeleteEventHubConsumerGroup(ctx, hubGroup, hubName, "events", "short", nil)
	}, nil)
	answers(j, "GetEventHubConsumerGroup a deleted one", "404", get)
}

// send is one message of a device, over HTTPS with its own key; the first call registers the device.
func (h hub) send(body string) error {
	if err := h.call("PUT", "/devices/go", `{"deviceId": "go", "authentication": {"type": "sas", "symmetricKey": {"primaryKey": "`+deviceKey+`", "secondaryKey": "`+deviceKey+`"}}}`, h.token(h.host, h.key, "iothubowner"), true); err != nil {
		return err
	}
	return h.call("POST", "/devices/go/messages/events", body, h.token(h.host+"/devices/go", deviceKey, ""), false)
}

var deviceKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

func (h hub) token(resource, key, policy string) string {
	secret, _ := base64.StdEncoding.DecodeString(key)
	expiry := time.Now().Add(time.Hour).Unix()
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s\n%d", url.QueryEscape(resource), expiry)
	signed := url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	text := fmt.Sprintf("SharedAccessSignature sr=%s&sig=%s&se=%d", url.QueryEscape(resource), signed, expiry)
	if policy != "" {
		text += "&skn=" + policy
	}
	return text
}

// A new hub is not found at first (P-hub-flicker), and a device may be there already.
func (h hub) call(method, path, body, token string, orThere bool) error {
	var told string
	for range 4 {
		request, err := http.NewRequest(method, "https://"+h.host+path+"?api-version=2021-04-12", strings.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", token)
		if method == "PUT" {
			request.Header.Set("Content-Type", "application/json")
		} else {
			request.Header.Set("iothub-messageid", "m-"+body)
			request.Header.Set("iothub-app-kind", "judge")
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode < 300 || orThere && response.StatusCode == 409 {
			return nil
		}
		told = fmt.Sprintf("%s %s: %d %s", method, path, response.StatusCode, text)
	}
	return fmt.Errorf("%s", told)
}
