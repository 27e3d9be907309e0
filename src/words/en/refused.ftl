# English. What people are told when something is refused or fails; each message is a whole sentence.
# { $detail } is what a library or another node says about it, in English. Names, ids and times arrive as arguments.

## Titles of a problem
title-refused = This cannot be done
title-too-often = Too often
title-missing = Not found
title-sign-in = Sign in first
title-forbidden = Not allowed
title-peer = Another node does not answer
title-disk-full = The node's disk is full
title-database-away = The node cannot reach its database
title-database-busy = The node is busy
title-database-unsure = The node lost its database while it saved
title-fault = Something went wrong in this node
title-busy = The node is too busy
title-too-large = Too much at once
title-slow = Too slow
title-body = The body cannot be read
title-method = Not this way
title-query = The address asks for something unknown
title-media-type = Not JSON
title-shape = Not the expected JSON
title-json = This is not usable JSON
title-activity = This is not an activity
title-signature = The request is not signed as it must be
title-resource = No such form
title-no-consortium = No consortium yet
title-long = Too long

## What failed, and what to do
failed-sign-in = This needs somebody who is signed in at this node.
failed-disk-full = Nothing was saved. Tell the people who run this node, and try again once there is room.
failed-database-away = Nothing was saved. Try again in a minute.
failed-database-busy = Nothing was saved. Try again in a minute.
failed-database-unsure = It may or may not have been saved. Look in a minute whether it is there before you try again.
failed-fault = Nothing was saved. The people who run this node find the reason in its log.
failed-busy = The answer took too long. Look whether it was done before you try again.
failed-too-large = At most { $limit } bytes are read.
failed-slow = The rest of the request did not arrive in time. Nothing was done; send it again.
failed-body = The request broke off before its end.
failed-method = This address is not asked with this method; the header Allow says which it knows.
failed-query = What stands behind the question mark cannot be read. { $detail }.
failed-media-type = Send JSON, with the header Content-Type: application/json.
failed-utf8 = The text is not UTF-8: byte { $position } is out of place.
failed-json = This JSON is not read: { $detail }.
failed-shape = The JSON does not have the expected shape: { $detail }.
failed-shape-object = The JSON does not have the expected shape: it is not an object.
failed-activity = An activity is a JSON object.
failed-signature = The signature is not accepted: { $detail }.
failed-resource = Ask with ?resource=acct:NAME@HOST or with the address of an actor.
failed-no-consortium = This node belongs to no consortium yet: its stewards found one, or accept an invitation.
failed-long = What was sent is too long. Go back, shorten it and send it again.
failed-peer = { $node } cannot be asked: { $detail }.
failed-peer-answer = { $node } gave an answer that cannot be used: { $detail }.
failed-peer-page = { $node } answered with another page.

## What is not there
missing-page = This page was not found here.
missing-address = This address was not found here.
missing-api-address = This address of the API was not found here.
missing-file = This file was not found here.
missing-account = This account was not found here.
missing-login = An account with this login was not found here.
missing-member = This member was not found here.
missing-roll-entry = This member's entry was not found here.
missing-organisation = This organisation was not found here.
missing-mandate = This mandate was not found here.
missing-token = This token was not found here.
missing-request = This request was not found here.
missing-application = This application was not found here.
missing-invitation = This invitation was not found here.
missing-consortium = A consortium was not found here.
missing-proposal = This proposal was not found here.
missing-contribution = The contribution that this answers was not found here.
missing-decision-type = This decision type was not found here.
missing-vote = This vote was not found here.
missing-vote-of-proposal = The vote of this proposal was not found here.
missing-vote-of-ballot = The vote that this ballot names was not found here.
missing-opening = The opening of this vote was not found here.
missing-opening-proof = The proof that this vote was announced in time was not found here.
missing-epoch-of-vote = The vote's epoch was not found here.
missing-roll-of-vote = The roll of this vote was not found here.
missing-seat = This seat was not found here.
missing-ballot = This ballot was not found here.
missing-voter = Its voter was not found here.
missing-receipt = This receipt was not found here.
missing-receipt-of-ballot = The receipt of this ballot was not found here.
missing-count = The count was not found here.
missing-count-of-decision = The count of this decision was not found here.
missing-decision = This decision was not found here.
missing-proposal-of-decision = Its proposal was not found here.
missing-proposal-of-ballot = Its proposal was not found here.
missing-statement = This statement was not found here.
missing-journal = This journal was not found here.
missing-checkpoint = This checkpoint was not found here.
missing-version = This version was not found here.

## What somebody has no right to
forbidden-not-a-steward = Only a steward of this node can do this.
forbidden-roll-elsewhere = A member's own node keeps its place on the roll.
forbidden-mandate-elsewhere = Mandates are given at the organisation's own node.
forbidden-vote-elsewhere = Only the node that opened the vote can do this.
forbidden-not-the-proposer = Only the proposer, or a steward of the proposer's node, can do this.
forbidden-challenge = Another party whose members may call such a vote has to contest it.
forbidden-not-a-party = This node is not a party.
forbidden-foreign-node = Only nodes of the consortium may send this.
forbidden-not-of-the-consortium = This is kept within the consortium: its members read it, and who acts for one.
forbidden-stale-form = The page with this form is too old, or was opened before you logged in. Go back, load it again and send it once more; nothing was done.

## Accounts and signing in
refused-password = A password has { $least } to { $most } characters.
refused-sign-in-crowd = Too many people are signing in just now. Try again in a minute.
refused-sign-in-tries = Too many wrong passwords. Wait a quarter of an hour and try again.
refused-sign-in = Login and password do not go together. Check both and try again.
refused-login = A login has 1 to 64 of a-z, 0-9, dot, hyphen and underscore.
refused-login-taken = This login is taken.
refused-login-taken-choose = This login is taken; choose another.
refused-account-name = A name is one line of at most 200 characters.
refused-account-person = Somebody is known here as { $person } already. Say which member id this account is for, or choose another login.
refused-account-half = An account needs both a login and a password.
refused-last-steward = This is the only steward: make another one first.
refused-last-steward-account = This is the only steward: make somebody else a steward first.
refused-key = This is no key. It begins with did:key: and stands in the file beside the secret one.

## Joining
refused-terms = Agree to the terms and conditions as they are now.
refused-request-name = Give your name: one line, at most 200 characters.
refused-request-text = Write why you want to join, at most 4,000 characters.
refused-request-commitment = Say what you commit to contribute, at most 1,000 characters.
refused-request-class = Choose one of the membership classes.
refused-request-level = Choose one of the levels of this class.
refused-request-reason = Say why, so that the applicant knows; at most 1,000 characters.
refused-request-settled = This request has been answered already.
refused-requests-waiting = Too many requests are waiting here. Try again once the stewards have answered some.
refused-requests-flood = Too many requests to join came from your address today. Try again tomorrow, or write to the stewards.
refused-member-id-asked = Somebody else asks to join under this member id.
refused-member-id-taken = Somebody with this member id is on the roll already.
refused-member-id-held = Somebody acts under this member id already; choose another.
refused-objection-reason = Say why you object, at most 2,000 characters.

## The roll and mandates
refused-member = Choose a member.
refused-end-status = Choose what happens to the membership.
refused-end-day = Give a day, such as 2026-12-01.
refused-roll-reason = Give the reason, at most 1,000 characters.
refused-roll-past = A change of the roll cannot lie in the past.
refused-membership-ended = This membership has ended already.
refused-suspended = This membership is suspended: a steward has to lift the suspension first.
refused-suspension-coming = A suspension is planned for { $time }: it can be lifted from then on.
refused-not-suspended = This member is not suspended.
refused-organisation-by-decision = An organisation is suspended, ended or taken back by a decision: put it to the vote.
refused-mandate-organisation = Choose the organisation.
refused-mandate-holder = Choose who acts for it.
refused-mandate-name = A name has at most 200 characters.
refused-mandate-of-person = Only organisations give mandates; a person votes in person.

## The consortium
refused-no-consortium = This node belongs to no consortium yet: found one or accept an invitation.
refused-one-consortium = This node already belongs to a consortium.
refused-not-ratified = The charter is not in force yet: nothing binding can be decided before every founding party accepted it.
refused-not-a-party = This node is not a party of the consortium any more; it cannot publish.
refused-node-address = { $address } is not the address of a node.
# One or several sentences about what is wrong, each with the place where it is
refused-charter = { $problems }
refused-charter-place = { $place }: { $problem }
refused-genesis-long = The founding document is too long.
refused-genesis-unreadable = The founding document cannot be read: { $detail }
refused-not-invited = The founding document does not name this node with its key.
refused-inviter = Only a founding party can invite.
refused-other-consortium = The node at that address belongs to another consortium, or to none yet.
refused-same-key = This node is a party with this very key. If it lost its database, run `folkmoot recover` to retire the key.
refused-notice = Give a subject (at most 200 characters) and a text (at most 5,000).

## Proposals
refused-proposal-elsewhere = This proposal is looked after at { $node }.
refused-frozen = Its vote was opened: the text can no longer change.
refused-void = Its vote could not be opened here, though other nodes may have seen it open: write a new proposal with this text.
refused-other-proposer = { $proposer } has proposed this.
refused-proposer = Choose who proposes.
refused-no-mandate = You have no mandate to act for { $member }.
refused-act-elsewhere = Act for { $member } at its own node, { $node }.
refused-not-a-member = You are not on the roll, and you act for nobody who is.
refused-wider-visibility = Its earlier versions and its thread are for the consortium alone and would be shown with it: write a new proposal for everybody.
refused-effects = What it does by itself cannot be read: start it again.
refused-review-day = Give a day, such as 2027-11-01.
refused-comment-text = Write something, at most 5,000 characters.
refused-pace = You wrote { $most } times within the hour; everybody keeps all of it for ever. Go on a little later.

## An open vote
refused-draft = This proposal is a draft: it can be discussed, and voted on once it is opened.
refused-draft-of-seats = The vote on this proposal is not open.
refused-draft-of-count = Its vote is not open; there is nothing to count.
refused-vote-not-open = Its vote is not open.
refused-vote-unsettled = It is not certain yet that this vote was announced in time. Try again in a minute.
refused-vote-void = This vote could not be opened; nothing is counted in it.
refused-voting-over = Voting is over.
refused-closes-time = Give the day and the time at which voting closes.
refused-closes-both = Give either the time of closing or the seconds of voting, not both.
refused-shorter = A vote can be extended, never shortened.
refused-not-urgent = Only the call of an urgent vote can be contested.
refused-deed-reason = Give the reason, at most 2,000 characters: everybody will read it.

## Ballots and receipts
refused-not-a-ballot = This is not a ballot.
refused-ballot-unusable = The ballot cannot be used: { $detail }.
refused-ballot-clock = This ballot is dated far ahead. Set the clock of the device that signed it, and vote again.
refused-ballot-sequence = The sequence of this ballot is too high. Take the time in seconds since 1970, or one more than your last ballot has.
refused-ballot-last = A ballot for { $member } has the highest sequence that there is, so none can replace it. It was signed with the key of a mandate: ask who holds one.
refused-ballots-most = This vote was changed { $most } times; the last ballot stays.
refused-voter = Choose for whom you vote.
refused-which-member = You act for several members: choose for which one you vote.
refused-vote-elsewhere = Vote for { $member } at its own node, { $node }.
refused-own-key = This member's key is kept on an own device: vote with `folkmoot vote --key`, at any node.
refused-unknown-option = “{ $choice }” is not a choice of this vote. Choose: { $choices }.
refused-seat = This member was not on the roll when it was frozen for this vote.
refused-not-a-receipt = This is not a receipt.
refused-receipt-unusable = The receipt cannot be used: { $detail }.
refused-receipt-other-ballot = The receipt is for another ballot.
refused-receipt-other-consortium = The receipt belongs to another consortium.
refused-receipt-not-by-a-node = The receipt is not by a node.
refused-receipt-not-by-a-party = The receipt is not by a party of its epoch.
refused-receipt-foreign-journal = The receipt promises a place in the journal of somebody else.

## Decisions
refused-ambiguous = More than one decision has the number { $number }. Ask for one of them by its key: { $keys }.

## Between nodes
refused-statement = The statement cannot be used: { $detail }.
refused-statement-alone = Only closing messages travel alone.
refused-page = The page of a journal cannot be used: { $detail }.
refused-journal-of-nobody = This journal belongs to no party of the consortium.
refused-own-journal = This node writes its own journal itself.
refused-checkpoint = The checkpoint cannot be used: { $detail }.
refused-checkpoint-journal = The checkpoint cannot be used: it is of another journal.
refused-checkpoint-unsigned = The checkpoint cannot be used: its node did not sign it.
refused-entry = Entry { $position } cannot be used: { $detail }.
refused-entry-withheld = Entry { $position } came without its statement.
refused-entry-clock = Entry { $position } is dated { $time }: check the clocks.
refused-entry-rewritten = Entry { $position } differs from the one stored here: a journal is never rewritten.
refused-entries-unproven = These entries go with no checkpoint of the journal's own node: send as far as one goes.
refused-branch-uncertified = Another branch of a journal is taken only if a quorum of the parties has cosigned it.
refused-two-faces = The checkpoint's root is not that of the leaves: the journal shows two faces.
refused-not-a-closing-message = This is not a closing message.
refused-proposal-of-no-use = This proposal is of no use here: it is here already, is not what was asked for, or its cut does not give its value.
refused-closing-message = The message cannot be used: { $detail }.
refused-closing-early = The vote is still open here.
refused-vote-not-open-here = This node has not seen this vote open.
