"""A device's key is changed while the device works: its hub has two keys, and its vault says which one it uses.

Where neither of the hub's keys is the vault's, or it is the primary one, no rotation is under way. Then:

    the machine takes what the vault has, again     a machine that cannot do that now gets no other key
    hub     the secondary key is made anew          nobody uses it
    vault   = the secondary key                     from here on a rotation is under way: the next run goes on here
    the machine takes it, and connects with it
    hub     primary = this key, secondary anew      with one request, so the old key ends and the new one never does

Whatever the vault has is a key that the hub takes, at each moment at which this may be killed; and only the key that
nobody uses is ever made anew. Nothing of this is kept anywhere else. Of two at once one may give up; whoever
ends last leaves a key in the vault that the hub takes.
https://learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas#security-tokens
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cli.errors import Failed
from cloud.iot_hub import DeviceKeys, fingerprint, fresh_key

_MEANWHILE = "somebody else changed the device's keys meanwhile: run it again"


class Places(Protocol):
    """Where the key of one device is."""

    def keys(self) -> DeviceKeys:
        """The hub's."""

    def change_keys(self, before: DeviceKeys, *, primary: str, secondary: str) -> None:
        """Refused where somebody else changed them since."""

    def kept(self) -> str:
        """What the vault has."""

    def keep(self, key: str) -> None: ...

    def fetch(self) -> str:
        """Has the machine take what the vault has, and answers what it said: `edgeway: ok, key 0a1b2c3d`."""

    def wait_until_connected(self) -> None:
        """Until the device has connected since the vault has what it has."""


def rotate(places: Places, tell: Callable[[str], None]) -> str:
    """The fingerprint of the new key. Failed says what stands in the way; then the old key still works."""
    # the vault first: what it has had may have become the hub's primary key since, and none the other way round
    kept, keys = places.kept(), places.keys()
    if kept == keys.secondary != keys.primary:
        tell(f"a rotation to key {fingerprint(kept)} was under way: it goes on")
    else:
        kept = _begin(places, keys, kept, tell)
    _fetched(places, kept)
    tell(f"the machine has key {fingerprint(kept)}; waiting until it is connected")
    places.wait_until_connected()
    keys = places.keys()
    if keys.secondary != kept:
        raise Failed(_MEANWHILE)
    places.change_keys(keys, primary=kept, secondary=fresh_key())
    _held(places, places.kept())
    return fingerprint(kept)


def _begin(places: Places, keys: DeviceKeys, kept: str, tell: Callable[[str], None]) -> str:
    if kept != keys.primary:
        tell("the vault had no key of the device: it gets the primary one first")
        _keep(places, keys.primary)
    _fetched(places, keys.primary)
    new = fresh_key()
    places.change_keys(keys, primary=keys.primary, secondary=new)
    _keep(places, new)
    tell(f"the vault has key {fingerprint(new)}; the machine fetches it")
    return new


def _keep(places: Places, key: str) -> None:
    places.keep(key)
    _held(places, key)


def _held(places: Places, kept: str) -> None:
    """Looks whether the hub takes what the vault has. A vault asks nobody who writes what was there before: of two who
    rotate at once one may write what the other has just ended, or end what the other has just written. So each looks
    after whatever it has changed, and puts that right."""
    wrong = False
    while kept not in ((keys := places.keys()).primary, keys.secondary):
        wrong, kept = True, keys.primary
        places.keep(kept)
    if wrong:
        places.fetch()
        raise Failed(_MEANWHILE)


def _fetched(places: Places, key: str) -> None:
    """Asked twice: the first time may only have waited for a run that had looked before the key was there."""
    wanted, said = f"edgeway: ok, key {fingerprint(key)}", ""
    for _ in range(2):
        if (said := places.fetch()) == wanted:
            return
    raise Failed(f"the machine did not take key {fingerprint(key)}; it said: {said or 'nothing'}")
