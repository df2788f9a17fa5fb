"""The sentences of requests, links and visits."""

SENTENCES = {
    "link.handed_out": "{by} made a link: {how}.",
    "link.revoked": "{by} ended a link. {because}",
    "link.started": "{by} pressed Start.",
    "link.stopped": "The visit stopped: {problem}. {sentence}",
    "link.wrong_login": "{by} signed in as the wrong person and started again.",
    "request.cancelled": "{by} cancelled the request.",
    "request.changed": "{by} changed what is asked: {fields}.",
    "request.expired": "The request reached its date.",
    "request.made": "{by} asked {contact} for {role}.",
    "request.settled": "Everything asked for is settled.",
}
