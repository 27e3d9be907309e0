# English. Each message is a whole sentence or a whole label; translators may turn everything around.
# [[…]] marks the words of a link. Times and names arrive as arguments.

## Drafting
draft-edit-title = Edit “{ $title }”
draft-intro = A draft is there to be improved: everybody can read and discuss it, and nobody votes on it yet.
draft-intro-edit = What you save becomes a new version. Everybody sees what changed.
draft-nobody = Proposals are brought by members. You are not on the roll of this node, and you act for nobody who is. [[See who is]]
draft-admit = Admit { $name }
draft-proposer = Who brings it?
draft-title = The question in one line
draft-title-hint = What people would agree to: “Rent a second server for the next year”.
draft-text = The proposal
draft-text-hint = What would be done, by whom, until when, what it costs, and what would not be done. Markdown works here.
draft-type = Type of decision
draft-reason = Why it cannot wait
draft-reason-hint = Needed for an urgent decision only. Another member can challenge the call; then it becomes a regular one.
draft-type-hint = { $strict ->
    [true] { $share ->
        [half] At least { $duration }; more than half of the weighted vote has to agree.
       *[other] At least { $duration }; more than { $fraction } of the weighted vote has to agree.
      }
   *[false] { $share ->
        [half] At least { $duration }; at least half of the weighted vote has to agree.
       *[other] At least { $duration }; at least { $fraction } of the weighted vote has to agree.
      }
  }
acting-self = { $name }, as yourself
acting-mandate = { $name }, by mandate
draft-method = How people answer
method-consent = Consent
method-consent-hint = Agree, abstain, disagree, or block with a reason.
method-single-choice = One of several options
method-single-choice-hint = Everybody chooses exactly one.
method-approval = All options that one can support
method-approval-hint = Everybody ticks one or more.
draft-options = The options
draft-options-hint = One on each line. Not needed for consent.
draft-more = Principles, earlier decisions, review, visibility
draft-principles = Principles that it cites
draft-supersedes = Decisions that it replaces
draft-supersedes-others = Earlier decisions that it replaces
draft-supersedes-others-hint = Their numbers in the register, such as 3, 12.
draft-review = Look at it again on
draft-review-hint = A day on which the members are reminded of it.
draft-visibility = Who can read it?
visibility-public = Everybody
visibility-consortium = Members of the consortium only
draft-save = Save the draft
draft-save-hint = You can put it to the vote afterwards.
amend-title = What changes in the charter
amend-text = It is provisional. { $why }
amend-value = New value
amend-now-text = This is the text as it stands. Write what shall stand there instead.
amend-nothing = Nothing stands there yet.
amend-current = It is { $current } now.
problem-title = Ask the question in one line.
problem-text = Say what would be done, by whom, and what it costs.
problem-type = Choose a type of decision.
problem-reason = Say why it cannot wait for a regular decision.
problem-supersedes-many = No more than { $most } decisions can be given by their numbers.
problem-supersedes = Give numbers of decisions in the register, such as 3, 12.
problem-options = Write at least two options, one on each line.
problem-ground = Choose the ground of the block.
problem-choice = Choose your answer.
problem-block-text = Say what would have to change.
problem-name = Give the name that stands on the roll.
problem-place = Choose a class and what you commit to.
problem-request = Write a few lines about why you want to join.
problem-terms = Read the terms and agree to them.
problem-login = Choose the name that you log in with.
problem-password = Choose a password of at least ten characters.
problem-log-in = The name or the password is not right. Check both and try again.
problem-current = This is not your password of now. Type it again.
problem-log-in-wait = There were too many attempts. Wait a few minutes and try again.

## Opening, extending, challenging, withdrawing
open-page-title = Put it to the vote
open-page-intro = From here on the text (version { $version }) and the list of voters are frozen.
open-electorate = Who can vote
class-size = { $count ->
    [one] { $class }: 1 member
   *[other] { $class }: { $count } members
  }
open-electorate-hint = Whoever joins later votes on what opens later.
open-when = How long?
open-minimum = { $duration }
open-minimum-hint = The shortest for “{ $type }” (article { $article }): from { $opens } to { $closes }.
open-later = Longer, until:
open-final = Nobody can close it earlier, not the stewards either. It can be extended.
closes-field = Day and hour of closing, in UTC
closes-field-hint = UTC is the time of London in winter.
deed-extend-text = Voting would close on { $time }. Ballots already cast stay; everybody can still change theirs.
deed-challenge-text = It was called as urgent and would close on { $time }. If you challenge that, it goes on as a regular decision, with its duration and its threshold.
deed-withdraw-text = Voting would have closed on { $time }. Taken back, nothing is decided; the text, the thread and the ballots stay readable.
deed-as = For whom do you do this?
deed-reason = Your reason
deed-reason-hint = Everybody reads it; it stays on the record.
