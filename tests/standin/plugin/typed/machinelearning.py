"""Arguments of azure-native's classes for Azure Machine Learning, one set per type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.standin.plugin.sample_ids import IDENTITY


def _workspace() -> Any:
    from pulumi_azure_native import machinelearningservices as ml

    return ml.WorkspaceArgs(
        resource_group_name="rg",
        workspace_name="mlw",
        location="westeurope",
        kind="Default",
        storage_account="st",
        key_vault="kv",
        application_insights="appi",
        container_registry="cr",
        v1_legacy_mode=False,
        primary_user_assigned_identity=IDENTITY,
        managed_network=ml.ManagedNetworkSettingsArgs(isolation_mode="Disabled"),
        identity=ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[IDENTITY]),
        shared_private_link_resources=[ml.SharedPrivateLinkResourceArgs(name="link", group_id="blob")],
    )


def _environment() -> Any:
    from pulumi_azure_native import machinelearningservices as ml

    return ml.EnvironmentVersionArgs(
        resource_group_name="rg",
        workspace_name="mlw",
        name="anomaly",
        version="1",
        properties=ml.EnvironmentVersionPropertiesArgs(
            image="cr.azurecr.io/edgeway/anomaly@sha256:0",
            os_type="Linux",
            inference_config=ml.InferenceContainerPropertiesArgs(scoring_route=ml.RouteArgs(path="/score", port=5001)),
        ),
    )


def _model() -> Any:
    from pulumi_azure_native import machinelearningservices as ml

    return ml.ModelVersionArgs(
        resource_group_name="rg",
        workspace_name="mlw",
        name="anomaly",
        version="a1b2c3",
        properties=ml.ModelVersionPropertiesArgs(
            model_type="custom_model",
            model_uri="azureml://models",
            flavors={"onnx": ml.FlavorDataArgs(data={"opset": "17"})},
        ),
    )


def _compute() -> Any:
    from pulumi_azure_native import machinelearningservices as ml

    return ml.ComputeArgs(
        resource_group_name="rg",
        workspace_name="mlw",
        compute_name="cpu-cluster",
        location="westeurope",
        properties=ml.AmlComputeArgs(
            compute_type="AmlCompute",
            properties=ml.AmlComputePropertiesArgs(
                vm_size="Standard_DS2_v2",
                scale_settings=ml.ScaleSettingsArgs(min_node_count=0, max_node_count=1),
            ),
        ),
    )


def _endpoint() -> Any:
    from pulumi_azure_native import machinelearningservices as ml

    return ml.OnlineEndpointArgs(
        resource_group_name="rg",
        workspace_name="mlw",
        endpoint_name="ep",
        location="westeurope",
        kind="Managed",
        identity=ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[IDENTITY]),
        properties=ml.OnlineEndpointPropertiesArgs(auth_mode="Key", traffic={"blue": 90, "green": 10}),
    )


def _deployment() -> Any:
    from pulumi_azure_native import machinelearningservices as ml

    return ml.OnlineDeploymentArgs(
        resource_group_name="rg",
        workspace_name="mlw",
        endpoint_name="ep",
        deployment_name="blue",
        location="westeurope",
        sku=ml.SkuArgs(name="Default", capacity=1),
        properties=ml.ManagedOnlineDeploymentArgs(
            endpoint_compute_type="Managed",
            instance_type="Standard_DS2_v2",
            request_settings=ml.OnlineRequestSettingsArgs(request_timeout="PT5S"),
        ),
    )


MACHINE_LEARNING: dict[tuple[str, str], Callable[[], Any]] = {
    ("machinelearningservices", "Workspace"): _workspace,
    ("machinelearningservices", "EnvironmentVersion"): _environment,
    ("machinelearningservices", "ModelVersion"): _model,
    ("machinelearningservices", "Compute"): _compute,
    ("machinelearningservices", "OnlineEndpoint"): _endpoint,
    ("machinelearningservices", "OnlineDeployment"): _deployment,
}
