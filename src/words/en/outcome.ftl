# English. What came out of a vote and why, one sentence for each point.

outcome-passed = The proposal passes.
outcome-not-passed = The proposal does not pass.
outcome-chosen = The choice is “{ $options }”.
outcome-nothing-chosen = No option is chosen.
outcome-class-agrees = { $agree ->
    [one] 1 of { $sides } { $class } who took a side agrees.
   *[other] { $agree } of { $sides } { $class } who took a side agree.
  }
outcome-class-chooses = Most { $class } chose “{ $options }”: { $votes } of { $cast } who voted.
outcome-challenged = Another member contested the call: the vote counts as { $to }, not as { $from }.
outcome-extended = Voting goes on until { $closes }.
outcome-withdrawn = The proposer took the proposal back; nothing was counted.
outcome-class-empty = { $rule ->
    [lapse] None of the { $class } took a side: their { $strength } % lapses.
   *[other] None of the { $class } took a side: their { $strength } % is spread over the other classes.
  }
outcome-quorum-unmet = Only { $cast } of { $eligible } { $class } voted; their quorum is { $quorum } %.
outcome-empty-class-blocks = None of the { $class } took a side, and without them nothing passes.
outcome-nobody-took-a-side = Nobody took a side, so nothing is decided.
outcome-threshold-met = { $asked ->
    [more-than-half] { $result } % of the weighted vote agrees: more than half, as this type of decision asks.
    [at-least-half] { $result } % of the weighted vote agrees: at least half, as this type of decision asks.
    [more-than] { $result } % of the weighted vote agrees: more than { $threshold }, as this type of decision asks.
   *[at-least] { $result } % of the weighted vote agrees: at least { $threshold }, as this type of decision asks.
  }
outcome-threshold-missed = { $asked ->
    [more-than-half] { $result } % of the weighted vote agrees: this type of decision asks for more than half.
    [at-least-half] { $result } % of the weighted vote agrees: this type of decision asks for at least half.
    [more-than] { $result } % of the weighted vote agrees: this type of decision asks for more than { $threshold }.
   *[at-least] { $result } % of the weighted vote agrees: this type of decision asks for at least { $threshold }.
  }
outcome-lead-met = { $asked ->
    [more-than-half] The leading option has { $result } % of the weighted vote: more than half, as this type of decision asks.
    [at-least-half] The leading option has { $result } % of the weighted vote: at least half, as this type of decision asks.
    [more-than] The leading option has { $result } % of the weighted vote: more than { $threshold }, as this type of decision asks.
   *[at-least] The leading option has { $result } % of the weighted vote: at least { $threshold }, as this type of decision asks.
  }
outcome-lead-missed = { $asked ->
    [more-than-half] The leading option has { $result } % of the weighted vote: this type of decision asks for more than half.
    [at-least-half] The leading option has { $result } % of the weighted vote: this type of decision asks for at least half.
    [more-than] The leading option has { $result } % of the weighted vote: this type of decision asks for more than { $threshold }.
   *[at-least] The leading option has { $result } % of the weighted vote: this type of decision asks for at least { $threshold }.
  }
outcome-tie = Exactly half of the weighted vote agrees. A tie does not pass.
outcome-options-tie = “{ $options }” lead with the same weighted share. A tie stays a tie.
outcome-blocks-stand = { $blocks ->
    [one] One block stands: to overrule it takes { $override } % of the weighted vote, and { $result } % agrees.
   *[other] { $blocks } blocks stand: to overrule them takes { $override } % of the weighted vote, and { $result } % agrees.
  }
outcome-blocks-overruled = { $blocks ->
    [one] One block stands, overruled: { $result } % of the weighted vote agrees and { $override } % is enough.
   *[other] { $blocks } blocks stand, overruled: { $result } % of the weighted vote agrees and { $override } % is enough.
  }
outcome-effects-void = It passes, but what it was to do can no longer be done: parties or charter changed meanwhile.
outcome-reading = { $reading ->
    [head-count] { $passes ->
        [true] With one weight for every member, { $result } % would agree: it would pass.
       *[false] With one weight for every member, { $result } % would agree: it would not pass.
      }
    [lapse] { $passes ->
        [true] If the strength of empty classes lapsed, { $result } % would agree: it would pass.
       *[false] If the strength of empty classes lapsed, { $result } % would agree: it would not pass.
      }
   *[redistribute] { $passes ->
        [true] If the strength of empty classes were spread over the others, { $result } % would agree: it would pass.
       *[false] If the strength of empty classes were spread over the others, { $result } % would agree: it would not pass.
      }
  }
outcome-reading-choice = { $reading ->
    [head-count] { $passes ->
        [true] With one weight for every member, “{ $options }” would win with { $result } %.
       *[false] With one weight for every member, no option would win; { $result } % would lead.
      }
    [lapse] { $passes ->
        [true] If the strength of empty classes lapsed, “{ $options }” would win with { $result } %.
       *[false] If the strength of empty classes lapsed, no option would win; { $result } % would lead.
      }
   *[redistribute] { $passes ->
        [true] If the strength of empty classes were spread over the others, “{ $options }” would win with { $result } %.
       *[false] If the strength of empty classes were spread over the others, no option would win; { $result } % would lead.
      }
  }
outcome-begins-epoch = It takes effect with epoch { $epoch }.
outcome-effects-taken = It takes effect at once.
# Several options, between the quotation marks of the sentence around them
outcome-both = { $first }” and “{ $second }
# A sentence with the article that it rests on
outcome-cited = { $sentence } (Article { $article }.)
