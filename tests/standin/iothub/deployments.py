"""Small deployments for tests."""

from __future__ import annotations

from typing import Any

from standin.iothub.configurations.merge import Candidate

Content = dict[str, dict[str, Any]]


def standard(modules: dict[str, Any] | None = None, routes: dict[str, Any] | None = None, **sections: Any) -> Content:
    return {
        "$edgeAgent": {
            "properties.desired": {
                "schemaVersion": "1.1",
                "runtime": {"type": "docker", "settings": {}},
                "systemModules": {"edgeAgent": {"image": "agent:1"}, "edgeHub": {"image": "hub:1"}},
                "modules": modules or {},
            }
        },
        "$edgeHub": {"properties.desired": {"schemaVersion": "1.1", "routes": routes or {}}},
        **sections,
    }


def layer(modules: dict[str, Any] | None = None, routes: dict[str, Any] | None = None, **sections: Any) -> Content:
    content: Content = {
        "$edgeAgent": {f"properties.desired.modules.{name}": value for name, value in (modules or {}).items()}
    }
    if routes:
        content["$edgeHub"] = {f"properties.desired.routes.{name}": value for name, value in routes.items()}
    return content | sections


def candidate(id_: str, priority: int, content: Content, created: str = "2026-01-01T00:00:00Z") -> Candidate:
    return Candidate(id=id_, priority=priority, created=created, content=content)


def body(content: Content, *, condition: str = "deviceId != ''", priority: int = 10, **more: Any) -> dict[str, Any]:
    return {"content": {"modulesContent": content}, "targetCondition": condition, "priority": priority, **more}
