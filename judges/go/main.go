package main

import (
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const region = "westeurope"

var (
	subscription = os.Getenv("AZURE_SUBSCRIPTION_ID")
	credential   = must(azidentity.NewDefaultAzureCredential(nil))
)

func main() {
	judgeIdentity()
	judgeEvents(judgeHub())
	judgeArm()
	judgeServices()
	judgeLearning()
}
