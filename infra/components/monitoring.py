"""Log Analytics and Application Insights, in which the workspace keeps its telemetry.

https://learn.microsoft.com/azure/azure-monitor/app/create-workspace-resource
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import applicationinsights, operationalinsights

from infra.components.site import Site
from infra.resources.purge import Purge, PurgeArgs

_RETENTION_DAYS = 30
_DAILY_QUOTA_GB = 1.0  # caps what a chatty run can cost


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    site: Site
    log_analytics_name: str
    application_insights_name: str
    group_stays: bool
    """Whether the resource group outlives the stack: what Azure puts beside Application Insights then has to be purged,
    which the end of a group would take with it."""
    protect: bool


class Monitoring(pulumi.ComponentResource):
    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Monitoring", name, None, opts)
        site = args.site
        self._location = site.location
        self.log_analytics = operationalinsights.Workspace(
            name,
            workspace_name=args.log_analytics_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=_RETENTION_DAYS,
            workspace_capping=operationalinsights.WorkspaceCappingArgs(daily_quota_gb=_DAILY_QUOTA_GB),
            features=operationalinsights.WorkspaceFeaturesArgs(enable_log_access_using_only_resource_permissions=True),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        # A soft-deleted workspace would come back with its old data when the name is used again.
        self.purge = Purge(
            name,
            PurgeArgs(kind="logAnalytics", resource_id=self.log_analytics.id, location=site.location),
            pulumi.ResourceOptions(parent=self),
        )
        self.application_insights = applicationinsights.Component(
            name,
            resource_name_=args.application_insights_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            kind="web",
            application_type="web",
            ingestion_mode="LogAnalytics",
            workspace_resource_id=self.log_analytics.id,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.purge], replace_on_changes=["applicationType"]),
        )
        self.purges: list[Purge] = [self._purge_insights(f"{name}-insights")] if args.group_stays else []
        """Whoever uses Application Insights depends on them."""
        self.register_outputs({})

    def _purge_insights(self, name: str) -> Purge:
        return Purge(
            name,
            PurgeArgs(kind="insights", resource_id=self.application_insights.id, location=self._location),
            pulumi.ResourceOptions(parent=self),
        )
