# English. What a charter means for those who live under it, one point for each rule and each blank.

# What stands at the beginning
explain-head = Charter of { $name }, version { $version }, with { $articles } articles and { $principles } principles.
explain-demo = It is a demo: durations are for trying things out, not for deciding.
# { $rights } are named below
explain-class =
    The class of { $name } ({ $kind ->
        [person] persons
       *[organisation] organisations
    }) has { $strength } % of the vote, { $quorum ->
        [none] without a quorum
       *[other] with a quorum of { $quorum }
    }; its members { $rights ->
        [none] have no rights of their own
       *[other] may { $rights }
    }.
explain-right-propose = propose
explain-right-vote = vote
explain-right-sponsor = sponsor members
explain-right-custody = hold funds
explain-right-ledger = see the ledger
explain-type =
    A vote that is { $name } lasts at least { $duration } and passes with { $asked ->
        [more-than-half] more than half
        [at-least-half] at least half
        [more-than] more than { $threshold }
       *[at-least] at least { $threshold }
    } of the weighted vote; it is called by { $callers ->
        [any] any class that proposes
       *[named] { $classes }
    }.
explain-challenge = Another of them can contest the haste: the vote then becomes { $name }.
explain-no-effects = It changes neither roll nor charter by itself.
# { $effects } are named below
explain-effects = It can { $effects }.
explain-effect-admit-member = admit an organisation
explain-effect-end-member = end a membership
explain-effect-amend-charter = change the charter
explain-effect-admit-party = admit a party with its node
explain-effect-change-key = replace the key of a node
explain-effect-remove-party = remove a party
explain-custody-device = Only ballots that members sign with a key of their own count.
explain-custody-node = Ballots are signed by the members' nodes.
explain-empty-class = { $rule ->
    [lapse] Where nobody of a class takes a side, its strength lapses and counts against the proposal.
    [block] Where nobody of a class takes a side, nothing passes.
   *[redistribute] Where nobody of a class takes a side, its strength is spread over the other classes.
  }
explain-tie = A tie does not pass.
explain-blocks = A block counts as disagreement and stops a proposal until its caster lifts it or at least { $override } of the weighted vote agrees; its grounds are: { $grounds }.
explain-joining = Persons join by a written request, agreement to the terms and a committed contribution; { $objectors } have { $duration } to object. Organisations join by decision.
explain-roll-age = Who votes is what the journals had certified { $duration } before the vote opened.
explain-closing = A vote is announced { $opening } before it opens. After it closes, ballots settle for { $settle } and nodes are given { $delay } to answer each other.
# { $recovery } is a sentence of the charter
explain-abandonment = Without a certificate after { $duration }: { $recovery }
explain-first-year = In the first year an organisation contributes { $hours_least } to { $hours_most } hours of work, or { $money_least } to { $money_most } { $currency }, or a mix.
explain-every-year = Producers work at least { $hours } hours a year; a sponsor keeps { $share } of what its new organisation pays; work is validated by { $validators } others.
explain-readers-public = Everybody can read the record.
explain-readers-consortium = Members and the parties' nodes can read the record; others see digests.
explain-licences = What is published is free: software under { $software }, content under { $content }, data under { $data }, industrial designs under { $designs }.
# { $why } is a sentence of the charter
explain-blank = Blank: { $path } is provisionally “{ $value }”. { $why }
explain-blank-nothing = Blank: { $path } is provisionally nothing yet. { $why }

# What stands at one place of a charter. What is shown here is also read where somebody types it.
setting-threshold = { $strict ->
    [true] more than { $share }
   *[false] at least { $share }
  }
# May be typed as a share
setting-half = half
setting-flag = { $on ->
    [true] true
   *[false] false
  }
# One value of several. { $field } is its name in charter files, such as minimum_seconds; a variant of its own can say it
# otherwise than { $name }.
setting-part = { $field ->
   *[other] { $name }: { $value }
  }
