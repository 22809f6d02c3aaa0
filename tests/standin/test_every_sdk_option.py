"""Microsoft's management clients, method by method: each optional parameter is obeyed or refused, none is ignored.

Nobody here says which is which: an option with a value that means nothing must change the answer.
"""

from __future__ import annotations

from collections import Counter
from urllib.parse import unquote

import pytest

from standin.core.obeys import NOTHING
from tests.standin.asking import ARM, Answering, Asked
from tests.standin.sdk_options import Option, Sent, options, requests
from tests.standin.test_every_route import HEADER, QUERY

# the clients take seconds to import, and one of them warns of what it imports
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

NONSENSE = "edgewayNobody"
UNBUILT = {"InvalidResourceType", "InvalidResourceNamespace", "NotFound", "InvalidFilterInQueryString"}
_LEAST = 60


def asked(sent: Sent) -> Asked:
    headers = {name: value for name, value in sent.headers.items() if name != "authorization"}
    path = unquote(sent.path)
    said = {"method": sent.method, "path": path, "query": sent.query, "headers": headers}
    return Asked(host=ARM, audience=f"https://{ARM}", obeys=NOTHING, **said)  # type: ignore[arg-type]


async def verdict(answering: Answering, option: Option) -> str:
    nonsense = {option.name: NONSENSE}
    query, headers = ({}, nonsense) if option.header else (nonsense, {})
    plain = asked(option.without)
    given = await answering.send(plain, query=query, headers=headers)
    if given[0] == 400 and given[1] in QUERY | HEADER | UNBUILT:
        return "refused"
    if plain.method != "GET":
        return "obeyed" if given[0] in (400, 409, 412) else "refused" if given[1] in UNBUILT else "ignored"
    status, text, _ = await answering.answered(plain)
    if status == 404 and any(code in text for code in UNBUILT):
        return "refused"
    changed = await answering.answered(plain, query=query, headers=headers)
    return "obeyed" if (status, text) != changed[:2] else "ignored"


async def test_each_optional_parameter_of_each_method_is_obeyed_or_refused(answering: Answering) -> None:
    found = {f"{option.call} {option.name}": await verdict(answering, option) for option in options()}
    counts = Counter(found.values())
    print(dict(counts))
    assert {call: told for call, told in found.items() if told == "ignored"} == {}
    assert counts["obeyed"] + counts["refused"] > _LEAST


async def test_what_clients_say_unasked_is_obeyed(answering: Answering) -> None:
    """Options that a client always sends: a refusal of one would shut the whole method."""
    answered = {}
    for title, sent in requests():
        if sent.method == "GET":
            answered[title] = await answering.send(asked(sent))
    assert {title: told for title, told in answered.items() if told[0] == 400} == {}
    assert len(answered) > _LEAST
