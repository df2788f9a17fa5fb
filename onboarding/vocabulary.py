"""The sentences of requests, links and visits."""

SENTENCES = {
    "advice.applied": "{by} says {client} has set the attribution windows.",
    "advice.written": "{by} recommends attribution windows to {client}: {windows}.",
    "letter.refused": "The letter to {contact} came to nothing: {problem}",
    "link.handed_out": "{by} made a link: {how}.",
    "link.invited": "{by} says we are invited.",
    "link.revoked": "{by} ended a link. {because}",
    "link.started": "{by} pressed Start.",
    "link.stopped": "The visit stopped: {problem}. {sentence}",
    "link.wrong_login": "{by} signed in as the wrong person and started again.",
    "reminder.passed_on": "{before} did not answer: the next reminder goes to"
    " {contact}.",
    "reminder.planned": "Reminders to {contact} are planned: {days}.",
    "reminder.resumed": "{by} has the same days planned anew.",
    "reminder.sent": "{by} reminded {contact}, with a fresh link.",
    "reminder.skipped": "{by} left a reminder out.",
    "reminder.stopped": "No more reminders: {because}",
    "reminder.told": "{by} told the account manager: {happened}",
    "reminder.unsure": "{by} was cut off during a reminder: perhaps it was sent.",
    "request.asked_again": "{by} asks again for {accounts}. {reason}",
    "request.cancelled": "{by} cancelled the request.",
    "request.changed": "{by} changed what is asked: {fields}.",
    "request.expired": "The request reached its date.",
    "request.giver_named": "{by} says {client} invites us from Business Center"
    " {giver_id}.",
    "request.made": "{by} asked {contact} for {role}.",
    "request.sent": "{by} says the request is sent on the website: {accounts}.",
    "request.switched": "{by} asks another way: {after}, until now {before}. {reason}",
    "request.settled": "Everything asked for is settled.",
    "spark.started": "{by} pressed Connect {platform}.",
}
