"""The agent of a virtual device: it makes the device's containers what `$edgeAgent`'s desired properties say.

Each of these lines stands on those below it:

    device                                      one device: power, the agent's loop, reports
    reconciler, methods, report                 look, plan, do; direct methods; reported properties
    hub_container, module_body, module_containers, memory
    deployment, plan                            desired properties, read; what to do now, pure
    create_options, module_logs, restarts, device_names

https://learn.microsoft.com/azure/iot-edge/iot-edge-runtime#iot-edge-agent
"""
