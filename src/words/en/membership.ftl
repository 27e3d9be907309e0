# English. Each message is a whole sentence or a whole label; translators may turn everything around.
# [[…]] marks the words of a link. Times and names arrive as arguments.

## Members
members-intro = { $count ->
    [one] 1 member decides here. Each has one vote within its class.
   *[other] { $count } members decide here. Each has one vote within its class.
  }
classes-label = Classes of members
class-line = { $count ->
    [one] 1 member, { $percent } % of the vote
   *[other] { $count } members, { $percent } % of the vote
  }
class-empty = Nobody is in this class yet. [[Ask to join]]
sponsored-by = Brought in by { $sponsor }
member-since = since { $day }
acting = { $count ->
    [0] Nobody acts for it yet
   *[other] Acting for it: { $names }
  }
standing-in-force = On the roll
standing-suspended = Suspended
standing-withdrawn = Withdrawn
standing-lapsed = Lapsed
standing-coming = Joining
mandates-title = Mandates
mandates-text = An organisation has one vote, whatever its staff. People act for it under a mandate; if several vote, the last ballot counts.
mandates-none = Nobody has a mandate yet.
mandate-since = since { $since }
mandate-ended = { $since } to { $until }
history-title = History
history-founded = Named in the founding charter, { $time }
history-requested = Asked to join, { $time }
history-objected = An objection was made, { $time }
history-admitted = Admitted, { $time }
history-changed = Entry changed, { $time }
history-suspended = Suspended, { $time }
history-reinstated = Reinstated, { $time }
history-withdrawn = Withdrew, { $time }
history-lapsed = Lapsed, { $time }
key-title = Who signs
custody-node = The node of { $sponsor } keeps the key and signs. One trusts that node to pass on what was said.
custody-device = The key is on a device of their own; nobody else can sign.
entry-digest = Entry on the roll: { $digest }

## Joining
join-intro = You ask { $node } to bring you in. Three things are needed: a written request, agreement to the terms, and what you commit to.
join-article = (Article { $article }.)
join-name = Your name, or that of your organisation
join-name-hint = As it shall stand on the roll, which everybody can read.
join-place = What you join as, and what you commit to
join-place-hint = Each class votes by itself; the level says what you contribute.
join-level = { $class }: { $level }
join-request = Your request
join-request-hint = Who you are, what you use, what you would like to take part in.
join-commitment = What you contribute, in your own words
join-commitment-hint = For example: 20 hours in spring and 250 €.
terms-title = What members agree to
terms-digest = Digest of the terms: { $digest }
join-agree = I have read the terms and agree to them
join-agree-hint = You agree to exactly this text; your request names it by its digest.
join-account = To log in at this node
login-name = Name to log in with
login-name-hint = Small letters, digits and hyphens.
password = Password
password-hint = At least ten characters. A few words in a row are good.
join-send = Send my request
join-sent-title = Your request is sent
join-sent-intro = Thank you, { $name }.
join-next = What happens next
join-next-stewards = The stewards of { $node } read it and endorse it, or tell you why not.
join-next-objection = The producers of the consortium have { $duration } to object.
join-next-decision = The members decide on it by vote, as on every organisation.
join-next-roll = You stand on the roll, and vote on whatever opens from then on.

## Charter
charter-of = Charter of { $name }
charter-version = Version { $version }
charter-draft = Draft
charter-proposed = Waiting for the founding parties
charter-ratified = In force
charter-superseded = Replaced by a later version
charter-digest = Digest of this version: { $digest }
charter-classes = Who decides with what strength
charter-levels = What members contribute
charter-types = How decisions are taken
charter-articles = The articles
charter-principles = Co-operative principles
charter-history = Earlier versions
charter-history-none = This is the first version.
charter-version-decided = Version { $version } since { $time }, by [[decision { $name }]]
charter-version-founded = Version { $version } since { $time }, accepted by the founding parties
article-title = Article { $id }: { $title }
article-blank = The founding document leaves this article empty.
provisional = provisional
# Places of the charter
place-name = Name of the consortium
place-handle = Short name of the consortium
place-language = Language
place-demo = For trying out only
place-visibility = Who can read the record
place-terms = Terms and conditions
place-principles = Principles
place-empty-class = What becomes of a class that takes no side
place-tie = Ties
place-articles = Text of the article “{ $of }”
place-articles-text = Text of the article “{ $of }”
place-articles-title = Title of the article “{ $of }”
place-articles-governs = What the article “{ $of }” governs
place-classes-name = Name of the class “{ $of }”
place-classes-kind = Who makes up the class “{ $of }”
place-classes-strength = Strength of the class “{ $of }”
place-classes-quorum = Quorum of the class “{ $of }”
place-classes-rights = Rights of the class “{ $of }”
place-classes-levels = Contribution levels of the class “{ $of }”
place-classes-levels-name = Name of a contribution level of the class “{ $of }”
place-classes-levels-commitment = Commitment of a contribution level of the class “{ $of }”
place-types-name = Name of the decision type “{ $of }”
place-types-minimum-seconds = Shortest vote of the type “{ $of }”
place-types-threshold = Threshold of the type “{ $of }”
place-types-callers = Who may call a vote of the type “{ $of }”
place-types-challenge = What a challenge turns the type “{ $of }” into
place-types-custody = Keys that may sign ballots of the type “{ $of }”
place-types-effects = What a decision of the type “{ $of }” may do by itself
place-types-article = Article behind the type “{ $of }”
place-blocks-grounds = Grounds of a block
place-blocks-override-at-least = Weighted vote that overrules a block
place-roll-minimum-age-seconds = How long before a vote somebody must have joined
place-roll-objection-seconds = Time for objections to an application
place-roll-objectors = Who may object to an application
place-closing-settle-seconds = How long ballots settle after a vote
place-closing-delay-seconds = Time for nodes to answer each other
place-closing-abandon-seconds = When a vote without a certificate is given up
place-closing-opening-seconds = How long before voting a proposal is frozen
place-closing-recovery = What people do when too few nodes can answer
place-contribution-currency = Currency
place-contribution-first-year-minutes-least = Least work of the first year, in minutes
place-contribution-first-year-minutes-most = Most work of the first year, in minutes
place-contribution-first-year-cents-least = Least money of the first year, in cents
place-contribution-first-year-cents-most = Most money of the first year, in cents
place-contribution-producer-minutes-yearly = Work of a producer in a year, in minutes
place-contribution-sponsor-share = What a sponsor keeps of a new organisation’s payments
place-contribution-categories = Kinds of work
place-contribution-validators = How many validate work
place-licences-software = Licence of software
place-licences-content = Licence of content
place-licences-data = Licence of data
place-licences-designs = Licence of industrial designs
blanks-title = { $count ->
    [one] One place is still provisional
   *[other] { $count } places are still provisional
  }
blanks-text = The founding document leaves them open. What stands there holds until the members decide; each can be put to the vote.
blanks-summary = Show them
blank-now = for now: { $current }
blank-nothing = nothing yet
blank-long = the text stands below
blank-propose = Put it to the vote
col-quorum = Quorum
quorum-none = none
col-rights = May
right-propose = propose
right-vote = vote
right-sponsor = bring in members
right-custody = hold funds
right-ledger = see the ledger
type-callers = It can be called by: { $classes }.
type-challenge = Challenged, it becomes “{ $type }”.

## Consortium
consortium-intro = { $count ->
    [one] One co-op runs a node here.
   *[other] { $faulty ->
        [0] { $count } co-ops run a node each. A result stands once all of them have signed the same.
       *[other] { $count } co-ops run a node each. A result stands once { $needed } of them have signed the same; { $faulty } of them may fail or lie without changing it.
      }
  }
nodes-title = The nodes
consortium-accepting = The charter is in force once all founding parties have accepted it.
party-accepted = { $name } has accepted
party-reading = { $name } is still reading
col-party = Co-op
col-health = State
col-heard = Last heard
col-waiting = Waiting to be delivered
own-node = (this node)
health-own = You are here
health-up-to-date = Up to date
health-behind = { $count ->
    [one] 1 statement behind
   *[other] { $count } statements behind
  }
health-silent = Not heard of late
health-fault = At fault, with proof
consortium-faults = Faults
consortium-faults-text = Each of these is proven by the node’s own signatures. Results stand as long as enough other nodes agree.
consortium-faults-none = No node has broken the rules. Should one sign two things that contradict each other, the proof stands here.
fault-about = It was about: { $subject }.
fault-proof = The proof
fault-proof-text = { $culprit } signed all { $count } of these; together they cannot be.
notices-title = Notices
notices-none = No party has sent a notice. If something beyond its control stops one, it tells the others here.
notice-by = { $from }, { $time }
consortium-details = Name and epoch, to compare with others
consortium-id = Name of the consortium, independent of any host
consortium-epoch = Epoch
consortium-follow = Follow it from any fediverse account

## Log in and account
log-in-title = Log in at { $node }
log-in-join = Not a member yet? [[Ask to join]]
log-in-lost = Forgotten the password? The stewards of { $node } can set a new one.
log-out = Log out
identities-title = For whom you act
identities-none = You are not on the roll yet. [[See who is]]
identity-self = As yourself, { $class }, since { $since }
identity-mandate = By mandate, { $class }, since { $since }
keys-title = Keys
keys-text = A ballot is signed with a key. Where the node keeps it, you trust the node; where you keep it, you need not trust anybody.
keys-show = Public keys, to compare with others
keys-own = Keep a key of your own
keys-own-make = Make a key on your own computer:
keys-own-tell = Tell the node its public part. From then on only you can sign your ballots.
keys-own-member = For whom
keys-own-field = Public key
keys-own-hint = It begins with did:key:z6Mk
keys-own-send = Use this key
tokens-title = Programs that you let in
tokens-text = A token lets a program read and vote for you. Give each program its own, so that you can end it by itself.
token-new = Copy this token now; it is not shown again.
token-unnamed = Signed in by the API
token-made = Made on { $time }.
token-used = Last used on { $time }.
token-unused = Never used.
token-end = End it
tokens-none = No program has a token.
token-name = What is it for?
token-name-hint = For example: calendar on my phone
token-make = Make a token
password-title = Password
password-current = Your password now
password-new = Your new password
password-change = Change my password

## Stewards
stewards-title = Stewards of { $node }
back-to-stewards = Back to the stewards’ page
invitation-line = { $from } invites your co-op to found { $name }.
requests-title = Requests to join
requests-line = { $count ->
    [0] Nobody is waiting for an answer.
    [one] 1 request waits for an answer.
   *[other] { $count } requests wait for an answer.
  }
objections-line = { $count ->
    [0] No application is open to objections.
    [one] 1 application is open to objections.
   *[other] { $count } applications are open to objections.
  }
roll-title = Our part of the roll
roll-line = { $count ->
    [0] This co-op has brought in nobody yet.
    [one] 1 member was brought in by this co-op.
   *[other] { $count } members were brought in by this co-op.
  }
mandates-line = Who acts for your organisations.
notice-title = Write to all parties
notice-line = If something beyond your control stops you, tell the others.
node-title = This node
node-journal = { $count ->
    [one] Its journal holds 1 statement; enough other nodes hold { $certified } of them.
   *[other] Its journal holds { $count } statements; enough other nodes hold { $certified } of them.
  }
node-alone = This node has no peers yet. It gets to know them when a consortium is founded.
node-details = Addresses and version
node-version = Version
node-address = Address
node-handle = Name in the fediverse
request-waiting = Waiting
request-endorsed = Endorsed
request-refused = Refused
request-admitted = Admitted
request-commits = Commits to: { $commitment }
request-terms = Has agreed to the terms
request-answer = Your answer: { $answer }
request-person-hint = Endorse it, and the producers of the consortium can object; if nobody does, the person joins the roll.
request-organisation-hint = Organisations are admitted by a decision of all: endorse it, and it is decided by vote.
request-endorse = Endorse
request-refuse = Refuse
request-refuse-reason = Why you refuse
request-refuse-hint = The person reads it.
request-decide = It is for the members to decide by vote.
request-propose = Draft the proposal to admit { $name }
requests-label = Which requests
requests-waiting = Under way
requests-settled = Answered
requests-none-settled = No request has been answered yet.
requests-none-waiting = Nobody asks to join. The form is [[here]], for passing on.
applications-title = Open to objections
applications-text = People whom any co-op of the consortium is bringing in. An objection turns it into a proposal.
applications-none = No application is open to objections.
objection-line = { $by } objects: { $reason }
object = Object
object-reason = Why you object
object-hint = Everybody reads it. It becomes the beginning of a proposal.
roll-intro = The members whom your co-op brought in. Endings take effect with notice, stay on the record, and never change a vote already cast.
roll-list = Members
roll-none = Your co-op has brought in nobody yet. Begin with the [[requests]].
reinstate = Reinstate
end-title = End or suspend a membership
end-member = Who
end-member-hint = The member’s id, as in the address of the member’s page.
end-status = How
end-suspended = Suspend
end-suspended-hint = The member keeps its place and cannot vote on what opens meanwhile.
end-withdrawn = Withdraw
end-withdrawn-hint = The member leaves of its own will.
end-lapsed = Lapse
end-lapsed-hint = The membership has run out.
end-effective = From
end-effective-hint = A day; leave it empty for at once.
end-reason-hint = It stays on the roll’s record.
end-do = Put it on the record
mandate-give-title = Give a mandate
mandate-organisation = Organisation
mandate-holder = Who acts for it
mandate-holder-hint = The id of a member, or of somebody with an account here.
mandate-name = Name to show
mandate-name-hint = As it is shown beside the organisation.
mandate-give = Give the mandate
mandate-end = End it
mandates-no-organisation = No organisation is on your co-op’s part of the roll.
invitation-title = An invitation
invitation-intro = { $count ->
    [one] { $from } has written this charter. Read it; it is in force once its party has accepted it.
   *[other] { $from } has written this charter. Read it; it is in force once all { $count } parties have accepted it.
  }
invitation-parties = The founding parties
accept-title = Accept for your co-op
accept-text = With this, { $node } accepts the charter in exactly this version: { $digest }. It is signed and cannot be taken back.
accept-do = Accept the charter
decline-text = Or decline: the invitation disappears here, and nobody is told.
decline-do = Decline
accept-done = { $node } has accepted it.
notice-intro = { $count ->
    [one] It is signed and goes to one other party.
   *[other] It is signed and goes to all { $count } other parties.
  }
notice-subject = Subject
notice-text = What happened
notice-text-hint = What stops you, since when, for how long, and which of your tasks others would have to take over.
notice-send = Send the notice
