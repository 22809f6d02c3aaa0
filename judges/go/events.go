package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azeventhubs"
	"github.com/coder/websocket"
)

// As azeventhubs shows its users: subprotocol "amqp", through the environment's proxy.
func socket(ctx context.Context, args azeventhubs.WebSocketConnParams) (net.Conn, error) {
	connection, _, err := websocket.Dial(ctx, args.Host, &websocket.DialOptions{Subprotocols: []string{"amqp"}})
	if err != nil {
		return nil, err
	}
	connection.SetReadLimit(-1)
	return websocket.NetConn(context.Background(), connection, websocket.MessageBinary), nil
}

var once = azeventhubs.RetryOptions{MaxRetries: -1}

type reading struct {
	hub    hub
	policy string
	key    string
	path   string
	group  string
}

func (r reading) client() (*azeventhubs.ConsumerClient, error) {
	text := fmt.Sprintf("Endpoint=%s/;SharedAccessKeyName=%s;SharedAccessKey=%s", r.hub.events, r.policy, r.key)
	options := azeventhubs.ConsumerClientOptions{NewWebSocketConn: socket, RetryOptions: once}
	return azeventhubs.NewConsumerClientFromConnectionString(text, r.path, r.group, &options)
}

// read receives until `enough`, of one partition.
func (r reading) read(partition string, options azeventhubs.PartitionClientOptions, enough int) func(context.Context) ([]*azeventhubs.ReceivedEventData, error) {
	return func(ctx context.Context) ([]*azeventhubs.ReceivedEventData, error) {
		client, err := r.client()
		if err != nil {
			return nil, err
		}
		defer client.Close(context.Background())
		of, err := client.NewPartitionClient(partition, &options)
		if err != nil {
			return nil, err
		}
		defer of.Close(context.Background())
		ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		found, err := of.ReceiveEvents(ctx, enough, nil)
		if err != nil && len(found) == 0 {
			return nil, err
		}
		return found, nil
	}
}

func bodies(events []*azeventhubs.ReceivedEventData) []string {
	found := []string{}
	for _, event := range events {
		found = append(found, string(event.Body))
	}
	return found
}

func begins(want ...string) func([]*azeventhubs.ReceivedEventData) bool {
	return func(events []*azeventhubs.ReceivedEventData) bool {
		got := bodies(events)
		return len(got) >= len(want) && slices.Equal(got[:len(want)], want)
	}
}

func judgeEvents(h hub) {
	j := newJudge("go azeventhubs")
	reader := reading{h, "iothubowner", h.key, h.path, azeventhubs.DefaultConsumerGroup}
	properties := func(r reading) func(context.Context) (azeventhubs.EventHubProperties, error) {
		return func(ctx context.Context) (azeventhubs.EventHubProperties, error) {
			client, err := r.client()
			if err != nil {
				return azeventhubs.EventHubProperties{}, err
			}
			defer client.Close(context.Background())
			return client.GetEventHubProperties(ctx, nil)
		}
	}
	passes(j, "GetEventHubProperties", "four partitions", properties(reader), func(r azeventhubs.EventHubProperties) bool {
		return r.Name == h.path && slices.Equal(r.PartitionIDs, []string{"0", "1", "2", "3"}) && !r.CreatedOn.IsZero()
	})
	partition := must(reader.partition(h))
	of := func(id string) func(context.Context) (azeventhubs.PartitionProperties, error) {
		return func(ctx context.Context) (azeventhubs.PartitionProperties, error) {
			client, err := reader.client()
			if err != nil {
				return azeventhubs.PartitionProperties{}, err
			}
			defer client.Close(context.Background())
			return client.GetPartitionProperties(ctx, id, nil)
		}
	}
	before := passes(j, "GetPartitionProperties", "its last message", of(partition), func(r azeventhubs.PartitionProperties) bool {
		return !r.IsEmpty && r.LastEnqueuedSequenceNumber >= 0 && !r.LastEnqueuedOn.IsZero()
	})
	answers(j, "GetPartitionProperties of no partition", "partition", of("9"))
	judgePositions(j, reader, partition, before)
	judgeOwners(j, reader, partition)
	passes(j, "Processor with a checkpoint store", "goes on after the checkpoint", func(ctx context.Context) (string, error) {
		return processed(ctx, reader, h)
	}, func(body string) bool { return body == "after" })
	answers(j, "a wrong key", "401", properties(reading{h, "iothubowner", deviceKey, h.path, reader.group}))
	answers(j, "an unknown policy", "401", properties(reading{h, "nobody", h.key, h.path, reader.group}))
	answers(j, "an unknown event hub", "404", properties(reading{h, "iothubowner", h.key, "nobody", reader.group}))
	answers(j, "an unknown consumer group", "not-found", reading{h, "iothubowner", h.key, h.path, "nobody"}.read(partition, azeventhubs.PartitionClientOptions{}, 1))
	judgeRefused(j, h, partition)
}

func judgePositions(j judge, reader reading, partition string, before azeventhubs.PartitionProperties) {
	began := time.Now()
	time.Sleep(20 * time.Millisecond)
	for _, body := range []string{"one", "two", "three"} {
		must(0, reader.hub.send(body))
	}
	last := before.LastEnqueuedSequenceNumber
	from := func(position azeventhubs.StartPosition) azeventhubs.PartitionClientOptions {
		return azeventhubs.PartitionClientOptions{StartPosition: position}
	}
	expected := "one, two, three"
	check := func(operation string, position azeventhubs.StartPosition) []*azeventhubs.ReceivedEventData {
		return passes(j, operation, expected, reader.read(partition, from(position), 3), begins("one", "two", "three"))
	}
	events := check("from after a sequence number", azeventhubs.StartPosition{SequenceNumber: ptr(last)})
	check("from a sequence number", azeventhubs.StartPosition{SequenceNumber: ptr(last + 1), Inclusive: true})
	check("from an enqueued time", azeventhubs.StartPosition{EnqueuedTime: ptr(began)})
	passes(j, "from the earliest", "number 0", reader.read(partition, from(azeventhubs.StartPosition{Earliest: ptr(true)}), 4), func(r []*azeventhubs.ReceivedEventData) bool {
		return r[0].SequenceNumber == 0 && len(r) == 4
	})
	passes(j, "from the latest", "later", func(ctx context.Context) ([]*azeventhubs.ReceivedEventData, error) {
		stop := make(chan struct{})
		var sending sync.WaitGroup
		sending.Add(1)
		go func() {
			defer sending.Done()
			for {
				select {
				case <-stop:
					return
				case <-time.After(300 * time.Millisecond):
					_ = reader.hub.send("later")
				}
			}
		}()
		defer sending.Wait()
		defer close(stop)
		return reader.read(partition, from(azeventhubs.StartPosition{Latest: ptr(true)}), 1)(ctx)
	}, begins("later"))
	passes(j, "with a prefetch of one", expected, reader.read(partition, azeventhubs.PartitionClientOptions{Prefetch: 1, StartPosition: azeventhubs.StartPosition{SequenceNumber: ptr(last)}}, 3), begins("one", "two", "three"))
	passes(j, "without prefetch", expected, reader.read(partition, azeventhubs.PartitionClientOptions{Prefetch: -1, StartPosition: azeventhubs.StartPosition{SequenceNumber: ptr(last)}}, 3), begins("one", "two", "three"))
	monitor := reader
	monitor.group = "monitor"
	passes(j, "of another consumer group", expected, monitor.read(partition, from(azeventhubs.StartPosition{SequenceNumber: ptr(last)}), 3), begins("one", "two", "three"))
	passes(j, "what the hub says of the sender", "device go", func(context.Context) (*azeventhubs.ReceivedEventData, error) {
		if len(events) == 0 {
			return nil, errors.New("no event")
		}
		return events[0], nil
	}, func(r *azeventhubs.ReceivedEventData) bool {
		return r.SystemProperties["iothub-connection-device-id"] == "go" && r.Properties["kind"] == "judge" &&
			*r.MessageID == "m-one" && r.EnqueuedTime != nil && *r.PartitionKey == "go"
	})
}

func judgeOwners(j judge, reader reading, partition string) {
	reader.group = "monitor"
	level := func(of int64) azeventhubs.PartitionClientOptions {
		return azeventhubs.PartitionClientOptions{OwnerLevel: ptr(of), StartPosition: azeventhubs.StartPosition{Latest: ptr(true)}}
	}
	passes(j, "a higher owner level takes a partition", "the lower one is told", func(ctx context.Context) (string, error) {
		lost := make(chan error, 1)
		go func() {
			_, err := reader.read(partition, level(1), 50)(ctx)
			lost <- err
		}()
		time.Sleep(1500 * time.Millisecond)
		taken := make(chan error, 1)
		go func() {
			_, err := reader.read(partition, level(5), 1)(ctx)
			taken <- err
		}()
		err := <-lost
		time.Sleep(500 * time.Millisecond)
		if sent := reader.hub.send("owned"); sent != nil {
			return "", sent
		}
		return said(err), <-taken
	}, func(told string) bool { return strings.Contains(told, "ownership") })
}

func (r reading) partition(h hub) (string, error) {
	ctx := context.Background()
	client, err := r.client()
	if err != nil {
		return "", err
	}
	defer client.Close(ctx)
	ends := func() []int64 {
		found := []int64{}
		for _, id := range []string{"0", "1", "2", "3"} {
			properties := must(client.GetPartitionProperties(ctx, id, nil))
			found = append(found, properties.LastEnqueuedSequenceNumber)
		}
		return found
	}
	before := ends()
	if err := h.send("probe"); err != nil {
		return "", err
	}
	for id, end := range ends() {
		if end != before[id] {
			return fmt.Sprint(id), nil
		}
	}
	return "", errors.New("no partition got the message")
}

func judgeRefused(j judge, h hub, partition string) {
	namespace := strings.TrimPrefix(h.events, "sb://")
	refuses(j, "a token of Entra", "R-events-entra", func(ctx context.Context) (azeventhubs.EventHubProperties, error) {
		options := azeventhubs.ConsumerClientOptions{NewWebSocketConn: socket, RetryOptions: once}
		client, err := azeventhubs.NewConsumerClient(namespace, h.path, azeventhubs.DefaultConsumerGroup, credential, &options)
		if err != nil {
			return azeventhubs.EventHubProperties{}, err
		}
		defer client.Close(context.Background())
		return client.GetEventHubProperties(ctx, nil)
	})
	text := fmt.Sprintf("Endpoint=%s/;SharedAccessKeyName=iothubowner;SharedAccessKey=%s", h.events, h.key)
	producer := must(azeventhubs.NewProducerClientFromConnectionString(text, h.path, &azeventhubs.ProducerClientOptions{NewWebSocketConn: socket, RetryOptions: once}))
	defer producer.Close(context.Background())
	passes(j, "a producer reads the partitions", "four", func(ctx context.Context) (azeventhubs.EventHubProperties, error) {
		return producer.GetEventHubProperties(ctx, nil)
	}, func(r azeventhubs.EventHubProperties) bool { return len(r.PartitionIDs) == 4 })
	for operation, options := range map[string]*azeventhubs.EventDataBatchOptions{"SendEventDataBatch": nil, "SendEventDataBatch to a partition": {PartitionID: ptr(partition)}} {
		refuses(j, operation, "R-events-send", func(ctx context.Context) (int, error) {
			batch, err := producer.NewEventDataBatch(ctx, options)
			if err != nil {
				return 0, err
			}
			if err := batch.AddEventData(&azeventhubs.EventData{Body: []byte("x")}, nil); err != nil {
				return 0, err
			}
			return 0, producer.SendEventDataBatch(ctx, batch, nil)
		})
	}
}

// processed: a Processor stores a checkpoint at "before"; another one goes on with "after".
func processed(ctx context.Context, reader reading, h hub) (string, error) {
	store := &memory{checkpoints: map[string]azeventhubs.Checkpoint{}}
	if err := h.send("before"); err != nil {
		return "", err
	}
	until := func(last string, first func(string) bool) (string, error) {
		client, err := reader.client()
		if err != nil {
			return "", err
		}
		defer client.Close(context.Background())
		start := azeventhubs.StartPositions{Default: azeventhubs.StartPosition{Earliest: ptr(true)}}
		processor, err := azeventhubs.NewProcessor(client, store, &azeventhubs.ProcessorOptions{StartPositions: start, LoadBalancingStrategy: azeventhubs.ProcessorStrategyGreedy, UpdateInterval: time.Second})
		if err != nil {
			return "", err
		}
		running, stop := context.WithCancel(ctx)
		defer stop()
		go func() { _ = processor.Run(running) }()
		found := make(chan string, 10)
		go func() {
			for of := processor.NextPartitionClient(running); of != nil; of = processor.NextPartitionClient(running) {
				go follow(running, of, last, first, found)
			}
		}()
		select {
		case body := <-found:
			return body, nil
		case <-time.After(20 * time.Second):
			return "", errors.New("nothing in time")
		}
	}
	if _, err := until("before", func(body string) bool { return body == "before" }); err != nil {
		return "", err
	}
	if err := h.send("after"); err != nil {
		return "", err
	}
	return until("", func(string) bool { return true })
}

func follow(ctx context.Context, of *azeventhubs.ProcessorPartitionClient, last string, wanted func(string) bool, found chan string) {
	defer of.Close(context.Background())
	for ctx.Err() == nil {
		slice, cancel := context.WithTimeout(ctx, time.Second)
		events, _ := of.ReceiveEvents(slice, 50, nil)
		cancel()
		for _, event := range events {
			if last != "" {
				_ = of.UpdateCheckpoint(ctx, event, nil)
			}
			if wanted(string(event.Body)) {
				found <- string(event.Body)
				return
			}
		}
	}
}

// memory is a checkpoint store; the processors of a group follow each other.
type memory struct {
	sync.Mutex
	checkpoints map[string]azeventhubs.Checkpoint
}

func (m *memory) ClaimOwnership(_ context.Context, owned []azeventhubs.Ownership, _ *azeventhubs.ClaimOwnershipOptions) ([]azeventhubs.Ownership, error) {
	for index := range owned {
		owned[index].LastModifiedTime = time.Now()
	}
	return owned, nil
}

func (m *memory) ListOwnership(context.Context, string, string, string, *azeventhubs.ListOwnershipOptions) ([]azeventhubs.Ownership, error) {
	return nil, nil
}

func (m *memory) ListCheckpoints(context.Context, string, string, string, *azeventhubs.ListCheckpointsOptions) ([]azeventhubs.Checkpoint, error) {
	m.Lock()
	defer m.Unlock()
	found := []azeventhubs.Checkpoint{}
	for _, one := range m.checkpoints {
		found = append(found, one)
	}
	return found, nil
}

func (m *memory) SetCheckpoint(_ context.Context, checkpoint azeventhubs.Checkpoint, _ *azeventhubs.SetCheckpointOptions) error {
	m.Lock()
	defer m.Unlock()
	m.checkpoints[checkpoint.PartitionID] = checkpoint
	return nil
}
