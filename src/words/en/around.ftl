# English. Each message is a whole sentence or a whole label; translators may turn everything around.
# [[…]] marks the words of a link. Times and names arrive as arguments.

## Around every page
skip = Skip to the content
nav-label = Main
nav-home = Home
nav-proposals = Proposals
nav-decisions = Decisions
nav-members = Members
nav-charter = Charter
nav-consortium = Consortium
nav-stewards = Stewards
nav-account = Me
nav-log-in = Log in
no-consortium = Folkmoot
at-node = at { $node }
demo-banner = This is a demonstration: what would take days takes seconds here.
footer-place = { $node } runs this node. Every member co-op runs one of its own; none of them is the centre.
footer-api = For programs
feed-decisions = Feed of decisions
feed-deadlines = Calendar of deadlines
# What feed readers and calendars show
feed-decisions-title = Decisions of { $consortium }
feed-decision = Decision { $number }: { $title }
feed-votes-title = Votes of { $consortium }
feed-opens = Voting opens: { $title }
feed-closes = Voting closes: { $title }
feed-review = Review: { $title }
turns-label = Pages: { $list }
turn-newer = Newer
turn-older = Older
turn-previous = Previous page
turn-next = Next page
choose = Choose…
optional = (if you like)
problems-title = { $count ->
    [one] One thing needs mending
   *[other] { $count } things need mending
  }
field-wrong = Please mend: { $problem }

## Time
# weekday: 1 is Monday
time-utc = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
  } { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
  } { $year }, { $clock } UTC
day-utc = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
  } { $year }
# { $time } is put in by the browser
time-local = { $time } your time
duration = { $unit ->
    [days] { $count ->
        [one] 1 day
       *[other] { $count } days
      }
    [hours] { $count ->
        [one] 1 hour
       *[other] { $count } hours
      }
    [minutes] { $count ->
        [one] 1 minute
       *[other] { $count } minutes
      }
   *[seconds] { $count ->
        [one] 1 second
       *[other] { $count } seconds
      }
  }
closes = { $unit ->
    [past] Voting closed on { $time }
    [days] Closes in { $count } days ({ $time })
    [hours] Closes in { $count } hours ({ $time })
    [minutes] Closes in { $count } minutes ({ $time })
   *[seconds] { $count ->
        [one] Closes in 1 second ({ $time })
       *[other] Closes in { $count } seconds ({ $time })
      }
  }
opens = { $unit ->
    [past] Voting opened on { $time }
    [days] Voting opens in { $count } days ({ $time })
    [hours] Voting opens in { $count } hours ({ $time })
    [minutes] Voting opens in { $count } minutes ({ $time })
   *[seconds] { $count ->
        [one] Voting opens in 1 second ({ $time })
       *[other] Voting opens in { $count } seconds ({ $time })
      }
  }
objection-until = { $unit ->
    [past] The time for objections ended on { $time }
    [days] Objections are heard for { $count } more days ({ $time })
    [hours] Objections are heard for { $count } more hours ({ $time })
    [minutes] Objections are heard for { $count } more minutes ({ $time })
   *[seconds] { $count ->
        [one] Objections are heard for 1 more second ({ $time })
       *[other] Objections are heard for { $count } more seconds ({ $time })
      }
  }
review-on = To be looked at again on { $day }

## States
state-draft = Draft
state-announced = Announced
state-open = Open
state-closing-soon = Closing soon
state-counting = Counting
state-passed = Passed
state-not-passed = Not passed
state-contested = Contested
state-withdrawn = Withdrawn
state-uncertified = Not certified

## Home
home-title = Home
home-hello = Welcome back, { $name }
home-welcome = Here co-operatives decide together about what they hold in common. This page is kept by { $node }; every co-op keeps its own, and all of them come to the same result.
home-welcome-none = This node belongs to no consortium yet
home-none = It can be read here what the members decide, once this node belongs to one.
home-none-steward = Found a consortium with the command “folkmoot consortium found”, or wait for the invitation of another co-op: it is shown here, with the charter to read.
home-join = Ask to join
needs-title = What waits for you
needs-intro = { $count ->
    [one] One thing waits for you.
   *[other] { $count } things wait for you.
  }
needs-none = Nothing waits for you. Have a look at what the others are working on.
need-vote-as = You can vote for: { $voters }.
need-vote-action = Vote
need-draft = Your draft can be put to the vote.
need-draft-action = Go on
need-requests = { $count ->
    [one] Somebody asks to join
   *[other] { $count } people and co-ops ask to join
  }
need-requests-action = Read
need-objection = { $name } asks to join the consortium
need-objection-action = Read the request
need-charter = { $from } invites your co-op to found { $name }
need-charter-action = Read the charter
need-review = Decision { $number } comes up for review.
need-review-action = Look again
founding-title = The consortium is being founded
founding-text = { $count ->
    [one] { $accepted } of 1 party has accepted the charter. Nothing binding can be decided before all have. [[See who is still reading]]
   *[other] { $accepted } of { $count } parties have accepted the charter. Nothing binding can be decided before all have. [[See who is still reading]]
  }
open-title = Open now
open-none = No proposal is open. Anyone on the roll can [[draft one]].
decided-title = Decided of late
decided-none = Nothing has been decided yet. What can be decided, and how, stands in the [[charter]].
all-decisions = All decisions
all-proposals = All proposals
new-proposal = Draft a proposal

## What was just done
done-draft-saved = Your draft is saved.
done-vote-opened = It is put to the vote.
done-comment-posted = Your comment is posted.
done-vote-extended = The vote is extended.
done-call-challenged = The urgent call is challenged.
done-proposal-withdrawn = The proposal is taken back.
done-request-sent = Your request is sent.
done-request-endorsed = The request is endorsed.
done-request-refused = The request is refused, and the person is told why.
done-objection-made = Your objection is on the record.
done-member-ended = It is on the record.
done-member-reinstated = The member is reinstated.
done-mandate-given = The mandate is given.
done-mandate-ended = The mandate is ended.
done-charter-accepted = The charter is accepted.
done-invitation-declined = The invitation is gone.
done-password-changed = Your password is changed.
done-token-made = The token is made.
done-token-ended = The token is ended.
done-key-changed = The key is in use.
done-notice-sent = The notice is sent.
done-logged-in = You are logged in.
done-logged-out = You are logged out.

## When something is not there or does not work
failure-log-in = Log in first
failure-log-in-text = This is for people with an account at { $node }. Nothing was done.
failure-home = Go to the [[first page]].
failure-fault = Nothing was saved. The people who run this node find the reason in its log. Go to the [[first page]].
