-- Which entries of a journal wait for what they rest on, the earliest first.
CREATE INDEX pending_by_journal_position ON pending (journal, position);
