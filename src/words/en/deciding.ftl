# English. Each message is a whole sentence or a whole label; translators may turn everything around.
# [[…]] marks the words of a link. Times and names arrive as arguments.

## Proposals
filter-label = Which proposals
filter-current = Open and counting
filter-drafts = Drafts
filter-closed = Closed
filter-all = All
proposals-none-current = No proposal is open. Anyone on the roll can [[draft one]].
proposals-none-drafts = There is no draft. A proposal starts as a draft that everybody can read and improve: [[write the first]].
proposals-none-closed = No vote has closed yet.
proposals-none-all = There is no proposal yet. Anyone on the roll can [[draft one]].
draft-by = A draft by { $proposer }
votes-of = { $cast } of { $eligible } have voted
comments = { $count ->
    [0] No comment yet
    [one] 1 comment
   *[other] { $count } comments
  }
you-voted = You have voted

## One proposal
brought-by = Brought by { $proposer }
decided-as = It became [[decision { $number }]].
draft-lead = A draft. Its text can still change; nobody votes on it yet.
lead-passed = Voting has closed.
lead-not-passed = Voting has closed.
lead-contested = The result is contested.
lead-withdrawn = The proposer took it back before voting closed.
lead-uncertified = Too few nodes answered in time. The assembly settles it, as the charter says.
# What was asked of an open vote
call-extend = { $by } extends the vote until { $until }. The reason: { $reason }
call-challenge = { $by } challenges the urgent call: it is to go on as a regular decision. The reason: { $reason }
call-withdraw = { $by } takes the proposal back. The reason: { $reason }
urgent-reason = Why it cannot wait: { $reason }
text-label = Text of the proposal
options-title = The options
effects-title = What happens by itself if it passes
effect-admit-member = { $name } joins the roll ({ $detail })
effect-end-member = { $detail ->
    [suspended] { $name } leaves the roll (suspended)
    [lapsed] { $name } leaves the roll (lapsed)
   *[withdrawn] { $name } leaves the roll (withdrawn)
  }
effect-amend-charter = The charter becomes version { $name }:
change-set = { $place }: { $old } → { $new }
change-new = { $place }: { $new } (new)
change-gone = { $place }: { $old } (no longer)
effect-admit-party = { $name } joins with a node of its own ({ $detail })
effect-change-key = The node of { $name } gets a new key ({ $detail })
effect-remove-party = { $name } leaves the consortium ({ $detail })
would-supersede = It would replace [[{ $name }]].
cites-principle = It cites the principle “{ $principle }”.
visible-consortium = Only members of the consortium can read it.
do-edit = Edit the draft
do-open = Put it to the vote
do-extend = Extend the vote
do-challenge = Challenge the urgent call
do-withdraw = Take it back
rules-summary = How it is counted
rule-threshold = { $strict ->
    [true] { $share ->
        [half] It passes when more than half of the weighted vote agrees (article { $article }).
        [two-thirds] It passes when more than two thirds of the weighted vote agree (article { $article }).
        [three-quarters] It passes when more than three quarters of the weighted vote agree (article { $article }).
       *[other] It passes when more than { $fraction } of the weighted vote agrees (article { $article }).
      }
   *[false] { $share ->
        [half] It passes when at least half of the weighted vote agrees (article { $article }).
        [two-thirds] It passes when at least two thirds of the weighted vote agree (article { $article }).
        [three-quarters] It passes when at least three quarters of the weighted vote agree (article { $article }).
       *[other] It passes when at least { $fraction } of the weighted vote agrees (article { $article }).
      }
  }
rule-blocks = { $share ->
    [half] A block stops it, unless at least half of the weighted vote agrees.
    [two-thirds] A block stops it, unless at least two thirds of the weighted vote agree.
    [three-quarters] A block stops it, unless at least three quarters of the weighted vote agree.
   *[other] A block stops it, unless at least { $fraction } of the weighted vote agrees.
  }
rule-empty-class-redistribute = If nobody of a class says yes or no, the other classes share its strength in proportion.
rule-empty-class-lapse = If nobody of a class says yes or no, its strength is lost.
rule-empty-class-block = If nobody of a class says yes or no, the proposal does not pass.
rule-duration = Voting lasts at least { $duration }. Nobody can close it earlier.
rule-frozen = The text and the list of voters were frozen when voting opened.
binds-to = Ballots bind to this version: { $digest }
versions-summary = { $version ->
    [one] Version 1, the first
   *[other] Version { $version }, and what changed
  }
version-title = Version { $number }, { $time }
version-first = The first version.
lines-skipped = { $count ->
    [one] One line without change
   *[other] { $count } lines without change
  }

## The ballot
your-vote = Your vote
cast-my-vote = Cast my vote
vote-as = For whom do you vote?
voter-self = { $name }, as yourself ({ $class })
voter-mandate = { $name }, by mandate ({ $class })
cast-before = Cast: { $words }, { $time }. [[Receipt]]
choice-legend-consent = What do you say?
choice-legend-single-choice = Choose one
choice-legend-approval = Choose all that you can support
choice-agree = Agree
choice-agree-hint = I am for it.
choice-abstain = Abstain
choice-abstain-hint = I leave it to the others. It counts for the quorum only.
choice-disagree = Disagree
choice-disagree-hint = I am against it, and go along if the others decide it.
choice-block = Block
choice-block-hint = It must not happen like this, and I say why.
block-ground = Ground of the block
block-text = What would have to change?
block-text-hint = Everybody reads this. It helps the others to address your objection.
ballot-change = You can change your vote until voting closes; the last ballot counts. How each member voted is part of the record.
ballot-trust = Your node signs for you, so you trust it to pass on what you say; the receipt lets you check. With [[a key of your own]] you need not trust it.
ballot-log-in = [[Log in to vote]]. Whoever is on the roll can vote here.
ballot-not-on-roll = You are not on the roll of this vote. It was frozen before voting opened; whoever joins later votes on what opens later. [[See the roll]]
ballot-own-device = Your key is on a device of your own, so only you can sign. Cast your ballot there with:
own-device-consent = In place of CHOICE write one of these:
own-device-single-choice = In place of CHOICE write one of these:
own-device-approval = In place of CHOICE write one of these; repeat “--choice” for each that you can support:
own-device-block = A block also says “--reason” and, with “--ground”, one of these:
ballot-void = The vote could not be opened here. Whoever proposed this writes a new proposal with the same text.
ballot-draft = Voting has not been opened. Say in the thread what you think of the draft.
ballot-closed = Voting has closed.
counting-title = The nodes are counting
counting-text = Each of the { $count } nodes counts for itself. The result stands once { $needed } of them have signed the same.

# Why there is no certified result yet; sentences that follow each other
closing-settling = Voting is over. Until { $time } the nodes cosign the ballots that were cast in time.
closing-freezing = Voting is over. Messages under way may arrive until { $time }; then every node counts what it has seen.
closing-awaited = Not certified yet: { $answered } of { $total } nodes have answered, and { $quorum } must agree on the count.
closing-comparing = Not certified yet: { $answered } of { $total } nodes answer, enough for the { $quorum } that must agree; they are comparing their counts in round { $round }.
closing-missing = Not heard from: { $nodes }.
closing-abandoned = It has been so for too long: { $recovery }

## The count
count-title = The count
count-title-provisional = The count so far
percent = { $percent } %
class-silent = { $class }: nobody yet.
class-agrees = { $class }: { $agree } of { $decided } agree.
verdict-passes = { $strict ->
    [true] { $share ->
        [half] More than half of the weighted vote agrees ({ $percent } %) and nobody blocks: it passes.
        [two-thirds] More than two thirds of the weighted vote agree ({ $percent } %) and nobody blocks: it passes.
       *[other] More than { $fraction } of the weighted vote agrees ({ $percent } %) and nobody blocks: it passes.
      }
   *[false] { $share ->
        [half] At least half of the weighted vote agrees ({ $percent } %) and nobody blocks: it passes.
        [two-thirds] At least two thirds of the weighted vote agree ({ $percent } %) and nobody blocks: it passes.
       *[other] At least { $fraction } of the weighted vote agrees ({ $percent } %) and nobody blocks: it passes.
      }
  }
verdict-passes-over-blocks = { $blocks ->
    [one] { $percent } % of the weighted vote agrees. That is enough to overrule one block. It passes.
   *[other] { $percent } % of the weighted vote agrees. That is enough to overrule { $blocks } blocks. It passes.
  }
verdict-not-enough = { $strict ->
    [true] { $share ->
        [half] { $percent } % of the weighted vote agrees, more than half is needed: it does not pass.
        [two-thirds] { $percent } % of the weighted vote agrees, more than two thirds are needed: it does not pass.
       *[other] { $percent } % of the weighted vote agrees, more than { $fraction } is needed: it does not pass.
      }
   *[false] { $share ->
        [half] { $percent } % of the weighted vote agrees, at least half is needed: it does not pass.
        [two-thirds] { $percent } % of the weighted vote agrees, at least two thirds are needed: it does not pass.
       *[other] { $percent } % of the weighted vote agrees, at least { $fraction } is needed: it does not pass.
      }
  }
verdict-tie = As much of the weighted vote agrees as disagrees. A tie does not pass.
verdict-blocked = { $blocks ->
    [one] { $percent } % of the weighted vote agrees, and one block stands. It does not pass.
   *[other] { $percent } % of the weighted vote agrees, and { $blocks } blocks stand. It does not pass.
  }
verdict-no-quorum = Too few members of a class took part. It does not pass.
verdict-class-missing = Nobody of a class said yes or no, and the charter asks for every class. It does not pass.
verdict-nobody-voted = Nobody agreed or disagreed. It does not pass.
so-far-passes = So far { $percent } % of the weighted vote agrees and nobody blocks. As it stands, it would pass.
so-far-passes-over-blocks = { $blocks ->
    [one] So far { $percent } % of the weighted vote agrees, enough to overrule one block. As it stands, it would pass.
   *[other] So far { $percent } % of the weighted vote agrees, enough to overrule { $blocks } blocks. As it stands, it would pass.
  }
so-far-not-enough = So far { $percent } % of the weighted vote agrees. As it stands, it would not pass.
so-far-tie = So far as much of the weighted vote agrees as disagrees. A tie does not pass.
so-far-blocked = { $blocks ->
    [one] So far { $percent } % of the weighted vote agrees, and one block stands. As it stands, it would not pass.
   *[other] So far { $percent } % of the weighted vote agrees, and { $blocks } blocks stand. As it stands, it would not pass.
  }
so-far-no-quorum = So far too few members of a class have taken part.
so-far-class-missing = So far nobody of a class has said yes or no, and the charter asks for every class.
so-far-nobody-voted = Nobody has said yes or no yet.
# For a choice between options. “” stand around $options already; where several lead, “ = ” stands between them.
verdict-choice-passes = “{ $options }” is chosen, with { $percent } % of the weighted vote.
verdict-choice-not-enough = { $strict ->
    [true] { $share ->
        [half] “{ $options }” leads with { $percent } % of the weighted vote; more than half is needed. Nothing is chosen.
        [two-thirds] “{ $options }” leads with { $percent } % of the weighted vote; more than two thirds are needed. Nothing is chosen.
       *[other] “{ $options }” leads with { $percent } % of the weighted vote; more than { $fraction } is needed. Nothing is chosen.
      }
   *[false] { $share ->
        [half] “{ $options }” leads with { $percent } % of the weighted vote; at least half is needed. Nothing is chosen.
        [two-thirds] “{ $options }” leads with { $percent } % of the weighted vote; at least two thirds are needed. Nothing is chosen.
       *[other] “{ $options }” leads with { $percent } % of the weighted vote; at least { $fraction } is needed. Nothing is chosen.
      }
  }
verdict-choice-tie = “{ $options }”: they lead together with { $percent } % of the weighted vote. A tie stays a tie, and nothing is chosen.
verdict-choice-no-quorum = Too few members of a class took part. Nothing is chosen.
verdict-choice-class-missing = Nobody of a class voted, and the charter asks for every class. Nothing is chosen.
verdict-choice-nobody-voted = Nobody voted. Nothing is chosen.
so-far-choice-passes = So far “{ $options }” leads with { $percent } % of the weighted vote. As it stands, it would be chosen.
so-far-choice-not-enough = So far “{ $options }” leads with { $percent } % of the weighted vote. As it stands, that would not be enough.
so-far-choice-tie = So far “{ $options }” lead together with { $percent } % of the weighted vote.
so-far-choice-no-quorum = So far too few members of a class have taken part.
so-far-choice-class-missing = So far nobody of a class has voted, and the charter asks for every class.
so-far-choice-nobody-voted = Nobody has voted yet.
chart-options-title = The weighted vote for each option
option-has = { $option } has { $percent } %.
chart-title = The weighted vote
chart-whole = The whole vote
chart-whole-result = { $percent } % agrees
chart-mark = { $share ->
    [half] A mark stands at one half.
    [two-thirds] A mark stands at two thirds.
   *[other] A mark stands at { $fraction }.
  }
chart-threshold = { $strict ->
    [true] { $share ->
        [half] more than half is needed
        [two-thirds] more than two thirds are needed
       *[other] more than { $fraction } is needed
      }
   *[false] { $share ->
        [half] at least half is needed
        [two-thirds] at least two thirds are needed
       *[other] at least { $fraction } is needed
      }
  }
chart-key = The height of a bar is the strength of its class.
table-summary = The count as a table
table-caption = Votes by class of members
col-class = Class
col-eligible = Can vote
col-cast = Voted
col-agree = Agree
col-disagree = Disagree
col-abstain = Abstain
col-block = Block
col-share = Share
col-strength = Strength
strength-was = (otherwise { $strength })
options-caption = Votes for each option
col-option = Option
col-weighted = Weighted
option-wins = Chosen
option-leads = Leads
blocks-title = { $count ->
    [one] One block stands
   *[other] { $count } blocks stand
  }
readings-summary = The exact fraction, and other ways to read it
sum-intro = Strength of each class times its share of agreement, added up:
readings-intro = The same votes, read in other ways:
col-reading = Reading
col-result = Result
col-verdict = Passes
reading-redistribute = A class that said nothing shares out its strength
reading-lapse = A class that said nothing loses its strength
reading-head-count = One head, one vote, without classes
reading-ours = (the charter’s)
reading-passes = yes
reading-fails = no

## The thread
thread-title = What others say
thread-none = Nobody has said anything yet. Questions are welcome too.
thread-follow = You can answer from any fediverse account, or log in and write here.
comment-label = Say something
comment-hint = Everybody can read it. Markdown works here.
comment-post = Post my comment
answer-summary = Answer { $author }
answer-label = Your answer to { $author }
answer-post = Post my answer
answers = In answer to { $author }

## The way of a proposal
timeline-title = Its way
moment-drafted-past = Drafted on { $time }
moment-drafted-ahead = Drafted on { $time }
moment-opened-past = Voting opened on { $time }
moment-opened-ahead = Voting opens on { $time }
moment-closes-past = Voting closed on { $time }
moment-closes-ahead = Voting closes on { $time }
moment-result-past = Result expected since { $time }
moment-result-ahead = Result expected on { $time }
moment-certified-past = Certified on { $time }
moment-certified-ahead = Certified on { $time }

## Decisions
decision-number = Decision { $number }
decision-title = Decision { $number }: { $title }
superseded-by = Replaced by [[decision { $number }]]
supersedes = Replaces [[decision { $number }]]
why-title-yes = Why it passed
why-title-no = Why it did not pass
see-charter = The articles stand in the [[charter]].
decided-text = What was decided on
see-proposal = The proposal with its thread and versions
follows-title = What follows
nodes-agree = { $count ->
    [one] { $agreeing } of 1 node agrees
   *[other] { $agreeing } of { $count } nodes agree
  }
nodes-agree-link = { $count ->
    [one] [[{ $agreeing } of 1 node agrees]]
   *[other] [[{ $agreeing } of { $count } nodes agree]]
  }
agreement-text = Every co-op counted for itself. A result stands once { $needed } nodes have signed the same one.
ring-desc = Each dot is a node. { $needed } of them have to agree.
ring-of = of { $count }
stand-agrees = agrees
stand-silent = silent
stand-fault = at fault
answer-agrees = takes part
answer-silent = not heard yet
answer-fault = at fault
nodes-answer = { $count ->
    [one] { $agreeing } of 1 node has answered
   *[other] { $agreeing } of { $count } nodes have answered
  }
faults-title = { $count ->
    [one] A node broke the rules, and there is proof
   *[other] Nodes broke the rules { $count } times, and there is proof
  }
faults-meaning = The result stands all the same: enough other nodes agree on it. [[See the proof]]
fault-two-votes = { $culprit } signed two different votes in one round of counting.
fault-two-finals = { $culprit } signed two different results in one round of counting.
fault-skip-and-final = { $culprit } signed both that a round ended without a result and that it had one.
fault-fork = { $culprit } showed two journals that contradict each other.
fault-cosignatures = { $culprit } confirmed two states of a journal that contradict each other.
fault-two-ballots = { $culprit } signed two different ballots with the same number. The one with the smaller digest counts.
fault-broken-receipt = { $culprit } gave a receipt for a ballot that is not where it promised.
fault-reported = Reported by { $by } on { $time }.
verify-title = Check it yourself
verify-text = One file holds everything: the charter, the roll, the ballots and the signatures. It can be checked without a network, years from now.
verify-download = Download the decision
verify-run = Check it on your own computer
ballots-csv = Ballots as CSV
ballots-json = Ballots as JSON
digests-summary = Digests, to compare with others
digest-proposal = The proposal
digest-cut = The ballots that were counted
digest-outcome = The outcome
digest-value = What the nodes agreed on
digest-certificate = The certificate

## Receipt
receipt-title = Receipt
vote-is-cast = Your vote is cast
receipt-of = Your vote on “{ $title }”
receipt-words = { $voter }: { $words }. On [[{ $title }]].
receipt-words-mandate = { $voter }, by your mandate: { $words }. On [[{ $title }]].
receipt-change = { $unit ->
    [past] Voting closed on { $time }
    [days] You can change it for { $count } more days ({ $time }). The last ballot counts.
    [hours] You can change it for { $count } more hours ({ $time }). The last ballot counts.
    [minutes] You can change it for { $count } more minutes ({ $time }). The last ballot counts.
   *[seconds] { $count ->
        [one] You can change it for 1 more second ({ $time }). The last ballot counts.
       *[other] You can change it for { $count } more seconds ({ $time }). The last ballot counts.
      }
  }
receipt-replaced = { $count ->
    [one] It replaces one earlier ballot.
   *[other] It replaces { $count } earlier ballots.
  }
way-title = Where your ballot is
way-stored = This node has stored it. The other nodes are fetching it.
way-certified = Enough nodes hold it: nobody can make it disappear.
way-counted = It was counted in the certified result.
way-replaced = A later ballot of yours counts instead.
way-not-counted = The vote was decided without it. Whoever keeps the receipt can prove that it was cast.
receipt-keep = Keep the receipt
receipt-promise = With it { $node } has signed that it took your ballot. Should the ballot ever be missing, the receipt proves it.
receipt-details = For comparing with others
receipt-ballot = Digest of the ballot
receipt-journal = Journal
receipt-position = Position in the journal
receipt-time = Cast at
back-to-proposal = Back to the proposal
# What became of a receipt that somebody presents
promise-kept = The ballot stands where the receipt promised it.
promise-awaited = The journal is not here as far as the promised place yet. Ask again later.
promise-broken = The promise was not kept. The fault is on record and shown to everybody.

## Register
decisions-intro = Everything that was decided, in the order of its number. You can [[subscribe to the feed]].
decisions-list = Register of decisions
search-label = Search in decisions
search = Search
search-none = No decision speaks of “{ $search }”. See [[all of them]].
