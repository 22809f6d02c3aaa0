"""The deployments and the traffic of a managed online endpoint of Azure ML.

plan        from what is there to what is wanted: the next step, and the way back; pure
change      walks the plan, and back where a step fails
endpoint    what a step does in ARM
probes      golden requests to one deployment
"""
