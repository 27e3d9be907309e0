# English. What the rules refuse, and what is wrong with a charter: each message is a whole sentence.
# The part of the key after the area is the code of the refusal; all that it names arrives as an argument.

## Ballots
unfit-ballot-not-a-ballot = This is not a ballot signed with a member's key.
unfit-ballot-other-consortium = The ballot belongs to another consortium.
unfit-ballot-other-epoch = The ballot names epoch { $named }; this vote was opened in epoch { $vote }.
unfit-ballot-other-version = The ballot is for another proposal or another version of its text. The version that is open is { $open }.
unfit-ballot-early = Voting has not begun: it opens at { $opens }.
unfit-ballot-late = Voting is over: it closed at { $closes }.
unfit-ballot-not-on-the-roll = Nobody with this key was on the roll when it was frozen for this vote.
unfit-ballot-joined-later = { $member } joined after the roll was frozen for this vote.
unfit-ballot-suspended = { $member } was suspended when the roll was frozen for this vote.
unfit-ballot-ended = The membership of { $member } had ended when the roll was frozen for this vote.
unfit-ballot-no-vote = Members of the class { $class } do not vote.
unfit-ballot-wrong-key = This is not the key with which { $member } was on the roll when it was frozen.
unfit-ballot-no-mandate = There was no mandate to act for { $organisation } when the roll was frozen.
unfit-ballot-custody-refused = { $custody ->
    [node] A vote of this type does not accept ballots with keys kept by a node.
   *[device] A vote of this type does not accept ballots with keys kept on a device.
  }
unfit-ballot-nothing-chosen = The ballot chooses nothing.
unfit-ballot-too-many-chosen = Only one choice is possible in this vote; the ballot has { $chosen }.
unfit-ballot-unknown-option = The proposal has no choice number { $choice }.
unfit-ballot-choices-unordered = The choices are named in ascending order, each once.
unfit-ballot-block-without-reason = A block needs its ground and its reason.
unfit-ballot-reason-without-block = Only a block carries a reason.
unfit-ballot-unknown-ground = The charter has no ground for blocking called “{ $ground }”.
unfit-ballot-block-text = The reason of a block has 1 to 2000 characters.
unfit-ballot-sequence = The sequence of a ballot is at most 9007199254740991.

## Proposals and their opening
unfit-proposal-id = The address of the proposal is longer than 255 bytes or empty.
unfit-proposal-version = Versions count from 1.
unfit-proposal-title = The title has 1 to 200 characters.
unfit-proposal-text = The text has 1 byte to 64 KiB.
unfit-proposal-unknown-type = The charter has no decision type { $decision_type }.
unfit-proposal-consent-options = A consent vote has exactly the choices agree, abstain, disagree and block.
unfit-proposal-options = A choice has 2 to 50 different options of 1 to 200 characters.
unfit-proposal-reason-missing = A decision of this type ({ $decision_type }) needs a reason of 1 to 2000 characters.
unfit-proposal-reason-uncalled-for = Only a decision that can be challenged carries a reason for its haste.
unfit-proposal-principles = Principles are cited by number from 1 to { $count }, ascending, each once.
unfit-proposal-supersedes = At most 50 different decisions can be replaced at once.
unfit-proposal-review = The review comes after the vote closes.
unfit-proposal-visibility = The charter keeps proposals within the consortium.
unfit-proposal-too-many-effects = A proposal has at most 50 effects.
unfit-proposal-effects-of-choice = Only a consent vote can have effects: a choice between options neither passes nor fails them.
unfit-proposal-effect-not-allowed = A decision of the type { $decision_type } may not do this by itself.
# What is wrong with the effect, in the words of the last section
unfit-proposal-effect = { $problem }
unfit-proposal-proposer-unknown = { $member } is not a member in force.
unfit-proposal-proposer-elsewhere = { $member } is on the roll of another node.
unfit-proposal-may-not-call = Members of the class { $class } cannot call a decision of the type { $decision_type }.
unfit-proposal-not-ratified = Parties that have not accepted the charter yet: { $missing }. Until they have, nothing else can be decided.
unfit-proposal-not-an-opening = This is not the opening of a proposal.
unfit-proposal-other-consortium = The proposal belongs to another consortium.
unfit-proposal-other-epoch = The proposal names epoch { $named }; epoch { $current } is meant.
unfit-proposal-not-a-party = The node that opens the vote is not a party.
unfit-proposal-other-rules = The rules in the opening are not those of the charter.
unfit-proposal-too-short = A vote of the type { $decision_type } lasts at least { $least } seconds; this one has { $seconds }.
unfit-proposal-too-long = A vote lasts at most a year.
unfit-proposal-certified-late = The opening was not certified before the vote opened at { $opens }.
unfit-proposal-foreign-journal = The cut names { $journal }, which is not a journal of this epoch, or names it out of order.
unfit-proposal-cut-too-young = The cut of { $journal } was certified later than { $latest }.
unfit-proposal-cut-stale = The cut of { $journal } leaves out entries that were certified early enough to count.
unfit-proposal-cut-beyond-end = The journal { $journal } was frozen at { $frozen_at } and cannot be cut beyond.
unfit-proposal-other-electorate = The electorate named in the opening is not what the cut yields.
unfit-proposal-no-electorate = Nobody on the roll could vote.

## A value typed for the charter
unfit-amendment-no-place = The charter has no place { $path }.
unfit-amendment-other-shape = The value does not fit this place of the charter.
unfit-amendment-duration = Give a duration, such as 3 days or 36 hours.
unfit-amendment-number = Give a whole number.
unfit-amendment-threshold = Write “at least 2/3” or “more than 1/2”.
unfit-amendment-json = Give the value as JSON.

## Charters, founding documents and effects
unfit-charter-line = A text of 1 to { $most } characters is expected.
unfit-charter-entries = { $least } to { $most } entries are expected.
unfit-charter-id = An id has 1 to 40 characters out of a-z, 0-9, - _ and full stop.
unfit-charter-id-twice = This id is used twice.
unfit-charter-no-class = There is no class { $class }.
unfit-charter-class-twice = A class is named twice.
unfit-charter-version = Versions count from 1.
unfit-charter-handle = A handle has 1 to 30 characters out of a-z, 0-9 and _.
unfit-charter-language = A language tag such as en is expected.
unfit-charter-terms = Terms and conditions of at most 64 KiB are needed: applicants agree to them.
unfit-charter-principles = 1 to 99 principles are expected.
unfit-charter-article-text = An article has at most 64 KiB.
unfit-charter-governs-nothing = It governs { $setting }, which is no setting.
unfit-charter-strength = A strength lies between 0 and 1.
unfit-charter-quorum = A quorum lies between 0 and 1.
unfit-charter-strength-without-vote = A class that does not vote has no strength.
unfit-charter-right-twice = A right is named twice.
unfit-charter-person-sponsors = Only organisations sponsor members: they run the node.
unfit-charter-strengths = The strengths of all classes make { $sum }, not 1.
unfit-charter-nobody-proposes = No class has the right to propose: the charter could never be changed.
unfit-charter-nothing-amends = No decision type may amend the charter: it could never be changed.
unfit-charter-vote-seconds = A vote lasts between { $least } seconds and a year; { $seconds } seconds is outside.
unfit-charter-threshold = A threshold lies between 0 and 1.
unfit-charter-threshold-unreachable = More than everything can never be reached.
unfit-charter-threshold-of-nothing = At least nothing would pass without anybody agreeing.
unfit-charter-caller-cannot-propose = The class { $class } cannot propose.
unfit-charter-no-custody = No ballot would be accepted.
unfit-charter-no-article = There is no article { $article }.
unfit-charter-no-type = There is no decision type { $decision_type }.
unfit-charter-converts-to-itself = A type cannot be converted to itself.
unfit-charter-challenged-again = A converted vote cannot be challenged again.
unfit-charter-challenge-shortens = A challenge never shortens a vote.
unfit-charter-challenge-forbids = What the challenged type may do, the type that it is converted to may do as well.
unfit-charter-ground = A ground has 1 to { $most } characters.
unfit-charter-ground-twice = A ground is named twice.
unfit-charter-override = A share above 0 and up to 1 is expected.
unfit-charter-seconds = Between { $least } seconds and a year is expected; { $seconds } is outside.
unfit-charter-person-objects = Organisations object: an objection is signed by their node.
unfit-charter-currency = A currency code such as EUR is expected.
unfit-charter-amount = A whole number from 0 to 1,000,000,000 is expected.
unfit-charter-most-below-least = The most is less than the least.
unfit-charter-share = A share lies between 0 and 1.
unfit-charter-validators = 1 to 50 validators are expected.
unfit-charter-no-setting = It marks a setting that does not exist.
unfit-charter-marked-twice = It is marked twice.
unfit-charter-other-base = The amendment was written for another version of the charter than the one in force.
unfit-charter-version-skipped = An amended charter carries the version number that follows the one in force.
unfit-charter-last-party = The last party cannot be removed.
unfit-charter-key-used = This key is or was the key of a party.
unfit-charter-not-a-party = { $node } is not a party.
unfit-charter-no-party = A consortium has at least one party.
unfit-charter-parties = A consortium has at most { $most } parties.
unfit-charter-party-name = A party's name has 1 to 200 characters.
unfit-charter-party-name-twice = Two parties are called { $name }.
unfit-charter-party-node-twice = Two parties have the node { $node }.
unfit-charter-party-key-twice = Two parties have the key { $key }.
unfit-charter-member-twice = Two founding members have this id.
unfit-charter-member-name = A member's name has at most 200 characters.
unfit-charter-founding-person = Only organisations are founding members.
unfit-charter-unknown-class = The charter has no class { $class }.
unfit-charter-unknown-level = The class { $class } has no level { $level }.
unfit-charter-sponsor-not-a-party = The sponsor { $sponsor } is not a party.
