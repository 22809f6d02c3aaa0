"""Values of which the program works with a few only, and how long Azure keeps what nobody needs any more."""

from __future__ import annotations

from policies.checks import by_type, one_of
from policies.rule import Level, Rule

SUPPORTED_VALUES = Rule(
    name="supported-values",
    description="Kinds, sizes and modes are those that the program and its provider were built for.",
    level=Level.MANDATORY,
    check=by_type(
        {
            "azure-native:applicationinsights:Component": [
                one_of("applicationType", "web"),
                one_of("kind", "web"),
                one_of("ingestionMode", "LogAnalytics"),
            ],
            "azure-native:storage:StorageAccount": [
                one_of("kind", "StorageV2"),
                one_of("sku.name", "Standard_LRS", "Standard_ZRS"),
                one_of("isHnsEnabled", False),
            ],
            "azure-native:keyvault:Vault": [
                one_of("properties.sku.name", "standard"),
                one_of("properties.sku.family", "A"),
            ],
            "azure-native:containerregistry:Registry": [one_of("sku.name", "Basic", "Standard", "Premium")],
            "azure-native:containerregistry:Token": [one_of("status", "enabled")],
            "azure-native:machinelearningservices:Workspace": [
                one_of("v1LegacyMode", False),
                one_of("managedNetwork.isolationMode", "Disabled"),
            ],
            "azure-native:machinelearningservices:Compute": [
                one_of("properties.computeType", "AmlCompute", "Kubernetes"),
                one_of("properties.disableLocalAuth", True),
                one_of("properties.properties.remoteLoginPortPublicAccess", "Disabled"),
            ],
            "azure-native:containerservice:ManagedCluster": [
                one_of("sku.name", "Base"),
                # Azure ML comes into no cluster without them
                one_of("disableLocalAccounts", False),
                one_of("agentPoolProfiles[*].osType", "Linux"),
            ],
            "azure-native:kubernetesconfiguration:Extension": [
                one_of("extensionType", "Microsoft.AzureML.Kubernetes"),
                one_of("configurationSettings.inferenceRouterServiceType", "LoadBalancer"),
            ],
            "azure-native:iothub:IotHubResource": [
                one_of("sku.name", "F1", "S1", "S2", "S3"),
                # modules of devices come with keys, and messages that no route takes must arrive all the same
                one_of("properties.disableLocalAuth", False),
                one_of("properties.disableModuleSAS", False),
                one_of("properties.routing.fallbackRoute.isEnabled", True),
            ],
            "azure-native:iothub:IotHubResourceEventHubConsumerGroup": [one_of("eventHubEndpointName", "events")],
            "azure-native:containerinstance:ContainerGroup": [
                one_of("osType", "Linux"),
                one_of("ipAddress.type", "Public"),
                one_of("containers[*].livenessProbe.httpGet.scheme", "http"),
                one_of("containers[*].readinessProbe.httpGet.scheme", "http"),
            ],
            "mledge:docker:Image": [
                one_of("image", "image_capture", "replay", "scoring", "scoring_gpu", "sensor", "training")
            ],
            "mledge:iothub:DeviceIdentity": [one_of("edge", True)],
            "mledge:iothub:EdgeDeployment": [one_of("kind", "base", "layer")],
            "mledge:azure:Purge": [
                one_of("kind", "workspace", "compute", "attachment", "vault", "logAnalytics", "insights")
            ],
        }
    ),
)

RETENTION = Rule(
    name="short-retention",
    description="Logs are paid by the gigabyte and kept for the 30 days that cost nothing; a deleted vault for the "
    "7 days that are the fewest, as its name is taken meanwhile.",
    level=Level.ADVISORY,
    check=by_type(
        {
            "azure-native:operationalinsights:Workspace": [
                one_of("sku.name", "PerGB2018"),
                one_of("retentionInDays", 30),
            ],
            "azure-native:keyvault:Vault": [one_of("properties.softDeleteRetentionInDays", 7)],
        }
    ),
)
