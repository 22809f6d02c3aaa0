"""The resource types of `mledge`: one file each, and one line here. `infra.provider.__main__` serves what is named.

A new one: copy `key.py`, and `infra/resources/key.py` for what the program sees of it.
"""

from __future__ import annotations

from infra.provider.types.certificate import Certificate as Certificate
from infra.provider.types.device_identity import DeviceIdentity as DeviceIdentity
from infra.provider.types.edge_deployment import EdgeDeployment as EdgeDeployment
from infra.provider.types.environment_version import EnvironmentVersion as EnvironmentVersion
from infra.provider.types.gate import Gate as Gate
from infra.provider.types.group_ready import GroupReady as GroupReady
from infra.provider.types.image import Image as Image
from infra.provider.types.key import Key as Key
from infra.provider.types.online_model import OnlineModel as OnlineModel
from infra.provider.types.purge import Purge as Purge
from infra.provider.types.registered_model import RegisteredModel as RegisteredModel
from infra.provider.types.role_ready import RoleReady as RoleReady
from infra.provider.types.token_password import TokenPassword as TokenPassword
from infra.provider.types.training_run import TrainingRun as TrainingRun
