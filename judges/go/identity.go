package main

import (
	"context"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

func judgeIdentity() {
	j := newJudge("go azidentity")
	tenant, client, secret := os.Getenv("AZURE_TENANT_ID"), os.Getenv("AZURE_CLIENT_ID"), os.Getenv("AZURE_CLIENT_SECRET")
	token := func(secret, client, scope string) func(context.Context) (azcore.AccessToken, error) {
		return func(ctx context.Context) (azcore.AccessToken, error) {
			own, err := azidentity.NewClientSecretCredential(tenant, client, secret, nil)
			if err != nil {
				return azcore.AccessToken{}, err
			}
			return own.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}})
		}
	}
	const arm = "https://management.azure.com/.default"
	isToken := func(got azcore.AccessToken) bool { return len(got.Token) > 100 }
	passes(j, "DefaultAzureCredential for ARM", "a token", func(ctx context.Context) (azcore.AccessToken, error) {
		return credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{arm}})
	}, isToken)
	passes(j, "ClientSecretCredential for ARM", "a token", token(secret, client, arm), isToken)
	passes(j, "ClientSecretCredential for storage", "a token", token(secret, client, "https://storage.azure.com/.default"), isToken)
	passes(j, "ClientSecretCredential for vaults", "a token", token(secret, client, "https://vault.azure.net/.default"), isToken)
	answers(j, "a wrong secret", "AADSTS7000215", token("wrong", client, arm))
	answers(j, "an unknown client", "AADSTS700016", token(secret, tenant, arm))
}
