"""What Infisical's answers mean: its statuses say little, `error` and `message` tell.

Infisical facts, "Errors". Bodies hold values and are never logged; `reqId` is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.outbound import Answer, OutboundError, Pause

# A name or its folder is missing, something else is, or something is there already.
NO_SECRET = "no_secret"  # noqa: S105
NO_FOLDER = "no_folder"
EXISTS = "exists"
# The token is refused; the server failed, or did not answer at all.
TOKEN = "token"  # noqa: S105
NOT_THERE = "not_there"
FAULT = "fault"
OUTAGE = "outage"

FOLDER_ERRORS = {"GetSecretByName", "CreateSecret", "UpdateSecret", "DeleteSecret"}

CONFIGURATION = "configuration"
NOT_MEMBER = (
    "Infisical does not let the portal into the project. An Infisical admin adds the"
    " portal's identity to the project that INFISICAL_PROJECT_ID names."
)
NO_PROJECT = (
    "Infisical knows no project with this id. The operator checks INFISICAL_PROJECT_ID."
)
NO_ROUTE = (
    "Infisical has no such page. The operator checks that INFISICAL_URL is the address"
    " of an Infisical server, without a path."
)
NOT_ALLOWED = (
    "Infisical does not allow this: {message}. An Infisical admin gives the portal's"
    " identity the rights to read, create, edit and delete secrets and folders under"
    " /connections in the environment that INFISICAL_ENVIRONMENT names."
)
MAY_NOT_READ = (
    "Infisical does not let the portal read values. An Infisical admin gives its"
    " identity the right to read secret values under /connections."
)
WAITS_FOR_APPROVAL = (
    "Infisical keeps the change for approval and has stored nothing. An Infisical"
    " admin takes the change policy off this environment or folder."
)
REFUSED = (
    "Infisical refuses the call with HTTP {status}: {message}. The operator compares"
    " the version of the Infisical server with what the portal is made for."
)
TOO_MANY = "Infisical asks us to slow down. The portal goes on in a few minutes."
ITS_FAULT = "Infisical answered with HTTP {status}. The portal tries again."


def judge(answer: Answer) -> Mapping[str, Any]:
    """Return the answer's JSON object; raise OutboundError for anything else."""
    body = _body(answer)
    answer.code = str(body.get("error", ""))[:40]
    answer.trace_id = str(body.get("reqId", ""))[:64]
    if answer.status != 200:
        raise _refusal(answer, body)
    if not body:
        raise answer.malformed("the answer is no object")
    return body


def judge_stored(answer: Answer) -> Mapping[str, Any]:
    """Return the secret a call was about: a 200 without one has stored nothing."""
    body = judge(answer)
    secret = body.get("secret")
    if isinstance(secret, dict):
        return secret
    if "approval" in body:
        raise _error(answer, CONFIGURATION, WAITS_FOR_APPROVAL)
    raise answer.malformed("there is no secret in it")


def judge_value(answer: Answer) -> str:
    """Return the value of a secret that was read, never the text that hides it."""
    secret = judge_stored(answer)
    if secret.get("secretValueHidden") is not False:
        raise _error(answer, CONFIGURATION, MAY_NOT_READ)
    value = secret.get("secretValue")
    if not isinstance(value, str):
        raise answer.malformed("there is no value in it")
    return value


@dataclass(frozen=True)
class Told:
    """What an error's body says of itself."""

    status: int
    error: str
    message: str


def _refusal(answer: Answer, body: Mapping[str, Any]) -> OutboundError:
    told = Told(answer.status, answer.code, _message(body))
    if told.status >= 500:
        return _error(answer, FAULT, ITS_FAULT.format(status=told.status))
    if told.status == 429:
        return _error(answer, "rate", TOO_MANY)
    kind, sentence = _meaning(told)
    return _error(answer, kind, sentence)


def _meaning(told: Told) -> tuple[str, str]:
    """Return the kind of a refusal and its sentence; unknown ones are kept as told."""
    if told.status == 401 or told.error == "TokenError":
        return TOKEN, told.message
    if told.status == 404:
        return _missing(told)
    if told.status == 400 and "already exists" in told.message:
        return EXISTS, told.message
    if told.error == "ProjectMembershipNotFound":
        return CONFIGURATION, NOT_MEMBER
    if told.error == "ForbiddenReadSecretError":
        return CONFIGURATION, MAY_NOT_READ
    if told.status == 403:
        return CONFIGURATION, NOT_ALLOWED.format(message=told.message)
    return CONFIGURATION, REFUSED.format(status=told.status, message=told.message)


def _missing(told: Told) -> tuple[str, str]:
    """One status for five things: a secret, a folder, a project, a route, the rest."""
    if told.error == "NotFound" and told.message.startswith("Secret "):
        return NO_SECRET, told.message
    if told.error in FOLDER_ERRORS or told.message.startswith("Folder with path"):
        return NO_FOLDER, told.message
    if told.message.startswith("Project with ID"):
        return CONFIGURATION, NO_PROJECT
    if told.error == "Not Found":
        return CONFIGURATION, NO_ROUTE
    return NOT_THERE, REFUSED.format(status=404, message=told.message)


def _error(answer: Answer, kind: str, sentence: str) -> OutboundError:
    return OutboundError(
        sentence,
        permanent=kind not in (FAULT, "rate"),
        kind=kind,
        code=answer.code,
        trace_id=answer.trace_id,
        outcome_unknown=kind == FAULT and not answer.call.is_read,
        pause=Pause.MINUTE if kind == "rate" else None,
    )


def _body(answer: Answer) -> Mapping[str, Any]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    return body if isinstance(body, dict) else {}


def _message(body: Mapping[str, Any]) -> str:
    """Return the message as one short text; on 422 it is a list of issues."""
    message = body.get("message", "")
    text = message if isinstance(message, str) else json.dumps(message)
    return text.strip().rstrip(".")[:160]
