// The judges of Go: azidentity, azeventhubs, azblob, azsecrets, azkeys and the arm* modules against the stand-in.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

const limit = 40 * time.Second

// A judge writes one line an operation; judges/verdicts.py reads them and holds refusals against docs/parity.md.
type judge struct {
	client string
	write  func(line)
}

type line struct {
	Client    string `json:"client"`
	Operation string `json:"operation"`
	Expected  string `json:"expected"`
	Outcome   string `json:"outcome"`
	Told      string `json:"told"`
	Row       string `json:"row,omitempty"`
}

func newJudge(client string) judge {
	made := judge{client, func(one line) {
		text, _ := json.Marshal(one)
		fmt.Println(string(text))
	}}
	made.canFail()
	return made
}

// passes: the call succeeds, and `holds` (nil: whatever came) says so of its value.
func passes[T any](j judge, operation, expected string, call func(context.Context) (T, error), holds func(T) bool) T {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	value, err := call(ctx)
	told := said(err)
	if err == nil && holds != nil && !holds(value) {
		text, _ := json.Marshal(value)
		told = "the value is not as expected: " + string(text[:min(len(text), 600)])
	}
	j.tell(operation, expected, "passed", told, "", told == "")
	return value
}

// answers: Azure refuses this too, with each of `words` in what the client says.
func answers[T any](j judge, operation string, words string, call func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := call(ctx)
	right := err != nil
	for _, word := range strings.Split(words, " and ") {
		right = right && strings.Contains(said(err), word)
	}
	told := said(err)
	if err == nil {
		told = "it was not refused"
	}
	j.tell(operation, "refused with "+words, "passed", told, "", right)
}

// refuses: the stand-in has not got this, and refuses as row `row` of docs/parity.md says.
func refuses[T any](j judge, operation, row string, call func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := call(ctx)
	told := said(err)
	if err == nil {
		told = "it was not refused"
	}
	j.tell(operation, "refused as "+row, "refused", told, row, err != nil)
}

func (j judge) tell(operation, expected, outcome, told, row string, right bool) {
	if !right {
		outcome = "failed"
	} else if outcome == "passed" {
		told = ""
	}
	j.write(line{j.client, operation, expected, outcome, told, row})
}

// canFail: a wrong expectation must be seen, else every other line is worth nothing.
func (j judge) canFail() {
	var outcomes []string
	other := judge{j.client, func(one line) { outcomes = append(outcomes, one.Outcome) }}
	one := func(context.Context) (int, error) { return 1, nil }
	none := func(context.Context) (int, error) { return 0, errors.New("NotFound") }
	passes(other, "", "", one, func(value int) bool { return value == 2 })
	passes(other, "", "", none, nil)
	answers(other, "", "Conflict", none)
	answers(other, "", "Conflict", one)
	refuses(other, "", "R-none", one)
	j.tell("a wrong expectation fails", "five failures", "passed", fmt.Sprint(outcomes), "",
		strings.Join(outcomes, " ") == "failed failed failed failed failed")
}

func said(err error) string {
	if err == nil {
		return ""
	}
	var response *azcore.ResponseError
	if errors.As(err, &response) {
		return fmt.Sprintf("%d %s %s", response.StatusCode, response.ErrorCode, strings.Join(strings.Fields(err.Error()), " "))
	}
	return fmt.Sprintf("%T: %v", err, err)
}

func all[T, R any](pager *runtime.Pager[T], items func(T) []R) func(context.Context) ([]R, error) {
	return func(ctx context.Context) ([]R, error) {
		found := []R{}
		for pager.More() {
			page, err := pager.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			found = append(found, items(page)...)
		}
		return found, nil
	}
}

// done waits for a long operation.
func done[T any](begin func(context.Context) (*runtime.Poller[T], error)) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) {
		poller, err := begin(ctx)
		if err != nil {
			var nothing T
			return nothing, err
		}
		return poller.PollUntilDone(ctx, &runtime.PollUntilDoneOptions{Frequency: time.Second})
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		newJudge("go").tell("the judge itself", "no error", "passed", err.Error(), "", false)
		os.Exit(1)
	}
	return value
}

func ptr[T any](value T) *T { return &value }
