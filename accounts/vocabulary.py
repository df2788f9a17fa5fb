"""The sentences the trail is read in, for everything the books record."""

# Whatever is typed at a desk; what changed is in the payload, before and after.
TYPED = (
    *("adaccount", "assignment", "businesscenter"),
    *("client", "contact", "platformlimit"),
)

SENTENCES = {
    **{f"{noun}.added": "{by} added the {kind} {subject}." for noun in TYPED},
    **{
        f"{noun}.changed": "{by} changed the {kind} {subject}: {fields}."
        for noun in TYPED
    },
    "agency.center_found": "{by} found {name} among our Business Centers.",
    "agency.connected": "{by} connected our side as {label}.",
    "approval.approved": "{by} approved {role} for {receiver}.",
    "approval.refused": "{by} refused {role} for {receiver}. {note}",
    "approval.void": "What was asked had changed; the approval is void.",
    "client.moved": "{subject} is now: {status}.",
    "connection.booked": "{label} signed in on {platform}; the key is kept.",
    "connection.dropped": "{label}'s key was ended and forgotten.",
    "connection.died": "{label}'s key no longer works.",
    "consent.begun": "{by} went to sign in.",
    "consent.booked": "{label} agreed.",
    "consent.failed": "The sign-in did not finish: {problem}",
    "consent.granted": "The platform gave us a key.",
    "consent.held": "{label} already serves another client; an access owner decides.",
    "consent.refused": "{by} said no on the platform's page.",
    "consent.released": "{by} let {label} serve this client too.",
    "consent.withdrawn": "{label}'s permission for this client has ended.",
    "grant.active": "Read back: {grantee} holds {role} on {asset}.",
    "grant.asked": "Wanted for {grantee}: {role} on {asset}.",
    "grant.declined": "{grantee} was declined on {asset}.",
    "grant.drifted": "{asset}: {problem}",
    "grant.expired": "Nobody answered in time for {asset}.",
    "grant.failed": "{asset}: {problem}",
    "grant.lost": "{grantee} no longer holds a role on {asset}.",
    "grant.manual": "{asset} is done by hand: {problem}",
    "grant.pending": "{asset}: {problem}",
    "grant.requested": "{by} agreed to share {asset} as {role}.",
    "grant.requesting": "{asset} is asked for again. {problem}",
    "grant.share_sent": "The portal asks to share {asset} with {grantee} as {role}.",
    "grant.unverified": "{asset} is not read back yet. {problem}",
    "trail.probed": "The trail's guards were tried.",
    "vault.deleted": "A key was removed from the vault.",
    "vault.read": "A key was used: {purpose}.",
    "vault.rotated": "Secrets were encrypted anew.",
    "vault.set": "A key was put into the vault.",
}
