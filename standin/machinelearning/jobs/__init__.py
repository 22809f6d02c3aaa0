"""Command jobs: queued for a node of their compute, run in a container. Each of these lines stands on those below it:

kind                        the resource
jobs                        all jobs: begun, taken up after a restart, canceled, removed
run                         the way of one job from its queue to its end
means                       what runs use, and where the files of a job lie
container                   what of a job is Docker's: its paths, its variables, its limits
files, images               between blobs and the container; the image, asked of its registry
locations, record           where URIs of data lead; what is remembered of a job
description, errors         what a job is to be; what is refused of it, and how it fails
"""

from __future__ import annotations

from standin.machinelearning.jobs.container import Tracking
from standin.machinelearning.jobs.files import Files
from standin.machinelearning.jobs.images import JobImages
from standin.machinelearning.jobs.jobs import Jobs
from standin.machinelearning.jobs.kind import Job
from standin.machinelearning.jobs.locations import Locations
from standin.machinelearning.jobs.means import Means
from standin.machinelearning.jobs.record import Logged, Records

__all__ = ["Files", "Job", "JobImages", "Jobs", "Locations", "Logged", "Means", "Records", "Tracking"]
