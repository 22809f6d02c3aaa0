"""What runs of deployments. Each of these lines stands on those below it:

keeper                      makes replicas on Kubernetes anew that are gone
rollout                     from one run of a deployment to the next
replicas                    one group of containers for each instance
artifacts, images           a model's files; its image, as the endpoint's identity may have them
upstream, places            one request to a container; how many at once
served                      what of a deployment answers requests
"""
