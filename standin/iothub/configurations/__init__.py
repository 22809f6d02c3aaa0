"""Automatic deployments: configurations, target conditions, the layered merge.

Each of these lines stands on those below it:

    deployments                         which devices are to be looked at, and when
    rollout                             from configurations to one device's twins
    state                               the configurations of a hub
    configuration, merge                one configuration; what several amount to (pure)
    condition, content, schedule
"""
